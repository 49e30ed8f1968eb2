import { expect, it, test } from "vitest";
import { chosen, directionOf, dotsOf, joined, type Signal, spanOf, valuesOf } from "./signals";

function signal(correlation: string | null, at: number, rest: Partial<Signal> = {}): Signal {
  return {
    correlation,
    at,
    strategy: "sma",
    symbol: "BTC/USDT",
    direction: "long",
    confidence: 0.5,
    ...rest,
  } as Signal;
}

it("shows a signal once, with the outcome that was told last, newest first", () => {
  const pushed = [
    signal("c2", 20, { outcome: "ordered" }),
    signal("c2", 20, { outcome: "ignored" }),
  ];
  const asked = [signal("c1", 30), signal("c2", 20, { outcome: "ignored" })];
  const found = joined(pushed, asked);
  expect(found.map((row) => row.correlation)).toEqual(["c1", "c2"]);
  expect(found[1]?.outcome).toBe("ordered");
});

it("keeps signals apart that have no correlation", () => {
  expect(joined([signal(null, 1), signal(null, 2)])).toHaveLength(2);
});

it("filters by strategy and by symbol", () => {
  const rows = [signal("a", 1), signal("b", 2, { strategy: "rsi", symbol: "ETH/USDT" })];
  expect(chosen(rows, { strategy: "", symbol: "" })).toHaveLength(2);
  expect(chosen(rows, { strategy: "rsi", symbol: "" })[0]?.correlation).toBe("b");
  expect(chosen(rows, { strategy: "rsi", symbol: "BTC/USDT" })).toEqual([]);
  expect(valuesOf(rows, "strategy")).toEqual(["rsi", "sma"]);
});

it("takes a direction it does not know for flat", () => {
  expect(directionOf(signal("a", 1, { direction: "sideways" }))).toBe("flat");
});

it("spreads dots over the time there is, within the bounds of certainty", () => {
  const rows = [
    signal("a", 10, { confidence: 2 }),
    signal("b", 20, { confidence: null }),
    signal("c", 30, { confidence: 0.25 }),
  ];
  expect(dotsOf(rows).map(({ x, y }) => [x, y])).toEqual([
    [0, 1],
    [1, 0.25],
  ]);
  expect(dotsOf([signal("a", 10)])[0]?.x).toBe(0.5);
  expect(dotsOf([])).toEqual([]);
});

test.each([
  [null, "–"],
  [5, "5 s"],
  [90, "1.5 min"],
  [5_400, "1.5 h"],
  [172_800, "2 d"],
])("%s seconds are %s", (seconds, words) => {
  expect(spanOf(seconds)).toBe(words);
});
