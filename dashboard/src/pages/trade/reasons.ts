import { grouped } from "../../parts/Num";

/** Return a reason with its numbers as people read them: the desk reckons to every digit. */
export function readable(reason: string): string {
  return inPercent(reason).replace(/(?<![\w.])\d+\.\d{3,}(?![\w.])/g, (number) =>
    grouped(number, number.startsWith("0.") ? 8 : 2),
  );
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
