import { expect, test } from "vitest";
import { isFresh, strip } from "./series";

test("a series without a gap is one piece", () => {
  expect(strip(0, 100, [])).toEqual([{ from: 0, width: 1, isGap: false }]);
});

test("pieces follow each other from the beginning to the end, whatever the gaps", () => {
  const pieces = strip(0, 1000, [
    [900, 1000],
    [100, 300],
    [250, 260],
    [500, 501],
  ]);
  let at = 0;
  for (const piece of pieces) {
    expect(piece.from).toBeCloseTo(at);
    at += piece.width;
  }
  expect(at).toBeCloseTo(1);
  expect(pieces.filter((piece) => piece.isGap)).toHaveLength(3);
});

test("a gap too narrow to see is seen", () => {
  const [, gap] = strip(0, 1e9, [[5e8, 5e8 + 1]]);
  expect(gap?.isGap).toBe(true);
  expect(gap?.width).toBeCloseTo(0.004);
});

test("what has no length has no strip", () => {
  expect(strip(null, null, [])).toEqual([]);
  expect(strip(5, 5, [])).toEqual([]);
});

test.each([
  ["1m", 60, true],
  ["1m", 301, false],
  ["1d", 86_400 * 2, true],
  ["trades", 100, true],
  ["trades", 130, false],
  ["1m", null, false],
])("a series of %s that is %s s old is fresh: %s", (timeframe, age_s, fresh) => {
  expect(isFresh({ timeframe, age_s })).toBe(fresh);
});
