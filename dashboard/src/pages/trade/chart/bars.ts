/** Bars as the chart draws them. Floats are good enough to look at, and go nowhere else. */
/** [seconds, open, high, low, close, volume] */
export type Bar = readonly number[];

export const timeframes = ["5s", "1m", "5m", "15m", "1h", "4h", "1d"] as const;
export type Timeframe = (typeof timeframes)[number];

const seconds = { s: 1, m: 60, h: 3_600, d: 86_400 } as const;

export function widthOf(timeframe: Timeframe): number {
  return Number(timeframe.slice(0, -1)) * seconds[timeframe.slice(-1) as keyof typeof seconds];
}

export function startOf(bar: Bar): number {
  return bar[0] ?? 0;
}

/** Return bars of several answers as one row, oldest first; of equal times the later one. */
export function merged(...answers: readonly (readonly Bar[])[]): Bar[] {
  const byTime = new Map<number, Bar>();
  for (const bars of answers) for (const bar of bars) byTime.set(startOf(bar), bar);
  return [...byTime.values()].sort((one, other) => startOf(one) - startOf(other));
}

/** Tell whether something is missing between two answers: then history is asked for again. */
export function hasGap(known: readonly Bar[], news: readonly Bar[], width: number): boolean {
  const last = known.at(-1);
  const first = news.find((bar) => last && startOf(bar) > startOf(last));
  return Boolean(last && first && startOf(first) - startOf(last) > width);
}

/** Return when the bar began that a moment lies in, null before the first. */
export function barAt(bars: readonly Bar[], second: number): number | null {
  let [low, high] = [0, bars.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (startOf(bars[middle] ?? []) <= second) low = middle + 1;
    else high = middle;
  }
  const bar = bars[low - 1];
  return bar ? startOf(bar) : null;
}
