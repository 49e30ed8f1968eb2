/** Levels of a book as rows, with what rests up to each. */
import type { Shapes } from "../../../api/client";
import { compared, difference, isDecimal, sum } from "../decimal";

type Told = Shapes["Ladder"];
export type Own = Shapes["OwnLevel"];

export type Level = {
  price: string;
  quantity: string;
  /** What rests at this price and every better one. */
  total: string;
  /** The total as a share of the deeper side's, 0 to 1: how long its bar is. */
  share: number;
  venues: readonly (readonly [venue: string, quantity: string])[];
  own: readonly Own[];
};

export type Sides = { bids: Level[]; asks: Level[]; spread: string | null };

export function sidesOf(ladder: Told, depth: number): Sides {
  const bids = totalled(ladder.bids, depth);
  const asks = totalled(ladder.asks, depth);
  const deepest = Math.max(Number(bids.at(-1)?.total ?? 0), Number(asks.at(-1)?.total ?? 0));
  const finished = (rows: Level[], side: string) =>
    rows.map((row) => ({
      ...row,
      share: deepest ? Number(row.total) / deepest : 0,
      own: ladder.own.filter(
        (each) => each.side.toLowerCase() === side && same(each.price, row.price),
      ),
    }));
  const [bid, ask] = [bids[0]?.price, asks[0]?.price];
  return {
    bids: finished(bids, "buy"),
    asks: finished(asks, "sell"),
    spread: bid && ask ? difference(ask, bid) : null,
  };
}

function totalled(levels: Told["bids"], depth: number): Level[] {
  let total = "0";
  return levels.slice(0, depth).map(([price, quantity, venues]) => {
    total = sum(total, String(quantity));
    return {
      price: String(price),
      quantity: String(quantity),
      total,
      share: 0,
      venues: typeof venues === "object" ? Object.entries(venues) : [],
      own: [],
    };
  });
}

function same(one: string, other: string): boolean {
  return isDecimal(one) && isDecimal(other) && compared(one, other) === 0;
}

/** Return how many places to write numbers with, so that all are equally long and the longest
 * has no more digits than there is room for. */
export function placesFor(numbers: readonly string[], digits: number): number {
  const most = Math.max(0, ...numbers.map((number) => (number.split(".")[1] ?? "").length));
  const whole = Math.max(1, ...numbers.map((number) => (number.split(".")[0] ?? "").length));
  return Math.max(0, Math.min(most, digits - whole));
}

/** The outline of one side of a depth chart: each level is a step. */
export type Depth = { bids: Corner[]; asks: Corner[]; low: number; high: number; most: number };
export type Corner = { price: number; total: number };

/** Return both sides within the same distance of the middle, so that neither looks deeper for
 * being told further. Null without two sides. */
export function depthOf({ bids, asks }: Sides): Depth | null {
  const corner = (level: Level) => ({ price: Number(level.price), total: Number(level.total) });
  const [below, above] = [bids.map(corner), asks.map(corner)];
  const [bid, ask] = [below[0], above[0]];
  if (!bid || !ask) return null;
  const middle = (bid.price + ask.price) / 2;
  const reach = Math.min(
    middle - (below.at(-1)?.price ?? middle),
    (above.at(-1)?.price ?? middle) - middle,
  );
  if (reach <= 0) return null;
  const [low, high] = [middle - reach, middle + reach];
  const inside = [below.filter((it) => it.price >= low), above.filter((it) => it.price <= high)];
  const most = Math.max(...inside.map((side) => side.at(-1)?.total ?? 0));
  return { bids: inside[0] ?? [], asks: inside[1] ?? [], low, high, most };
}
