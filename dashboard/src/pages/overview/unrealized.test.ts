import { expect, test } from "vitest";
import { unrealizedOf } from "./unrealized";

const spot = { kind: "spot", quantity: "0.5", entry_price: "100.10", mark: "101" };

test.each([
  ["a rise of what is held", spot, "0.450"],
  ["a rise of what is owed", { ...spot, quantity: "-0.5" }, "-0.450"],
  [
    "digits that a float would lose",
    { ...spot, quantity: "0.3", entry_price: "0", mark: "0.1" },
    "0.03",
  ],
  ["no mark", { ...spot, mark: null }, null],
  ["no entry", { ...spot, entry_price: null }, null],
  ["a contract of untold size", { ...spot, kind: "perpetual" }, null],
  ["what is no plain number", { ...spot, mark: "1e3" }, null],
])("%s", (_, position, expected) => {
  expect(unrealizedOf(position)).toBe(expected);
});
