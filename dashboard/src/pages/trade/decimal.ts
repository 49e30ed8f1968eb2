/** Decimal text, reckoned with exactly. No amount or price that is sent ever becomes a float. */

type Scaled = { units: bigint; places: number };

const AMOUNT = /^-?\d{1,30}(\.\d{1,30})?$/;

/** Tell whether a text is a plain decimal number, as the API takes it. */
export function isDecimal(text: string): boolean {
  return AMOUNT.test(text);
}

/** Return what was typed without what people leave around a number: spaces, a bare point.
 * A comma stays and is refused later: it means thousands to some and tenths to others. */
export function tidied(typed: string): string {
  const text = typed.replace(/[\s\u2009\u00a0_]/g, "").replace(/^\+/, "");
  return text.replace(/^(-?)\./, "$10.").replace(/\.$/, "");
}

function scaled(text: string): Scaled {
  if (!isDecimal(text)) throw new RangeError(`${text} is no plain decimal number`);
  const [whole = "0", part = ""] = text.split(".");
  return { units: BigInt(whole + part), places: part.length };
}

/** Return the units of both at the finer scale of the two. */
function aligned(one: string, other: string): [bigint, bigint, number] {
  const a = scaled(one);
  const b = scaled(other);
  const places = Math.max(a.places, b.places);
  const lift = (value: Scaled) => value.units * 10n ** BigInt(places - value.places);
  return [lift(a), lift(b), places];
}

function text(units: bigint, places: number): string {
  const sign = units < 0n ? "-" : "";
  const digits = (units < 0n ? -units : units).toString().padStart(places + 1, "0");
  const whole = digits.slice(0, digits.length - places);
  return places ? `${sign}${whole}.${digits.slice(-places)}` : `${sign}${whole}`;
}

/** Return how many decimal places a number is written with. */
export function placesOf(number: string): number {
  return scaled(number).places;
}

/** Return a number without zeros that say nothing. */
export function normal(number: string): string {
  return number.includes(".") ? number.replace(/\.?0+$/, "") : number;
}

export function compared(one: string, other: string): -1 | 0 | 1 {
  const [a, b] = aligned(one, other);
  return a < b ? -1 : a > b ? 1 : 0;
}

export function isPositive(number: string): boolean {
  return isDecimal(number) && compared(number, "0") > 0;
}

export function sum(one: string, other: string): string {
  const [a, b, places] = aligned(one, other);
  return text(a + b, places);
}

export function difference(one: string, other: string): string {
  const [a, b, places] = aligned(one, other);
  return text(a - b, places);
}

/** Tell whether a number is a whole multiple of a step. Without a step, everything is. */
export function fits(number: string, step: string | null): boolean {
  if (!step || !isPositive(step)) return true;
  const [a, b] = aligned(number, step);
  return a % b === 0n;
}

export type Way = "down" | "up";

/** Return the multiple of a step that is nearest to a number, one way. */
export function snapped(number: string, step: string | null, way: Way): string {
  if (!step || !isPositive(step)) return number;
  const [a, b, places] = aligned(number, step);
  const rest = ((a % b) + b) % b;
  if (rest === 0n) return number;
  return cut(text(way === "down" ? a - rest : a - rest + b, places), step);
}

/** Return the number `steps` multiples further on; one between two steps goes to the next.
 * It never goes below zero. */
export function nudged(number: string, step: string | null, steps: number): string {
  const size = step && isPositive(step) ? step : "1";
  const from = snapped(number, size, steps > 0 ? "down" : "up");
  const [a, b, places] = aligned(from, size);
  const moved = a + b * BigInt(steps);
  return cut(text(moved < 0n ? 0n : moved, places), size);
}

/** Write a multiple of a step with no more places than the step has. */
function cut(number: string, step: string): string {
  const places = scaled(step).places;
  const [whole = "0", part = ""] = number.split(".");
  return places ? `${whole}.${part.slice(0, places).padEnd(places, "0")}` : whole;
}

/** Return the coarsest of several steps: what is a multiple of it suits the most venues. */
export function coarsest(steps: readonly (string | null)[]): string | null {
  let found: string | null = null;
  for (const step of steps) {
    if (step && isPositive(step) && (found === null || compared(step, found) > 0)) found = step;
  }
  return found;
}
