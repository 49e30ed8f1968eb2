import { expect, test } from "vitest";
import { leftBehindOf, staying } from "./leftBehind";

const left = { account: "alpha", open_orders: 0, doubts: 0, positions: [] };

test("what stays at a venue is told in words, and what does not is left out", () => {
  expect(staying({ ...left, open_orders: 2, doubts: 1 })).toEqual(["2 open orders", "1 doubt"]);
  const positions = [
    { instrument: "BTC/USDT@alpha", quantity: "-1234.50" },
    { instrument: "ETH/USDT@alpha", quantity: "2" },
  ];
  expect(staying({ ...left, open_orders: 1, positions })).toEqual([
    "1 open order",
    "\u22121\u2009234.5 BTC/USDT@alpha",
    "2 ETH/USDT@alpha",
  ]);
});

test("a desk that has told nothing has left nothing behind", () => {
  expect(leftBehindOf(undefined)).toEqual([]);
  expect(leftBehindOf({})).toEqual([]);
  expect(leftBehindOf({ left_behind: [left] })).toEqual([left]);
});
