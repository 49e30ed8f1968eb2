import { expect, test } from "vitest";
import { becauseOf } from "./killed";

test.each([
  ["demo: ", " by demo"],
  ["demo", " by demo"],
  ["demo: the venue lies", " by demo: the venue lies"],
  ["", ""],
  [true, ""],
])("%j is said as %j", (killed, words) => {
  expect(becauseOf(killed)).toBe(words);
});
