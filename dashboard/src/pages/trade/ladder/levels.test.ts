import { describe, expect, it } from "vitest";
import { depthOf, placesFor, sidesOf } from "./levels";

const ladder: Parameters<typeof sidesOf>[0] = {
  symbol: "BTC/USDT",
  ready: true,
  crossed: false,
  venues: ["alpha", "beta"],
  tick: "0.1",
  at: 1,
  bids: [
    ["100.0", "0.1", { alpha: "0.1" }],
    ["99.9", "0.2", { alpha: "0.05", beta: "0.15" }],
    ["99.0", "5", { beta: "5" }],
  ],
  asks: [
    ["100.3", "1", { alpha: "1" }],
    ["100.5", "2", { beta: "2" }],
  ],
  own: [
    { price: "99.90", side: "BUY", quantity: "0.05", order_id: "o1", account: "alpha" },
    { price: "100.3", side: "BUY", quantity: "1", order_id: "o2", account: "alpha" },
  ],
} as Parameters<typeof sidesOf>[0];

describe("a ladder's rows", () => {
  it("add up what rests to each price, exactly", () => {
    const { bids, asks } = sidesOf(ladder, 20);
    expect(bids.map((level) => level.total)).toEqual(["0.1", "0.3", "5.3"]);
    expect(asks.map((level) => level.total)).toEqual(["1", "3"]);
    expect(bids.at(-1)?.share).toBe(1);
  });

  it("know the venues behind each price", () => {
    expect(sidesOf(ladder, 20).bids[1]?.venues).toEqual([
      ["alpha", "0.05"],
      ["beta", "0.15"],
    ]);
  });

  it("carry own orders of their side, however the price is written", () => {
    const { bids, asks } = sidesOf(ladder, 20);
    expect(bids.map((level) => level.own.map((own) => own.order_id))).toEqual([[], ["o1"], []]);
    expect(asks.flatMap((level) => level.own)).toEqual([]);
  });

  it("are no more than asked for, and tell the spread", () => {
    const sides = sidesOf(ladder, 1);
    expect([sides.bids.length, sides.asks.length, sides.spread]).toEqual([1, 1, "0.3"]);
    expect(sidesOf({ ...ladder, asks: [] }, 9).spread).toBeNull();
  });

  it("are written with as many places as the longest, while there is room", () => {
    expect(placesFor(["1.5", "1.255", "2"], 7)).toBe(3);
    expect(placesFor(["123456.789", "1.1"], 7)).toBe(1);
    expect(placesFor(["123456789.5"], 7)).toBe(0);
    expect(placesFor([], 7)).toBe(0);
  });
});

describe("depth", () => {
  it("shows both sides as far from the middle", () => {
    const depth = depthOf(sidesOf(ladder, 20));
    expect(depth?.high).toBeCloseTo(100.5);
    expect(depth?.low).toBeCloseTo(99.8);
    expect(depth?.bids.map((corner) => corner.price)).toEqual([100, 99.9]);
    expect(depth?.most).toBe(3);
  });
  it("is nothing without two sides", () => {
    expect(depthOf(sidesOf({ ...ladder, bids: [] }, 20))).toBeNull();
  });
});
