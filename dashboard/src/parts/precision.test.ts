import { expect, test } from "vitest";
import { precisionOf } from "./precision";

test.each([
  [[], 2],
  [[0, 0], 2],
  [[100_000, 100_250], 2],
  [[0.301, 0.304], 5],
  [[0.0042, 0.0042], 5],
  [[1e-12, 2e-12], 8],
])("%j is written with %i places", (values, places) => {
  expect(precisionOf(values)).toBe(places);
});
