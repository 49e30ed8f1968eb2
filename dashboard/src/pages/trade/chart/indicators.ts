/** What strategies go by, as lines of a chart: which, where, how they look, what they say. */
import type { Shapes } from "../../../api/client";
import { precisionOf } from "../../../parts/precision";

export type Drawn = Shapes["Drawn"];
export type Elsewhere = Shapes["ReadElsewhere"];
/** [seconds, value] */
type Point = Drawn["points"][number];

export type Look = {
  hue: { dark: string; light: string };
  /** As lightweight-charts numbers its line styles. */
  style: 0 | 1 | 2 | 3;
  /** The same, as a stroke-dasharray. */
  dashes: string;
  width: 1 | 2;
};

export type Shown = {
  key: string;
  row: Drawn;
  look: Look;
  /** 0 is that of the candles, null where there is no room. */
  pane: number | null;
  /** Decimal places of its values. */
  places: number;
};

export const MOST_PANES = 3; // and one on a phone

// Neither green nor red, which mean up and down. Hues and dashes are of coprime number, so
// no two of twenty lines look alike, also to who sees no colours.
const HUES = [
  { dark: "#6ea8ff", light: "#1d5fc4" },
  { dark: "#e5b454", light: "#8a5a00" },
  { dark: "#c39af5", light: "#7638b5" },
  { dark: "#4fd0d8", light: "#0b6f7a" },
  { dark: "#f29ac4", light: "#ad2d74" },
] as const;
const DASHES = [
  { style: 0, dashes: "", width: 2 },
  { style: 2, dashes: "4 3", width: 2 },
  { style: 1, dashes: "1.5 2.5", width: 2 },
  { style: 3, dashes: "6 6", width: 1 },
] as const;

export function lookOf(place: number): Look {
  const hue = HUES[place % HUES.length] ?? HUES[0];
  return { hue, ...(DASHES[place % DASHES.length] ?? DASHES[0]) };
}

export function keyOf(row: Drawn): string {
  return `${row.strategy} ${row.name}`;
}

/** Return the newest answer's lines with the points of older ones; of equal times the newer's. */
export function joinedLines(newest: readonly Drawn[], older: readonly (readonly Drawn[])[]) {
  return newest.map((row) => {
    const points = new Map<number, Point>();
    const same = older.flatMap((rows) => rows.filter((each) => keyOf(each) === keyOf(row)));
    for (const each of [...same, row])
      for (const point of each.points) points.set(secondOf(point), point);
    return {
      ...row,
      points: [...points.values()].sort((one, other) => secondOf(one) - secondOf(other)),
    };
  });
}

/** Return every line with its look and its pane: one for all outputs of an indicator. */
export function shownOf(
  rows: readonly Drawn[],
  hidden: readonly string[],
  places: number,
  mostPanes = MOST_PANES,
): Shown[] {
  const panes: string[] = [];
  return rows.map((row, place) => {
    const key = keyOf(row);
    const shown = { key, row, look: lookOf(place) };
    if (row.overlay) return { ...shown, pane: 0, places };
    const own = JSON.stringify([row.strategy, row.indicator]);
    if (!hidden.includes(key) && !panes.includes(own)) panes.push(own);
    const at = panes.indexOf(own) + 1;
    const finest = precisionOf(row.points.map(([, value = 0]) => value));
    return { ...shown, pane: at && at <= mostPanes ? at : null, places: finest };
  });
}

/** Return a line's value at the bar that begins at a second, the newest for null. */
export function valueAt(points: readonly Point[], second: number | null): number | null {
  if (second === null) return points.at(-1)?.[1] ?? null;
  let [low, high] = [0, points.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (secondOf(points[middle] ?? []) < second) low = middle + 1;
    else high = middle;
  }
  const found = points[low];
  return found?.[0] === second ? (found[1] ?? null) : null;
}

function secondOf(point: Point): number {
  return point[0] ?? 0;
}

/** Say who reads bars of which width: "sma_cross reads 5m bars". */
export function wordsOf({ timeframe, strategies }: Elsewhere): string {
  const [first, ...others] = strategies;
  const last = others.pop();
  if (last === undefined) return `${first} reads ${timeframe} bars`;
  return `${[first, ...others].join(", ")} and ${last} read ${timeframe} bars`;
}
