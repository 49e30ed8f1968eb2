import { describe, expect, it } from "vitest";
import {
  type Drawn,
  joinedLines,
  keyOf,
  lookOf,
  MOST_PANES,
  shownOf,
  valueAt,
  wordsOf,
} from "./indicators";

const row = (name: string, overlay = true, points: Drawn["points"] = [[60, 1]]): Drawn => ({
  strategy: "cross",
  indicator: name.split(".")[0] ?? name,
  name,
  overlay,
  points,
});

describe("lines of several answers", () => {
  it("are those of the newest, with the points of all, the newer ones winning", () => {
    const older = [
      row("a", true, [
        [0, 1],
        [60, 2],
      ]),
      row("gone"),
    ];
    const newest = [
      row("a", true, [
        [60, 9],
        [120, 3],
      ]),
      row("new"),
    ];
    const found = joinedLines(newest, [older]);
    expect(found.map(({ name }) => name)).toEqual(["a", "new"]);
    expect(found[0]?.points).toEqual([
      [0, 1],
      [60, 9],
      [120, 3],
    ]);
  });
  it("do not mix between strategies", () => {
    const other = { ...row("a", true, [[0, 5]]), strategy: "other" };
    expect(joinedLines([row("a")], [[other]])[0]?.points).toEqual([[60, 1]]);
  });
});

describe("where lines are drawn", () => {
  const panes = (rows: Drawn[], hidden: string[] = []) =>
    shownOf(rows, hidden, 2).map(({ pane }) => pane);

  it("is on the candles, or a pane for each indicator with all its outputs", () => {
    const rows = [
      row("sma"),
      row("macd.macd", false),
      row("macd.signal", false),
      row("rsi", false),
    ];
    expect(panes(rows)).toEqual([0, 1, 1, 2]);
    expect(panes([row("sma")])).toEqual([0]);
  });
  it("leaves no pane for what is hidden", () => {
    const rows = [row("rsi", false), row("atr", false)];
    expect(panes(rows, [keyOf(rows[0] as Drawn)])).toEqual([null, 1]);
  });
  it("ends where there is no more room", () => {
    const rows = ["a", "b", "c", "d"].map((name) => row(name, false));
    expect(panes(rows)).toEqual([1, 2, 3, null]);
    expect(MOST_PANES).toBe(3);
    expect(shownOf([row("a", false), row("b", false)], [], 2, 1)[1]?.pane).toBeNull();
  });
  it("keeps a line's look when another one is hidden", () => {
    const rows = [row("a"), row("b")];
    expect(shownOf(rows, ["cross a"], 2)[1]?.look).toEqual(shownOf(rows, [], 2)[1]?.look);
  });
});

it("gives no two of sixteen lines the same look, and no two neighbours the same dashes", () => {
  const looks = Array.from({ length: 16 }, (_, place) => lookOf(place));
  expect(new Set(looks.map((look) => JSON.stringify(look))).size).toBe(16);
  for (const [at, look] of looks.entries()) expect(look.style).not.toBe(looks[at + 1]?.style);
});

it("tells the value under the pointer, else the newest", () => {
  const points: Drawn["points"] = [
    [60, 1],
    [120, 2],
    [240, 4],
  ];
  expect([null, 60, 120, 240].map((second) => valueAt(points, second))).toEqual([4, 1, 2, 4]);
  expect([0, 180, 300].map((second) => valueAt(points, second))).toEqual([null, null, null]);
  expect(valueAt([], null)).toBeNull();
});

it("says who reads which bars", () => {
  const words = (...strategies: string[]) => wordsOf({ timeframe: "5m", strategies });
  expect(words("a")).toBe("a reads 5m bars");
  expect(words("a", "b")).toBe("a and b read 5m bars");
  expect(words("a", "b", "c")).toBe("a, b and c read 5m bars");
});
