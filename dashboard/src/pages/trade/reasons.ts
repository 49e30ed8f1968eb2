/** Reasons as people read them: the desk reckons to every digit. */
import type { Problem } from "../../api/client";
import { grouped } from "../../parts/Num";

const UNBROKEN = "\u202f"; // a number stays on one line
const ALL = 30; // digits that somebody typed, or is to type

/** Return a reason with its numbers in groups; where exact digits are its point, with all of them. */
export function readable(reason: string): string {
  const isExact = reason.includes("does not fit");
  return inPercent(reason).replace(
    /(?<![\w.:-]|order )(\d+\.\d{3,}|\d{5,}(\.\d+)?)(?![\w.:-])/g,
    (number) =>
      grouped(number, isExact ? ALL : number.startsWith("0.") ? 8 : 2).replace(/\s/g, UNBROKEN),
  );
}

/** Return why something was refused, reason by reason, else what went wrong; then what to do. */
export function reasonsIn(error: unknown): string[] {
  const { reasons = [], hint = "" } = error as Partial<Problem>;
  const words = error instanceof Error ? error.message : String(error);
  const all = reasons.length > 0 ? reasons.map(([, why]) => why) : [words];
  return [...all, hint].filter(Boolean).map(readable);
}

const AWAY = /([\d.]+) bps from (\S+), the limit is ([\d.]+)/g;

function inPercent(reason: string): string {
  return reason.replace(
    AWAY,
    (_, off: string, from: string, limit: string) =>
      `${percent(off)} from ${from}, the limit is ${percent(limit)}`,
  );
}

function percent(bps: string): string {
  return `${Number((Number(bps) / 100).toPrecision(3))} %`;
}
