/** A stored series as a strip: where there is data, and where there is none. */
import type { Shapes } from "../../api/client";

export type Series = Shapes["Series"];
export type Piece = { from: number; width: number; isGap: boolean };

/** Return a series from its first to its last moment in pieces, as shares of the whole.
 *
 * A gap too narrow to see is made `least` wide: what is missing must not vanish.
 */
export function strip(
  first_ns: number | null,
  last_ns: number | null,
  gaps: readonly (readonly number[])[],
  least = 0.004,
): Piece[] {
  if (first_ns === null || last_ns === null || last_ns <= first_ns) return [];
  const whole = last_ns - first_ns;
  const share = (ns: number) => Math.min(Math.max((ns - first_ns) / whole, 0), 1);
  const pieces: Piece[] = [];
  let at = 0;
  for (const [begins, ends] of [...gaps].sort((one, other) => (one[0] ?? 0) - (other[0] ?? 0))) {
    if (begins === undefined || ends === undefined || share(ends) <= at) continue;
    const from = Math.min(Math.max(share(begins), at), 1 - least);
    const to = Math.max(share(ends), from + least);
    if (from > at) pieces.push({ from: at, width: from - at, isGap: false });
    pieces.push({ from, width: to - from, isGap: true });
    at = to;
  }
  if (at < 1) pieces.push({ from: at, width: 1 - at, isGap: false });
  return pieces;
}

const widths: Readonly<Record<string, number>> = {
  s: 1,
  m: 60,
  h: 3_600,
  d: 86_400,
  w: 604_800,
  M: 2_678_400,
};
const SLACK = 3;
const SLACK_S = 120;

/** Return whether a series is up to date: at most a few of its bars behind. */
export function isFresh(series: Pick<Series, "age_s" | "timeframe">): boolean {
  if (series.age_s === null) return false;
  const [, count, unit] = /^(\d+)([smhdwM])$/.exec(series.timeframe) ?? [];
  const width_s = unit ? Number(count) * (widths[unit] ?? 0) : 0;
  return series.age_s <= SLACK * width_s + SLACK_S;
}
