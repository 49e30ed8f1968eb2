import { describe, expect, it, test } from "vitest";
import type { Bar } from "../bars";
import { AREA, levelsOf, MOST_ROWS, type Profile, profileOf } from "./profile";

/** A bar from a low to a high; when it began and where it opened says nothing here. */
const bar = (low: number, high: number, volume: number): Bar => [0, low, high, low, high, volume];
const sum = (rows: readonly number[]) => rows.reduce((one, other) => one + other, 0);

function found(bars: readonly Bar[], tick = 0, mostRows?: number): Profile {
  const profile = profileOf(bars, tick, mostRows);
  if (!profile) throw new Error("nothing was traded");
  return profile;
}

/** Numbers between 0 and 1 that are the same in every run. */
function chance(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}

function invented(seed: number): Bar[] {
  const next = chance(seed);
  let price = 100;
  return Array.from({ length: 1 + Math.floor(next() * 300) }, () => {
    price += next() - 0.5;
    const low = price - Math.floor(next() * 3) * next();
    return bar(low, price + Math.floor(next() * 3) * next(), Math.floor(next() * 4) * next());
  });
}

describe("of any bars", () => {
  const seeds = Array.from({ length: 60 }, (_, at) => at + 1);
  const profiles = seeds.flatMap((seed) =>
    [0, 0.01, 0.5].map((tick) => {
      const bars = invented(seed);
      return { bars, profile: profileOf(bars, tick), tick };
    }),
  );

  it("adds up to the volume of the bars", () => {
    for (const { bars, profile } of profiles) {
      const volume = sum(bars.map((each) => each[5] ?? 0));
      expect(sum(profile?.rows ?? [])).toBeCloseTo(volume, 9);
    }
  });

  it("has a value area around the fullest row that is no larger than it must be", () => {
    for (const { profile } of profiles) {
      if (!profile) continue;
      const { rows, peak, area } = profile;
      const [first, last] = area;
      expect(rows[peak]).toBe(Math.max(...rows));
      expect(first).toBeLessThanOrEqual(peak);
      expect(last).toBeGreaterThanOrEqual(peak);
      const inside = sum(rows.slice(first, last + 1));
      expect(inside).toBeGreaterThanOrEqual(AREA * sum(rows) * (1 - 1e-12));
      const grown = Math.max(rows[first] ?? 0, rows[last] ?? 0);
      if (first < last) expect(inside - grown).toBeLessThan(AREA * sum(rows));
    }
  });

  it("has rows within what was traded at, none lower than a tick, and no more than there may be", () => {
    for (const { bars, profile, tick } of profiles) {
      if (!profile) continue;
      const traded = bars.filter((each) => (each[5] ?? 0) > 0);
      const low = Math.min(...traded.map((each) => each[3] ?? 0));
      const high = Math.max(...traded.map((each) => each[2] ?? 0));
      const { bottom, step, rows } = profile;
      expect(rows.length).toBeLessThanOrEqual(MOST_ROWS);
      expect(bottom).toBeCloseTo(low - tick / 2, 9);
      expect(bottom + step * rows.length).toBeCloseTo(high + tick / 2, 9);
      expect(step).toBeGreaterThanOrEqual(tick * 0.66); // prices of these bars are off the ticks
    }
  });
});

describe("where volume goes", () => {
  it("is nowhere when nothing was traded", () => {
    expect(profileOf([])).toBeNull();
    expect(profileOf([bar(1, 2, 0), bar(5, 9, 0)])).toBeNull();
  });

  it("leaves prices out at which only bars without volume were", () => {
    expect(found([bar(0, 900, 0), bar(10, 20, 1)], 0, 2)).toMatchObject({ bottom: 10, step: 5 });
  });

  it("is one row when all of it was traded at one price", () => {
    expect(found([bar(5, 5, 2), bar(5, 5, 3)])).toMatchObject({
      bottom: 5,
      step: 0,
      rows: [5],
      peak: 0,
      area: [0, 0],
    });
  });

  it("is the row a bar lies within", () => {
    const { rows, peak } = found([bar(0, 40, 4), bar(12, 18, 7)], 0, 4);
    expect(rows).toEqual([1, 8, 1, 1]);
    expect(peak).toBe(1);
  });

  it("is the row a bar of one price lies in, the highest price in the highest row", () => {
    expect(found([bar(0, 40, 4), bar(25, 25, 5), bar(40, 40, 2)], 0, 4).rows).toEqual([1, 1, 6, 3]);
  });

  it("is shared by the rows a bar crosses, as its range is", () => {
    expect(found([bar(0, 40, 4), bar(5, 25, 8)], 0, 4).rows).toEqual([3, 5, 3, 1]);
  });

  it("is a row a tick where few ticks were traded at", () => {
    const profile = found([bar(100, 102, 3), bar(101, 101, 5)], 1);
    expect(profile).toMatchObject({ bottom: 99.5, step: 1, peak: 1 });
    expect(profile.rows.map((volume) => volume.toFixed(9))).toEqual([
      "1.000000000",
      "6.000000000",
      "1.000000000",
    ]);
  });
});

describe("the fullest row", () => {
  it("is the one nearest to the middle where several are as full", () => {
    const peaks = [0, 10, 20, 30, 40].map((low) => bar(low, low + 10, low % 20 ? 1 : 2));
    expect(found(peaks, 0, 5)).toMatchObject({ rows: [2, 1, 2, 1, 2], peak: 2 });
  });
});

describe("the value area", () => {
  const rowsOf = (...volumes: number[]) =>
    found(
      volumes.map((volume, at) => bar(at * 10, at * 10 + 10, volume)),
      0,
      volumes.length,
    );

  test.each([
    [
      [1, 2, 10, 4, 3],
      [2, 3],
    ], // the fuller neighbour first: 14 of 20
    [
      [1, 5, 10, 4, 3],
      [1, 3],
    ],
    [
      [10, 3, 3, 2, 2],
      [0, 2],
    ], // at an edge it grows one way
    [
      [1, 1, 1, 1, 16],
      [4, 4],
    ], // one row is enough
  ])("of %j is %j", (volumes, area) => {
    expect(rowsOf(...volumes).area).toEqual(area);
  });
});

describe("told as prices", () => {
  it("is the middle of the fullest row and the ends of the value area", () => {
    const profile = found([bar(0, 40, 4), bar(12, 18, 17)], 0, 4);
    expect(levelsOf(profile)).toEqual({ control: 15, low: 10, high: 20 });
  });

  it("is on ticks", () => {
    const profile = found([bar(100, 102, 3), bar(101, 101, 50)], 0.5);
    expect(levelsOf(profile, 0.5)).toEqual({ control: 101, low: 101, high: 101 });
  });
});
