/** Where points stand in a drawing, and what is written beside it. */
export type Span = readonly [low: number, high: number];

/** Return what all values lie within; of one value alone, some room about it. */
export function spanOf(values: Iterable<number>): Span {
  let [low, high] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (const value of values) {
    low = Math.min(low, value);
    high = Math.max(high, value);
  }
  if (low > high) return [0, 1];
  if (low < high) return [low, high];
  const room = Math.abs(low) / 2 || 0.5;
  return [low - room, high + room];
}

/** Return round numbers within a span, about as many as asked for. */
export function ticksOf([low, high]: Span, about: number): number[] {
  const rough = (high - low) / Math.max(about, 1);
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = power * ([1, 2, 5].find((each) => each * power >= rough) ?? 10);
  return multiples(step, low, high);
}

const MINUTE = 60;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
const steps = [1, 5, 15, 30].flatMap((each) => [each, each * MINUTE]);
const times = [...steps, HOUR, 3 * HOUR, 6 * HOUR, 12 * HOUR, DAY, 2 * DAY, 7 * DAY, 30 * DAY];

/** Return round moments, in seconds, within a span, and whether they are days. */
export function momentsOf([low, high]: Span, about: number): { at: number[]; areDays: boolean } {
  const rough = (high - low) / Math.max(about, 1);
  if (rough < 1) return { at: ticksOf([low, high], about), areDays: false };
  const sorted = [...times].sort((one, other) => one - other);
  const step = sorted.find((each) => each >= rough) ?? Math.ceil(rough / DAY) * DAY;
  return { at: multiples(step, low, high), areDays: step >= DAY };
}

function multiples(step: number, low: number, high: number): number[] {
  const found: number[] = [];
  for (let count = Math.ceil(low / step); count * step <= high; count++) {
    found.push(Number((count * step).toPrecision(12)));
  }
  return found;
}

export type Place = readonly [x: number, y: number];
export type Kind = "line" | "bar" | "area" | "scatter";

/** Return the path that draws places, from left to right; `floor` is where bars stand. */
export function pathOf(kind: Kind, places: readonly Place[], floor: number): string {
  const drawn = kind === "scatter" ? places : [...places].sort(([one], [other]) => one - other);
  const [first] = drawn;
  const last = drawn.at(-1);
  if (!first || !last) return "";
  const at = ([x, y]: Place) => `${x.toFixed(1)} ${y.toFixed(1)}`;
  if (kind === "scatter") return drawn.map((place) => `M${at(place)}h0`).join("");
  if (kind === "bar") return drawn.map((place) => `M${at(place)}V${floor.toFixed(1)}`).join("");
  const line = `M${drawn.map(at).join("L")}`;
  return kind === "line" ? line : `${line}L${at([last[0], floor])}L${at([first[0], floor])}Z`;
}

/** Return how wide bars may be, so that none stands in another. */
export function barWidth(places: readonly Place[], wide: number): number {
  const xs = [...new Set(places.map(([x]) => x))].sort((one, other) => one - other);
  const gaps = xs.slice(1).map((x, at) => x - (xs[at] ?? x));
  return Math.min(Math.max(Math.min(...gaps, wide / 8) * 0.7, 1), 40);
}
