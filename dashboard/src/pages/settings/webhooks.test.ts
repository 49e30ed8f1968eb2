import { expect, test } from "vitest";
import { askedOf, blank, type Draft, faultsOf, isHere, MESSAGE } from "./webhooks";

const good: Draft = { ...blank, name: " charts ", symbols: ["BTC/USDT"] };

test("what the form begins with needs a name and nothing else", () => {
  expect(faultsOf(blank)).toEqual({ name: "is needed" });
  expect(faultsOf(good)).toEqual({});
});

test.each<[keyof Draft, string]>([
  ["strategy", "My Strategy"],
  ["strategy", ""],
  ["strategy", "manual"],
  ["mostQuantity", "0"],
  ["mostQuantity", "-1"],
  ["mostQuantity", "1e3"],
  ["mostQuantity", "1,5"],
  ["horizonS", "0"],
  ["horizonS", ""],
  ["windowS", "86401"],
  ["windowS", "soon"],
])("%s cannot be %j", (field, text) => {
  expect(Object.keys(faultsOf({ ...good, [field]: text }))).toEqual([field]);
});

test("a quantity is sent as it was typed, and none is no bound", () => {
  const most = "0.123456789012345678901";
  expect(askedOf({ ...good, mostQuantity: ` ${most} ` })).toMatchObject({
    name: "charts",
    symbols: ["BTC/USDT"],
    most_quantity: most,
    horizon_s: 3600,
    window_s: 60,
  });
  expect(askedOf(good).most_quantity).toBeNull();
});

test("the example is JSON once a charting service has filled it in", () => {
  const filled = MESSAGE.replaceAll(/\{\{[^}]+\}\}/g, "1");
  expect(Object.keys(JSON.parse(filled))).toEqual(
    expect.arrayContaining(["ticker", "action", "quantity", "id"]),
  );
});

test.each([
  ["127.0.0.1", true],
  ["localhost", true],
  ["[::1]", true],
  ["desk.example.org", false],
  ["10.0.0.5", false],
])("a page at %s can be reached from here alone: %s", (hostname, expected) => {
  expect(isHere(hostname)).toBe(expected);
});
