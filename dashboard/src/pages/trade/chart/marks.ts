/** Own fills as marks on the candles: one for each side of a bar, named where there is room. */
import type { Shapes } from "../../../api/client";
import { normal, sum } from "../decimal";
import { type Bar, barAt, startOf } from "./bars";

type Fill = Shapes["Fill"];

export type Mark = {
  /** When its bar began, in seconds. */
  time: number;
  side: "buy" | "sell";
  words: string;
  /** In the order they happened. */
  fills: readonly Fill[];
};

/** Return fills told twice, once asked for and once pushed, each once. */
export function joinedFills(...answers: readonly (readonly Fill[])[]): Fill[] {
  const known = new Map<string, Fill>();
  for (const fill of answers.flat()) {
    known.set(`${fill.account} ${fill.venue_order_id} ${fill.execution_id}`, fill);
  }
  return [...known.values()];
}

/** Return own fills at the bars they happened in, oldest bar first. */
export function marksOf(fills: readonly Fill[], bars: readonly Bar[]): Mark[] {
  const parts = new Map<string, Fill[]>();
  for (const fill of fills) {
    const time = fill.at == null ? null : barAt(bars, fill.at / 1e9);
    if (time === null) continue;
    const key = `${time} ${fill.side.toLowerCase() === "buy" ? "buy" : "sell"}`;
    const known = parts.get(key);
    if (known) known.push(fill);
    else parts.set(key, [fill]);
  }
  return [...parts]
    .map(([key, mine]) => {
      const [time, side] = key.split(" ") as [string, Mark["side"]];
      mine.sort((one, other) => (one.at ?? 0) - (other.at ?? 0));
      return { time: Number(time), side, words: wordsOf(side, mine), fills: mine };
    })
    .sort((one, other) => one.time - other.time);
}

const DIGITS = 3; // of a sum: whoever points at it is told all of them

function wordsOf(side: Mark["side"], fills: readonly Fill[]): string {
  const quantity = normal(fills.map((fill) => fill.quantity).reduce(sum));
  return fills.length === 1 ? quantity : `${fills.length} ${side}s ${rounded(quantity)}`;
}

/** Return a quantity with as many digits as can be read at a glance, none of its whole ones lost. */
function rounded(quantity: string): string {
  const places = DIGITS - (quantity.split(".")[0]?.replace(/^0$/, "").length ?? 0);
  const [, zeros = ""] = /^0\.(0*)/.exec(quantity) ?? [];
  return normal(Number(quantity).toFixed(Math.max(places + zeros.length, 0)));
}

/** How a chart lies: pixels of a bar, which bars are in sight, how far down a price stands. */
export type Lie = {
  barPx: number;
  from: number;
  to: number;
  yOf: (price: number) => number | null;
};

const LETTER_PX = 6; // of the chart's font, on average a little less
const BETWEEN_PX = 8;
const WORDS_PX = [12, 32] as const; // from a bar's end, where words stand beyond its arrow

/** Return the marks whose words have room: in sight, beside those of newer ones on their side,
 * and clear of the candles around. */
export function named(marks: readonly Mark[], bars: readonly Bar[], lie: Lie): Set<Mark> {
  const places = new Map(bars.map((bar, place) => [startOf(bar), place]));
  const taken = { buy: lie.to * lie.barPx, sell: lie.to * lie.barPx };
  const found = new Set<Mark>();
  for (const mark of [...marks].reverse()) {
    const place = places.get(mark.time);
    if (place === undefined) continue;
    const half = (mark.words.length * LETTER_PX) / 2;
    const [left, right] = [place * lie.barPx - half, place * lie.barPx + half];
    if (left < lie.from * lie.barPx || right > taken[mark.side]) continue;
    if (!isClear(mark.side, bars, place, Math.ceil(half / lie.barPx), lie.yOf)) continue;
    taken[mark.side] = left - BETWEEN_PX;
    found.add(mark);
  }
  return found;
}

/** Tell whether no candle around reaches to where the words of a bar's mark would stand. */
function isClear(
  side: Mark["side"],
  bars: readonly Bar[],
  place: number,
  reach: number,
  yOf: Lie["yOf"],
): boolean {
  const ends = (bar: Bar) => [yOf(bar[2] ?? 0), yOf(bar[3] ?? 0)] as const;
  const [top, bottom] = ends(bars[place] ?? []);
  if (top === null || bottom === null) return true;
  const [near, far] = WORDS_PX;
  const [from, to] = side === "buy" ? [bottom + near, bottom + far] : [top - far, top - near];
  return bars.slice(Math.max(place - reach, 0), place + reach + 1).every((bar) => {
    const [high, low] = ends(bar);
    return high === null || low === null || low < from || high > to;
  });
}

/** Return the price that fills have on average: to be looked at, so a float will do. */
export function averageOf(fills: readonly Pick<Fill, "price" | "quantity">[]): number {
  const quantity = fills.reduce((all, fill) => all + Number(fill.quantity), 0);
  return (
    fills.reduce((all, fill) => all + Number(fill.price) * Number(fill.quantity), 0) / quantity
  );
}
