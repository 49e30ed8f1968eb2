import { expect, test } from "vitest";
import {
  arranged,
  exposureBars,
  isOverridden,
  type Limit,
  shareOf,
  titleOf,
  usedWords,
  valueWords,
} from "./limits";

function limit(name: string, more: Partial<Limit> = {}): Limit {
  return {
    name,
    scope: "desk",
    value: "none",
    used: null,
    unit: "",
    breached: false,
    help: "",
    by: "settings",
    reason: "",
    at: null,
    ...more,
  };
}

test.each([
  ["daily_loss_pct", "Daily loss"],
  ["max_open_orders_total", "Open orders total"],
  ["order_notional_max", "Order notional"],
  ["doubt_age_s", "Doubt age"],
  ["orders_per_s", "Orders per second"],
  ["orders_per_minute", "Orders per minute"],
  ["max_open_orders", "Open orders"],
])("%s is called %s", (name, title) => {
  expect(titleOf(name)).toBe(title);
});

test.each([
  ["10", "2.5", 0.25],
  ["10", "12", 1.2],
  ["0", "0", 0],
  ["0", "1", 1],
  ["none", "1", null],
  ["10", null, null],
  ["true", "1", null],
])("of %s, %s is a share of %s", (value, used, share) => {
  expect(shareOf({ value, used })).toBe(share);
});

test.each([
  ["10", "2.5", false, "2.5 (25 %)"],
  ["10", "9.99999", false, "9.99 (99 %)"],
  ["2", "1.9999999999999999999999", false, "1.99 (99 %)"],
  ["10", "10", true, "10 (100 %)"],
  ["10", "12", true, "12 (120 %)"],
  ["none", "12", false, "on each order"],
])("of %s, %s used (%s) reads %s", (value, used, breached, words) => {
  expect(usedWords({ value, used, breached })).toBe(words);
});

test("what is breached comes first, what is not set comes last", () => {
  const rows = [
    limit("unset"),
    limit("far", { value: "10", used: "1" }),
    limit("single", { value: "500" }),
    limit("near", { value: "10", used: "9" }),
    limit("over", { value: "10", used: "11", breached: true }),
  ];
  expect(arranged(rows).map((row) => row.name)).toEqual(["over", "near", "far", "single", "unset"]);
});

test("a value has its unit, a count needs none", () => {
  expect(valueWords({ value: "5", unit: "%" })).toBe("5 %");
  expect(valueWords({ value: "40", unit: "count" })).toBe("40");
  expect(valueWords({ value: "10", unit: "orders/s" })).toBe("10 orders/s");
  expect(valueWords({ value: "false", unit: "" })).toBe("no");
  expect(valueWords({ value: "none", unit: "" })).toBe("no limit");
});

test("the settings override nothing", () => {
  expect(isOverridden(limit("a", { by: "settings" }))).toBe(false);
  expect(isOverridden(limit("a", { by: "alice" }))).toBe(true);
});

test("the largest exposure is a whole bar, a short one points the other way", () => {
  expect(exposureBars({ ETH: "50", BTC: "-100", USDC: "0", X: "odd" })).toEqual([
    { symbol: "BTC", value: -100, share: -1 },
    { symbol: "ETH", value: 50, share: 0.5 },
  ]);
});
