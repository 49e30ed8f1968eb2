import { describe, expect, it, test } from "vitest";
import { type Bar, timeframes, widthOf } from "../bars";
import { blocksOf, finerThan, inParts } from "./finer";

const bar = (time: number, volume: number, price = 1): Bar => [
  time,
  price,
  price,
  price,
  price,
  volume,
];

describe("which width", () => {
  test.each([
    ["5m", 120 * 300, "1m"],
    ["1h", 33 * 3_600, "1m"],
    ["1h", 120 * 3_600, "5m"],
    ["1d", 120 * 86_400, "4h"],
    ["1m", 120 * 60, null], // none narrower is kept by venues
    ["5s", 120 * 5, null],
    ["5m", 5_000 * 300, null], // too many would be in sight
  ] as const)("a chart of %s over %i s is told by bars of %s", (timeframe, seconds, finer) => {
    expect(finerThan(timeframe, seconds)).toBe(finer);
  });

  it("divides the width of the chart", () => {
    for (const each of timeframes) {
      const finer = finerThan(each, 0);
      if (finer) expect(widthOf(each) % widthOf(finer)).toBe(0);
    }
  });
});

describe("what is asked", () => {
  const [width, span] = [60, 60_000];

  it("covers what is in sight, in blocks that begin at the same times", () => {
    expect(blocksOf(span + 600, 3 * span - 600, 9 * span, width)).toEqual([
      { begin: span, end: 2 * span, full: 2 * span, last: 1_000 },
      { begin: 2 * span, end: 3 * span, full: 3 * span, last: 1_000 },
    ]);
  });

  it("is the same after a small move", () => {
    const asked = blocksOf(span + 600, 2 * span - 600, 9 * span, width);
    expect(blocksOf(span + 900, 2 * span - 300, 9 * span, width)).toEqual(asked);
  });

  it("ends with what has closed", () => {
    expect(blocksOf(span, span + 1_200, span + 900, width)).toEqual([
      { begin: span, end: span + 900, full: 2 * span, last: 15 },
    ]);
    expect(blocksOf(span, span + 300, span, width)).toEqual([]);
  });
});

describe("bars in parts", () => {
  const wide = [bar(0, 10), bar(300, 4), bar(600, 6)];

  it("are replaced by those they are made of", () => {
    const parts = [bar(0, 7, 1), bar(240, 3, 2), bar(300, 4, 3), bar(660, 6, 4)];
    expect(inParts(wide, 300, parts)).toEqual({ bars: parts, parted: 3, whole: 0 });
  });

  it("stay whole where parts are missing, or nothing is known", () => {
    const parts = [bar(0, 10, 1), bar(360, 1, 2)];
    const found = inParts(wide, 300, parts);
    expect(found).toEqual({ bars: [parts[0], wide[1], wide[2]], parted: 1, whole: 2 });
    expect(inParts(wide, 300, [])).toEqual({ bars: wide, parted: 0, whole: 3 });
  });

  it("have the volume of what they replace, though venues round", () => {
    const { bars } = inParts([bar(0, 10)], 300, [bar(0, 6.01), bar(60, 4.01)]);
    expect(bars).toHaveLength(2);
    expect(bars.reduce((sum, each) => sum + (each[5] ?? 0), 0)).toBeCloseTo(10, 12);
  });

  it("pass over parts that belong to no bar", () => {
    const { bars } = inParts([bar(600, 6)], 300, [bar(0, 9), bar(600, 6, 2), bar(900, 9)]);
    expect(bars).toEqual([bar(600, 6, 2)]);
  });

  it("count no bar in which nothing was traded", () => {
    expect(inParts([bar(0, 0)], 300, [])).toEqual({ bars: [bar(0, 0)], parted: 0, whole: 0 });
  });
});
