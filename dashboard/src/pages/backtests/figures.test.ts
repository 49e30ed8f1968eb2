import { expect, test } from "vitest";
import { bestOf, growth, ordered, shown } from "./figures";

test.each([
  ["total_return", 0.1234, "12.34 %"],
  ["pnl", "-1234.5", "−1\u2009234.50"],
  ["fees", "0.000123", "0.000123"],
  ["max_drawdown_duration_ns", 90_000_000_000_000, "1 d 1 h"],
  ["trades", 12, "12"],
  ["sharpe", 1.005, "1.00"],
  ["sharpe", null, "–"],
  ["something_new", 2, "2.00"],
])("%s of %s reads %s", (name, value, words) => {
  expect(shown(name, value)).toBe(words);
});

test.each([
  ["sharpe", [1, 2, null], 1],
  ["max_drawdown", [-0.2, -0.1], 1],
  ["max_drawdown", [0.2, 0.1], 1],
  ["fees", ["3", "1", "2"], 1],
  ["sharpe", [1, 1], -1],
  ["orders", [1, 2], -1],
  ["sharpe", [1, null], -1],
])("the best %s of %o is at %i", (name, values, at) => {
  expect(bestOf(name, values)).toBe(at);
});

test("figures come in a reader's order, unknown ones last", () => {
  expect(ordered(["zeta", "refused", "total_return", "alpha"])).toEqual([
    "total_return",
    "refused",
    "alpha",
    "zeta",
  ]);
});

test("growth begins at nothing, and a curve of nothing has none", () => {
  expect(
    growth([
      [1, 200],
      [2, 220],
      [3, 190],
    ]),
  ).toEqual([
    [1, 0],
    [2, 10.000000000000009],
    [3, -5.000000000000004],
  ]);
  expect(growth([])).toEqual([]);
  expect(growth([[1, 0]])).toEqual([]);
});
