/** Bars narrower than a chart's, which tell more closely at which prices it traded. */
import { type Bar, startOf, type Timeframe, timeframes, widthOf } from "../bars";

const BLOCK = 1_000; // narrower bars asked for at once
const MOST = 2_000; // narrower bars in sight
const NARROWEST_S = 60; // what venues keep
const CLOSE = 0.01; // how far the sum of narrower bars may be from the bar they make up

/** Return the narrowest width of which so many seconds have few enough bars, null for none. */
export function finerThan(timeframe: Timeframe, seconds: number): Timeframe | null {
  const narrower = timeframes.filter((each) => {
    const width = widthOf(each);
    return width >= NARROWEST_S && width < widthOf(timeframe) && seconds / width <= MOST;
  });
  return narrower[0] ?? null;
}

/** Seconds; `last` bars before `end` are asked for, and all are there once it is `full`. */
export type Block = { begin: number; end: number; full: number; last: number };

/**
 * Return the questions that cover seconds of a chart, each of which is asked once.
 *
 * They begin at the same times wherever the chart is moved, and end with what has closed.
 */
export function blocksOf(from: number, until: number, closed: number, width: number): Block[] {
  const span = BLOCK * width;
  const blocks: Block[] = [];
  for (let begin = Math.floor(from / span) * span; begin < until; begin += span) {
    const full = begin + span;
    const end = Math.min(full, closed);
    if (end > begin) blocks.push({ begin, end, full, last: Math.floor((end - begin) / width) });
  }
  return blocks;
}

/**
 * Put narrower bars in the place of those they make up, with exactly their volume.
 *
 * A bar stays where narrower ones are missing: then volumes differ. Counts the bars in which
 * something was traded, those in parts and those left whole.
 */
export function inParts(
  bars: readonly Bar[],
  width: number,
  narrower: readonly Bar[],
): { bars: Bar[]; parted: number; whole: number } {
  const parts: Bar[] = [];
  let [parted, whole, at] = [0, 0, 0];
  for (const bar of bars) {
    const [start, volume] = [startOf(bar), bar[5] ?? 0];
    while (at < narrower.length && startOf(narrower[at] ?? []) < start) at += 1;
    const first = at;
    let sum = 0;
    for (; at < narrower.length && startOf(narrower[at] ?? []) < start + width; at += 1)
      sum += narrower[at]?.[5] ?? 0;
    if (volume > 0 && Math.abs(sum - volume) <= CLOSE * volume) {
      for (const part of narrower.slice(first, at))
        parts.push([...part.slice(0, 5), ((part[5] ?? 0) * volume) / sum]);
      parted += 1;
    } else {
      parts.push(bar);
      whole += volume > 0 ? 1 : 0;
    }
  }
  return { bars: parts, parted, whole };
}
