import { expect, test } from "vitest";
import { ago, span } from "./span";

test.each([
  [0.0124, "12 ms"],
  [2.5, "2.5 s"],
  [9, "9 s"],
  [59.6, "1 min"],
  [3_661, "1 h 1 min"],
  [86_400 * 3 + 4 * 3_600 + 5, "3 d 4 h"],
  [86_400 + 30, "1 d"],
  [-90, "−1 min 30 s"],
  [Number.NaN, "–"],
  [null, "–"],
])("%s seconds are %s", (seconds, words) => {
  expect(span(seconds)).toBe(words);
});

test("what lies ahead of this clock is not told as the future", () => {
  expect(ago(2_000 * 1e6, 1_000)).toBe("0 ms ago");
  expect(ago(null)).toBe("–");
});
