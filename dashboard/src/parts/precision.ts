/** How finely a chart writes its values: as their spread needs, never coarser than cents. */
const FINEST = 8;
const DIGITS = 2; // beyond the first that differs

export function precisionOf(values: readonly number[]): number {
  let [low, high] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (const value of values) {
    if (value < low) low = value;
    if (value > high) high = value;
  }
  const spread = high > low ? high - low : Math.abs(high);
  if (!Number.isFinite(spread) || spread === 0) return DIGITS;
  return Math.min(Math.max(Math.ceil(-Math.log10(spread)) + DIGITS, DIGITS), FINEST);
}

export function priceFormatOf(values: readonly number[]) {
  const precision = precisionOf(values);
  return { type: "price" as const, precision, minMove: 10 ** -precision };
}
