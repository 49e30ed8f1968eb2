import { describe, expect, it, test } from "vitest";
import type { Bar } from "./bars";
import { averageOf, joinedFills, type Mark, marksOf, named } from "./marks";

type Fill = Parameters<typeof marksOf>[0][number];

const bar = (time: number): Bar => [time, 1, 2, 0.5, 1, 10];
const row = [bar(0), bar(60), bar(120)];
const fill = (second: number, side: string, quantity: string, price = "1") =>
  ({ at: second * 1e9, side, quantity, price }) as Fill;
const brief = (marks: readonly Mark[]) =>
  marks.map(({ time, side, words }) => [time, side, words].join(" "));

describe("the marks of a bar", () => {
  it("are one for each side, which counts its fills and adds them up exactly", () => {
    const fills = [
      fill(61, "buy", "0.1"),
      fill(62, "BUY", "0.20"),
      fill(119, "buy", "0.12"),
      fill(63, "sell", "1"),
    ];
    expect(brief(marksOf(fills, row))).toEqual(["60 buy 3 buys 0.42", "60 sell 1"]);
  });

  it("keep every fill, in the order it happened", () => {
    const [first, second] = [fill(61, "sell", "1"), fill(62, "sell", "2")];
    expect(marksOf([second, first], row)[0]?.fills).toEqual([first, second]);
  });

  it("stand in the order of their bars, whatever came first", () => {
    const fills = [fill(125, "buy", "2"), fill(5, "buy", "1")];
    expect(brief(marksOf(fills, row))).toEqual(["0 buy 1", "120 buy 2"]);
  });

  it("leave out what happened before the first bar", () => {
    expect(marksOf([fill(59, "buy", "1")], [bar(60)])).toEqual([]);
  });
});

it("counts a fill once that was asked for and pushed, and two sides of one trade apart", () => {
  const mine = { ...fill(61, "buy", "1"), account: "a", venue_order_id: "1", execution_id: "e" };
  const other = { ...mine, venue_order_id: "2", side: "sell" };
  expect(joinedFills([mine, other], [{ ...mine }])).toHaveLength(2);
});

it.each([
  [["1.6", "0.04003"], "2 buys 1.64"],
  [["0.0123", "0.00006"], "2 buys 0.0124"],
  [["123456", "0.7"], "2 buys 123457"],
  [["0.5", "0.5"], "2 buys 1"],
])("a sum of %j is told shortly: %s", (quantities, words) => {
  const fills = quantities.map((quantity) => fill(1, "buy", quantity));
  expect(marksOf(fills, row)[0]?.words).toBe(words);
});

describe("words of marks", () => {
  const many = Array.from({ length: 40 }, (_, place) => bar(60 * place));
  const dense = marksOf(
    many.map((_, place) => fill(60 * place, "buy", "0.0123")),
    many,
  );
  const flat = (barPx: number) => ({ barPx, from: -99, to: 99, yOf: () => null });

  it("never touch those of another on their side, and the newest come first", () => {
    for (const barPx of [1, 3, 6, 11, 25, 80]) {
      const found = [...named(dense, many, flat(barPx))].reverse();
      expect(found.at(-1)).toBe(dense.at(-1));
      found.slice(1).forEach((mark, place) => {
        const before = found[place] as Mark;
        const apart = ((mark.time - before.time) / 60) * barPx;
        expect(apart).toBeGreaterThan((mark.words.length + before.words.length) * 3);
      });
    }
  });

  it("all stand where bars are wide enough", () => {
    expect(named(dense, many, flat(60)).size).toBe(dense.length);
  });

  it("of buys leave room for those of sells, which stand on the other side", () => {
    const both = marksOf([fill(60, "buy", "1"), fill(60, "sell", "1")], many);
    expect(named(both, many, flat(1)).size).toBe(2);
  });

  it("are not cut off by an edge", () => {
    const sight = { ...flat(60), from: 9.9, to: 12.1 };
    expect([...named(dense, many, sight)].map(({ time }) => time / 60)).toEqual([11]);
  });

  it("need a bar to stand at", () => {
    expect(named(dense, [], flat(60)).size).toBe(0);
  });

  describe("keep clear of candles", () => {
    // One candle between two: its neighbours reach down to it, by and by.
    const around = (low: number): Bar[] => [
      [0, 100, 110, low, 100, 1],
      [60, 100, 110, 90, 100, 1],
      [120, 100, 110, low, 100, 1],
    ];
    const marks = marksOf([fill(61, "buy", "1"), fill(61, "sell", "1")], around(90));
    const sides = (bars: Bar[]) =>
      [...named(marks, bars, { ...flat(8), yOf: (price) => 1000 - price })].map(({ side }) => side);

    it.each([
      [90, ["sell", "buy"]],
      [79, ["sell", "buy"]],
      [78, ["sell"]],
      [20, ["sell"]],
    ])("neighbours that reach down to %i leave room for %j", (low, left) => {
      expect(sides(around(low))).toEqual(left);
    });
  });
});

test("an average weighs each price by its quantity", () => {
  expect(averageOf([fill(0, "buy", "1", "10"), fill(0, "buy", "3", "20")])).toBe(17.5);
});
