import { expect, test } from "vitest";
import { actionsOf, isAlwaysAllowed, joined, type Row, valuesOf } from "./rows";

function row(name: string, more: Partial<Row> = {}): Row {
  return {
    name,
    kind: "trend",
    portfolio: "main",
    symbols: [],
    accounts: [],
    state: "running",
    failed: "",
    by: "",
    currency: "USDT",
    params: {},
    params_schema: [],
    pnl: "0",
    day_since_ns: null,
    day_pnl: null,
    trades: 0,
    win_rate: null,
    positions: [],
    orders: 0,
    log: [],
    equity: [],
    ...more,
  };
}

const NOW_MS = 60_999;

test("what is pushed is newest, log and curve are those that were asked for, up to it", () => {
  const log = [{ at: 1, level: "info", words: "began" }];
  const asked = [row("a", { pnl: "1", log, equity: [[1, 2]] }), row("gone")];
  const [only, ...rest] = joined([row("a", { pnl: "5", state: "paused" })], asked, NOW_MS);
  expect(rest).toEqual([]);
  const equity = [
    [1, 2],
    [60, 5],
  ];
  expect(only).toMatchObject({ pnl: "5", state: "paused", log, equity });
});

test("no curve begins before there is a point of it, nor ends where nothing is known", () => {
  expect(joined([row("a")], [], NOW_MS)[0]?.equity).toEqual([]);
  const unknown = row("a", { pnl: null, equity: [[1, 2]] });
  expect(joined([unknown], [unknown], NOW_MS)[0]?.equity).toEqual([[1, 2]]);
});

test("one that was removed is gone", () => {
  expect(joined([row("a", { state: "removed" })], [row("a")], NOW_MS)).toEqual([]);
});

test("before anything is pushed, what was asked for is shown", () => {
  expect(joined(undefined, [row("a")], NOW_MS).map((each) => each.name)).toEqual(["a"]);
  expect(joined(undefined, undefined, NOW_MS)).toEqual([]);
});

test("what runs can be stopped whatever the flags say, and what is stopped cannot be paused", () => {
  expect(actionsOf("running").filter(isAlwaysAllowed)).toEqual(["pause", "stop"]);
  expect(actionsOf("failed")).toEqual(["start", "remove"]);
});

test("a curve's gaps are left out, its zeros are not", () => {
  expect(
    valuesOf([
      [1, 0],
      [2, null],
      [3, -4],
    ]),
  ).toEqual([0, -4]);
});
