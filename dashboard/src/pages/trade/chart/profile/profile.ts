/** Volume by price: how much was traded in each of equally high rows of prices. */
import type { Bar } from "../bars";

export type Profile = {
  /** Where the lowest row begins. */
  bottom: number;
  /** How high a row is; 0 when all was traded at one price and nobody said what a tick is. */
  step: number;
  /** Volumes, from the lowest row up. */
  rows: readonly number[];
  /** The row with most volume, the point of control. */
  peak: number;
  /** First and last row of the value area. */
  area: readonly [first: number, last: number];
};

export const MOST_ROWS = 24;
export const AREA = 0.7; // of the volume lies in the value area, or a little more

/**
 * Spread every bar's volume evenly over the prices from its low to its high.
 *
 * Rows are no lower than a tick. Null when nothing was traded.
 */
export function profileOf(bars: readonly Bar[], tick = 0, mostRows = MOST_ROWS): Profile | null {
  const half = tick / 2; // a price that was traded at stands for the tick around it
  const traded = bars
    .filter((bar) => volumeOf(bar) > 0)
    .map((bar) => [(bar[3] ?? 0) - half, (bar[2] ?? 0) + half, volumeOf(bar)] as const);
  if (!traded.length) return null;
  let [bottom, top] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (const [low, high] of traded) {
    if (low < bottom) bottom = low;
    if (high > top) top = high;
  }
  const most = tick > 0 ? Math.min(mostRows, Math.round((top - bottom) / tick)) : mostRows;
  const count = top > bottom ? most : 1;
  const step = (top - bottom) / count;
  const rows = new Array<number>(count).fill(0);
  const rowAt = (price: number) =>
    step ? Math.min(Math.max(Math.floor((price - bottom) / step), 0), count - 1) : 0;
  for (const [low, high, volume] of traded) {
    const last = rowAt(high);
    let from = low;
    for (let row = rowAt(low); row <= last; row++) {
      const to = row === last ? high : bottom + (row + 1) * step;
      const share = high > low ? (to - from) / (high - low) : 1;
      rows[row] = (rows[row] ?? 0) + volume * share;
      from = to;
    }
  }
  const peak = peakOf(rows);
  return { bottom, step, rows, peak, area: areaOf(rows, peak) };
}

export type Levels = { control: number; low: number; high: number };

/** Return the point of control and the ends of the value area, as prices that can be traded at. */
export function levelsOf({ bottom, step, peak, area }: Profile, tick = 0): Levels {
  const near = (price: number) => (tick > 0 ? Math.round(price / tick) * tick : price);
  return {
    control: near(bottom + (peak + 0.5) * step),
    low: near(bottom + area[0] * step + tick / 2),
    high: near(bottom + (area[1] + 1) * step - tick / 2),
  };
}

/** Return the fullest row; of several the one nearest to the middle. */
function peakOf(rows: readonly number[]): number {
  const middle = (rows.length - 1) / 2;
  let peak = 0;
  rows.forEach((volume, row) => {
    const most = rows[peak] ?? 0;
    const isNearer = Math.abs(row - middle) < Math.abs(peak - middle);
    if (volume > most || (volume === most && isNearer)) peak = row;
  });
  return peak;
}

/** Grow from the fullest row, each time by the fuller neighbour, until enough is inside. */
function areaOf(rows: readonly number[], peak: number): [first: number, last: number] {
  const wanted = AREA * rows.reduce((sum, volume) => sum + volume, 0);
  let [first, last] = [peak, peak];
  let inside = rows[peak] ?? 0;
  while (inside < wanted && (first > 0 || last < rows.length - 1)) {
    const [below, above] = [rows[first - 1] ?? -1, rows[last + 1] ?? -1];
    if (above >= below) last += 1;
    else first -= 1;
    inside += Math.max(above, below);
  }
  return [first, last];
}

function volumeOf(bar: Bar): number {
  return bar[5] ?? 0;
}
