import { expect, test } from "vitest";
import { readable } from "./reasons";

test.each([
  [
    "more than 69757.447894421270000000000 (25 % of 279029.79157768508)",
    "more than 69\u2009757.44 (25 % of 279\u2009029.79)",
  ],
  ["120 is 1671.4 bps from 103, the limit is 500", "120 is 16.7 % from 103, the limit is 5 %"],
  ["0.000012340000 BTC free", "0.00001234 BTC free"],
  ["the step is 0.01, the least 5", "the step is 0.01, the least 5"],
  ["order o-1.2345.6 at 10.0.0.123", "order o-1.2345.6 at 10.0.0.123"],
])("%s", (reason, words) => {
  expect(readable(reason)).toBe(words);
});
