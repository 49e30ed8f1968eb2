import { expect, it, test } from "vitest";
import { accountsOf, choicesOf, isOf, type Listed, rulesOf, symbolOf } from "./markets";

function listed(symbol: string, venue: string, rest: Partial<Listed> = {}): Listed {
  return {
    symbol,
    venue,
    instrument: `${symbol}@${venue}`,
    account: venue,
    trades: true,
    kind: "spot",
    tick: "0.01",
    step: "0.001",
    min_quantity: null,
    min_notional: null,
    order_types: ["market", "limit"],
    time_in_force: ["GTC"],
    can: {},
    ...rest,
  } as Listed;
}

const all = [
  listed("ETH/USDT", "beta"),
  listed("BTC/USDT", "beta", { tick: "0.5", order_types: ["stop"], can: { attached: true } }),
  listed("BTC/USDT", "alpha"),
  listed("BTC/USDT", "watched", { trades: false, tick: "100" }),
];

it("offers a symbol's venues only where there are several", () => {
  expect(choicesOf(all)).toEqual([
    "BTC/USDT",
    "BTC/USDT@alpha",
    "BTC/USDT@beta",
    "BTC/USDT@watched",
    "ETH/USDT",
  ]);
});

test.each([
  ["BTC/USDT", "BTC/USDT@alpha", true],
  ["BTC/USDT@beta", "BTC/USDT@alpha", false],
  ["BTC/USDT", "BTC/USDT:USDT@alpha", false],
])("looking at %s, %s is of it: %s", (chosen, instrument, expected) => {
  expect(isOf(chosen, instrument)).toBe(expected);
});

it("takes a venue off a symbol, and leaves one without alone", () => {
  expect([symbolOf("A/B:B@okx"), symbolOf("A/B")]).toEqual(["A/B:B", "A/B"]);
});

it("lets the router keep rules that suit every account, and an account its own", () => {
  const routed = rulesOf(all, "BTC/USDT", "");
  expect([routed.tick, [...routed.orderTypes].sort(), routed.canAttach]).toEqual([
    "0.5",
    ["limit", "market", "stop"],
    true,
  ]);
  const own = rulesOf(all, "BTC/USDT", "alpha");
  expect([own.tick, own.canAttach]).toEqual(["0.01", false]);
});

it("sends orders through accounts that trade, never through those that only watch", () => {
  expect(accountsOf(all, "BTC/USDT")).toEqual(["alpha", "beta"]);
  expect(accountsOf(all, "BTC/USDT@watched")).toEqual([]);
});
