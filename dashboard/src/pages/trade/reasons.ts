import { grouped } from "../../parts/Num";

/** Return a reason with its numbers as people read them: the desk reckons to every digit. */
export function readable(reason: string): string {
  return reason.replace(/(?<![\w.])\d+\.\d{3,}(?![\w.])/g, (number) =>
    grouped(number, number.startsWith("0.") ? 8 : 2),
  );
}
