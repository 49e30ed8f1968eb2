import { describe, expect, it, test } from "vitest";
import { type Bar, barAt, hasGap, merged, timeframes, widthOf } from "./bars";

const bar = (time: number, close = 1): Bar => [time, 1, 2, 0.5, close, 10];
const row = [bar(0), bar(60), bar(120)];

test.each([
  ["5s", 5],
  ["15m", 900],
  ["4h", 14_400],
  ["1d", 86_400],
] as const)("%s is %i seconds wide", (timeframe, width) => {
  expect(widthOf(timeframe)).toBe(width);
});

it("gives timeframes from the narrowest to the widest", () => {
  const widths = timeframes.map(widthOf);
  expect(widths).toEqual([...widths].sort((one, other) => one - other));
});

describe("merging", () => {
  it("sorts, and lets the later answer win", () => {
    const found = merged([bar(60, 1), bar(120, 1)], [bar(0)], [bar(120, 9)]);
    expect(found.map((each) => [each[0], each[4]])).toEqual([
      [0, 1],
      [60, 1],
      [120, 9],
    ]);
  });
  it("sees a bar that nobody told of", () => {
    expect(hasGap(row, [bar(120), bar(180)], 60)).toBe(false);
    expect(hasGap(row, [bar(240)], 60)).toBe(true);
    expect(hasGap([], [bar(240)], 60)).toBe(false);
    expect(hasGap(row, [], 60)).toBe(false);
  });
});

it("finds the bar a moment lies in", () => {
  expect([-1, 0, 59.9, 60, 500].map((second) => barAt(row, second))).toEqual([null, 0, 0, 60, 120]);
  expect(barAt([], 5)).toBeNull();
});
