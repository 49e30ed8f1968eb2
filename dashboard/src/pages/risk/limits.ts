/** Limits as people read them: what each is called, how near it is, the nearest first. */
import type { Shapes } from "../../api/client";
import { grouped } from "../../parts/Num";

export type Limit = Shapes["LimitUse"];

const units = /_(pct|bps|max|s)$/;
const rates: Record<string, string> = { s: "second", minute: "minute" };

/** Return a limit's name in words, without the unit that its value has already. */
export function titleOf(name: string): string {
  const words = name
    .replace(/_per_(s|minute)$/, (_, time: string) => ` per ${rates[time]}`)
    .replace(units, "")
    .replace(/^max_/, "")
    .replaceAll("_", " ");
  return words.charAt(0).toUpperCase() + words.slice(1);
}

/** Return how much of a limit is used; null where it has no number, or judges single orders. */
export function shareOf(limit: Pick<Limit, "value" | "used">): number | null {
  const value = Number(limit.value ?? "none");
  if (limit.used === null || limit.used === undefined || !Number.isFinite(value)) return null;
  const used = Number(limit.used);
  if (value > 0) return used / value;
  return used > 0 ? 1 : 0;
}

/** Return what is used in words, which never say that all is while the limit is not reached. */
export function usedWords(limit: Pick<Limit, "value" | "used" | "breached">): string {
  const share = shareOf(limit);
  if (share === null) return "on each order";
  const percent = Math.round(share * 100);
  return `${grouped(limit.used, 2)} (${limit.breached ? percent : Math.min(percent, 99)} %)`;
}

/** Return limits in order of how much they matter now: breached, near, set, not set. */
export function arranged(limits: readonly Limit[]): Limit[] {
  const weight = (limit: Limit) => {
    if (limit.breached) return 10;
    const share = shareOf(limit);
    if (share !== null) return 2 + Math.min(share, 1);
    return isSet(limit) ? 1 : 0;
  };
  return [...limits].sort(
    (one, other) =>
      weight(other) - weight(one) ||
      one.name.localeCompare(other.name) ||
      one.scope.localeCompare(other.scope),
  );
}

export function isSet(limit: Pick<Limit, "value">): boolean {
  return limit.value !== null && limit.value !== "none" && limit.value !== "";
}

/** Return a limit's value with its unit. */
export function valueWords(limit: Pick<Limit, "value" | "unit">): string {
  if (!isSet(limit)) return "no limit";
  if (limit.value === "true" || limit.value === "false") {
    return limit.value === "true" ? "yes" : "no";
  }
  const unit = limit.unit === "count" ? "" : limit.unit;
  return `${grouped(limit.value)}${unit ? ` ${unit}` : ""}`;
}

/** Return whether somebody set it, beside what the settings say. */
export function isOverridden(limit: Pick<Limit, "by">): boolean {
  return limit.by !== "settings" && limit.by !== "";
}

export type Bar = { symbol: string; value: number; share: number };

/** Return exposure by symbol, the largest first, each as a share of the largest, signed. */
export function exposureBars(bySymbol: Readonly<Record<string, string>>): Bar[] {
  const rows = Object.entries(bySymbol)
    .map(([symbol, text]) => ({ symbol, value: Number(text) }))
    .filter((row) => Number.isFinite(row.value) && row.value !== 0)
    .sort((one, other) => Math.abs(other.value) - Math.abs(one.value));
  const largest = Math.abs(rows[0]?.value ?? 0);
  return rows.map((row) => ({ ...row, share: row.value / largest }));
}
