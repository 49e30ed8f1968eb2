import { describe, expect, it, test } from "vitest";
import { blank, type Draft, kinds, meaningOf, spoken, titleOf, withPrice } from "./draft";

const full: Draft = {
  ...blank,
  quantity: "0.5",
  limit: "100.10",
  trigger: "99.5",
  trail: "1.5",
  takeProfit: "120",
  stopLoss: "90",
  stopLossLimit: "89.5",
};

function terms(change: Partial<Draft>) {
  const meaning = meaningOf({ ...full, ...change }, "BTC/USDT", "main");
  if (!meaning.terms) throw new Error(meaning.lacks);
  return meaning.terms;
}

const prices = ["limit", "stop", "if_touched", "trail_amount", "trail_percent"] as const;

describe("the order that a ticket means", () => {
  test.each([
    ["market", {}],
    ["limit", { limit: "100.10" }],
    ["stop", { stop: "99.5" }],
    ["stop_limit", { stop: "99.5", limit: "100.10" }],
    ["market_if_touched", { if_touched: "99.5" }],
    ["limit_if_touched", { if_touched: "99.5", limit: "100.10" }],
    ["trailing_stop", { trail_percent: "1.5" }],
    ["oco", { limit: "100.10" }],
  ] as const)("%s gives just its own prices", (kind, expected) => {
    const found = terms({ kind });
    const given = prices.filter((name) => found[name] != null);
    expect(Object.fromEntries(given.map((name) => [name, found[name]]))).toEqual(expected);
  });

  it("keeps amounts as they were typed, digit by digit", () => {
    const quantity = "0.123456789012345678901234567890";
    expect(terms({ quantity }).quantity).toBe(quantity);
    expect(terms({ limit: "100.10" }).limit).toBe("100.10");
  });

  it("trails by an amount when asked to", () => {
    const found = terms({ kind: "trailing_stop", trailIn: "amount" });
    expect([found.trail_amount, found.trail_percent]).toEqual(["1.5", undefined]);
  });

  it("attaches exits only when they are switched on", () => {
    expect(terms({}).take_profit).toBeUndefined();
    const found = terms({ hasExits: true });
    expect([found.take_profit, found.stop_loss]).toEqual(["120", "90:89.5"]);
  });

  it("means by OCO a limit with a stop loss, and nothing of a take-profit typed before", () => {
    const found = terms({ kind: "oco", hasExits: true, stopLossLimit: "" });
    expect(found).toMatchObject({ oco: true, limit: "100.10", stop_loss: "90" });
    expect(found.take_profit).toBeUndefined();
  });

  it("forgets post-only where the kind has none", () => {
    expect(terms({ postOnly: true }).post_only).toBe(true);
    expect(terms({ postOnly: true, kind: "market" }).post_only).toBe(false);
  });

  it("ends a GTD order when it was said to end", () => {
    const found = terms({ timeInForce: "GTD", expires: "2030-01-02T03:04" });
    expect(found.expire_time_ns).toBe(new Date("2030-01-02T03:04").getTime() * 1e6);
  });
});

describe("a ticket that means no order yet", () => {
  test.each<[string, Partial<Draft>, RegExp]>([
    ["no quantity", { quantity: "" }, /quantity/],
    ["a zero", { quantity: "0.000" }, /quantity/],
    ["a comma", { quantity: "1,5" }, /1,5 is not/],
    ["no limit", { limit: " " }, /limit price/],
    ["no stop", { kind: "stop", trigger: "" }, /a stop price/],
    ["no touch", { kind: "market_if_touched", trigger: "" }, /a touch price/],
    ["exits without a price", { hasExits: true, takeProfit: "", stopLoss: "" }, /take profit/],
    ["a stop limit alone", { hasExits: true, stopLoss: "" }, /no trigger/],
    ["GTD without an end", { timeInForce: "GTD" }, /until when/],
  ])("%s", (_name, change, words) => {
    const meaning = meaningOf({ ...full, ...change }, "BTC/USDT", "main");
    expect(meaning.lacks).toMatch(words);
  });
});

describe("a price chosen in the ladder", () => {
  it("goes to the field the kind has, and makes a market order a limit order", () => {
    expect(withPrice({ ...full, kind: "stop_limit" }, "7").limit).toBe("7");
    expect(withPrice({ ...full, kind: "stop" }, "7").trigger).toBe("7");
    expect(withPrice({ ...full, kind: "market" }, "7")).toMatchObject({
      kind: "limit",
      limit: "7",
    });
  });
});

it("belongs to the portfolio that was chosen, and says so where that is not the main one", () => {
  const { terms: found } = meaningOf(full, "BTC/USDT", "swing");
  expect(found?.portfolio).toBe("swing");
  expect(spoken({ ...terms({}), portfolio: "swing" })).toContain("swing");
  expect(spoken(terms({}))).not.toContain("main");
});

it("does not call an order placed that was placed before", () => {
  expect(titleOf(new Headers())).toBe("Order placed");
  expect(titleOf(new Headers({ "Idempotency-Replayed": "true" }))).toMatch(/not placed again/);
});

it("says every kind of order in words that hold its numbers", () => {
  for (const { kind } of kinds) {
    const found = terms({ kind });
    const words = spoken(found, "BTC");
    for (const name of ["quantity", ...prices] as const) {
      const value = found[name];
      if (value) expect(words).toContain(value);
    }
  }
});
