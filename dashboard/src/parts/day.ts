/** Since when a result is today's. The desk's day is one of UTC, and begins with the first
 * moment at which it knew what it was worth: after midnight where it was started later. */
export const DAY_S = 86_400;
const PROMPT_S = 90; // after midnight, the first look is taken at the next chance

/** How a clock is read to the minute. */
export const MINUTES = { hour: "2-digit", minute: "2-digit", hourCycle: "h23" } as const;

/** Return when the UTC day began, in seconds. */
export function dayStart(nowMs: number): number {
  const second = Math.floor(nowMs / 1e3);
  return second - (second % DAY_S);
}

/** Return a second as the reader's clock shows it, to the minute. */
export function clock(second: number): string {
  return new Date(second * 1e3).toLocaleTimeString(undefined, MINUTES);
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

/** Return the second that a result of today begins at; null where that is as the day began. */
export function lateStart(sinceNs: number | null | undefined, nowMs: number): number | null {
  if (sinceNs == null) return null;
  const second = sinceNs / 1e9;
  return second - dayStart(nowMs) > PROMPT_S ? second : null;
}
