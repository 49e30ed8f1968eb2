import { expect, test } from "vitest";
import { readable, reasonsIn } from "./reasons";

test.each([
  [
    "more than 69757.447894421270000000000 (25 % of 279029.79157768508)",
    "more than 69\u202f757.44 (25 % of 279\u202f029.79)",
  ],
  ["120 is 1671.4 bps from 103, the limit is 500", "120 is 16.7 % from 103, the limit is 5 %"],
  ["0.000012340000 BTC free", "0.00001234 BTC free"],
  [
    "price 60000.123456 does not fit its step 0.01: nearest are 60000.12 and 60000.13",
    "price 60\u202f000.123456 does not fit its step 0.01: nearest are 60\u202f000.12 and 60\u202f000.13",
  ],
  ["6179236.8512 is more than 6000000", "6\u202f179\u202f236.85 is more than 6\u202f000\u202f000"],
  ["order 123456789 is not known", "order 123456789 is not known"],
  ["at 2026-11-22T10:00:00.123456", "at 2026-11-22T10:00:00.123456"],
  ["the step is 0.01, the least 5", "the step is 0.01, the least 5"],
  ["order o-1.2345.6 at 10.0.0.123", "order o-1.2345.6 at 10.0.0.123"],
])("%s", (reason, words) => {
  expect(readable(reason)).toBe(words);
});

test("a refusal is told reason by reason, anything else in its own words; both with their hint", () => {
  const refused = Object.assign(new Error("refused by risk: size: 12345.678 is too much"), {
    reasons: [["size", "12345.678 is too much"]],
    hint: "take less",
  });
  expect(reasonsIn(refused)).toEqual(["12\u202f345.67 is too much", "take less"]);
  expect(reasonsIn(Object.assign(new Error("gone"), { reasons: [], hint: "look" }))).toEqual([
    "gone",
    "look",
  ]);
  expect(reasonsIn("no such price")).toEqual(["no such price"]);
});
