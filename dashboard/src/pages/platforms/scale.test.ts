import { expect, test } from "vitest";
import { barWidth, momentsOf, type Place, pathOf, spanOf, ticksOf } from "./scale";

test.each([
  [
    [3, -1, 2],
    [-1, 3],
  ],
  [[5], [2.5, 7.5]],
  [[0], [-0.5, 0.5]],
  [[], [0, 1]],
])("%j lies within %j", (values, expected) => {
  expect(spanOf(values)).toEqual(expected);
});

test.each([
  [0, 10],
  [-0.0031, 0.0042],
  [1e9, 1e9 + 3],
  [0.27, 0.31],
] as const)("between %f and %f stand a few round numbers, evenly", (low, high) => {
  const ticks = ticksOf([low, high], 5);
  expect(ticks.length).toBeGreaterThanOrEqual(2);
  expect(ticks.length).toBeLessThanOrEqual(6);
  expect(ticks.every((tick) => tick >= low && tick <= high)).toBe(true);
});

test("moments are whole hours and days where the span is long", () => {
  expect(momentsOf([0, 6 * 3600], 6)).toEqual({
    at: [0, 3600, 7200, 10800, 14400, 18000, 21600],
    areDays: false,
  });
  expect(momentsOf([0, 86_400 * 4], 4).areDays).toBe(true);
});

const places: Place[] = [
  [20, 5],
  [10, 8],
];

test("a line goes from left to right, whatever the order it was told in", () => {
  expect(pathOf("line", places, 10)).toBe("M10.0 8.0L20.0 5.0");
  expect(pathOf("area", places, 10)).toBe("M10.0 8.0L20.0 5.0L20.0 10.0L10.0 10.0Z");
  expect(pathOf("bar", places, 10)).toBe("M10.0 8.0V10.0M20.0 5.0V10.0");
});

test("a scatter draws every point, two at one place too", () => {
  expect(
    pathOf(
      "scatter",
      [
        [1, 2],
        [1, 3],
      ],
      10,
    ),
  ).toBe("M1.0 2.0h0M1.0 3.0h0");
  expect(pathOf("line", [], 10)).toBe("");
});

test("bars leave room between them", () => {
  expect(barWidth(places, 400)).toBeLessThan(10);
  expect(barWidth([[5, 5]], 400)).toBeLessThanOrEqual(40);
});
