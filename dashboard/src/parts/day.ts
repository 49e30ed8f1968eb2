/** Since when a result is today's. The desk's day is one of UTC, and begins with the first
 * moment at which it knew what it was worth: after midnight where it was started later. */
const DAY_S = 86_400;
const PROMPT_S = 90; // after midnight, the first look is taken at the next chance

/** Return when the UTC day began, in seconds. */
export function dayStart(nowMs: number): number {
  const second = Math.floor(nowMs / 1e3);
  return second - (second % DAY_S);
}

/** Return a second as the reader's clock shows it, to the minute. */
export function clock(second: number): string {
  const format = { hour: "2-digit", minute: "2-digit", hourCycle: "h23" } as const;
  return new Date(second * 1e3).toLocaleTimeString(undefined, format);
}

/** Say since when, by the reader's clock; "" where nothing is known. `begun`: seconds. */
export function sinceWords(begun: readonly number[], nowMs: number): string {
  if (begun.length === 0) return "";
  const midnight = dayStart(nowMs);
  const [first, last] = [Math.min(...begun), Math.max(...begun)];
  if (last - midnight <= PROMPT_S) return `since ${clock(midnight)}, when the UTC day began`;
  const early = clock(first - midnight <= PROMPT_S ? midnight : first);
  return early === clock(last) ? `since ${early}` : `since ${early} to ${clock(last)}, by account`;
}

type Curve = readonly (readonly (number | null)[])[];

/** Return when the first sample of the day was taken, in seconds; null where that is not late:
 * the samples went on over midnight, as far apart as they always are. */
export function lateStart(curve: Curve, nowMs: number): number | null {
  const midnight = dayStart(nowMs);
  const times = curve.map((point) => point[0] ?? 0);
  const at = times.findIndex((time) => time >= midnight);
  const first = times[at];
  if (first === undefined || first - midnight <= PROMPT_S) return null;
  const [before, after] = [times[at - 1], times[at + 1] ?? first];
  const isUnbroken = before !== undefined && first - before <= 2 * (after - first);
  return isUnbroken ? null : first;
}
