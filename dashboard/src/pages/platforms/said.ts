/** What a platform that is not ours has said: the newest of each thing, by subject. */
import type { Shapes } from "../../api/client";
import { grouped } from "../../parts/Num";

export type Held = Shapes["HeldValue"];

/** What each subject is about, in the shape the platform pushed. */
type Shape = {
  portfolio: Shapes["PlatformPortfolio"];
  "market-data": Shapes["MarketData"];
  orders: Shapes["PlatformOrder"];
  fills: Shapes["PlatformFill"];
  "strategy-performance": Shapes["StrategyPerformance"];
  "risk-metrics": Shapes["RiskMetrics"];
  metrics: Shapes["CustomMetric"];
  charts: Shapes["CustomChart"];
  predictions: Shapes["Prediction"];
  news: Shapes["News"];
  sentiment: Shapes["Sentiment"];
};

export type Subject = keyof Shape;
export type Said<S extends Subject> = { key: string; at_ns: number; value: Shape[S] };
export type Everything = { readonly [S in Subject]?: readonly Said<S>[] };

/** Of what happens, the newest stands first; what is so has its place and stays there. */
const happens: readonly string[] = ["orders", "fills", "news"] satisfies Subject[];

/** Part what a platform said by subject. The rows of a subject of which nothing is new are the
 * same array as before, so that nobody need draw them again. */
export function bySubject(rows: readonly Held[], before: Everything): Everything {
  const parted = new Map<string, Held[]>();
  for (const row of rows) {
    const known = parted.get(row.subject);
    if (known) known.push(row);
    else parted.set(row.subject, [row]);
  }
  const kept = before as Record<string, readonly Held[] | undefined>;
  const found: Record<string, readonly Held[]> = {};
  for (const [subject, mine] of parted) {
    mine.sort(happens.includes(subject) ? newestFirst : byKey);
    const old = kept[subject];
    found[subject] = old && isSame(old, mine) ? old : mine;
  }
  return found as Everything;
}

function newestFirst(one: Held, other: Held): number {
  return other.at_ns - one.at_ns || byKey(one, other);
}

function byKey(one: Held, other: Held): number {
  return one.key.localeCompare(other.key, undefined, { numeric: true });
}

function isSame(some: readonly Held[], others: readonly Held[]): boolean {
  return some.length === others.length && some.every((row, at) => row === others[at]);
}

/** Return when the newest of several things was so. */
export function newestOf(rows: readonly { at_ns: number }[]): number {
  return rows.reduce((newest, row) => Math.max(newest, row.at_ns), 0);
}

/** Say how much of what a platform tells: the most first. */
export function spoken(subjects: Readonly<Record<string, number>>): string {
  return Object.entries(subjects)
    .filter(([, count]) => count > 0)
    .sort(([, one], [, other]) => other - one)
    .map(([subject, count]) => `${count} ${subject.replaceAll("-", " ")}`)
    .join(", ");
}

const ours: Readonly<Record<string, string>> = {
  new: "New",
  open: "New",
  working: "New",
  accepted: "New",
  pending: "PendingNew",
  pendingnew: "PendingNew",
  partial: "PartiallyFilled",
  partiallyfilled: "PartiallyFilled",
  filled: "Filled",
  cancelled: "Canceled",
  canceled: "Canceled",
  rejected: "Rejected",
  expired: "Expired",
  running: "running",
  active: "running",
  paused: "paused",
  stopped: "stopped",
  failed: "failed",
};

/** Return our word for a state that a platform names in its own, else its own. */
export function stateOf(word: string): string {
  return ours[word.toLowerCase().replaceAll(/[\s_-]/g, "")] ?? word;
}

/** Return an address that may be followed: of the web, and of nothing else. */
export function followed(url: string | undefined): string | null {
  if (!url) return null;
  try {
    const { protocol, href } = new URL(url);
    return protocol === "https:" || protocol === "http:" ? href : null;
  } catch {
    return null;
  }
}

type Amount = string | number | null | undefined;
const FINEST = 8;

/** Return an amount with the decimals it was told with, or as many as the finest of others that
 * stand beside it: 4.20 stays 4.20, and 78 beside 78.31 is 78.00. */
export function written(amount: Amount, beside: readonly Amount[] = []): string {
  const places = [amount, ...beside].map((each) => String(each ?? "").split(".")[1]?.length ?? 0);
  return grouped(amount, FINEST, Math.min(Math.max(...places), FINEST));
}

export type Points = readonly (readonly number[])[];

/** Lay the value that was just pushed behind those that were asked for before. */
export function joined(points: Points, at_ns: number, value: number): Points {
  const seconds = at_ns / 1e9;
  const last = points.at(-1)?.[0];
  return last !== undefined && seconds - last < 1e-3 ? points : [...points, [seconds, value]];
}
