import { expect, test } from "vitest";
import { changed, fault, faults, fieldOf, startTexts } from "./form";

const length = fieldOf({ name: "length", type: "int", default: 14, least: 2, most: 100 });
const amount = fieldOf({ name: "amount", type: "decimal", default: "100", least: "0.01" });
const key = fieldOf({ name: "key", required: true, default: null });
const where = fieldOf({ name: "where", default: "live", choices: ["live", "test"] });
const useMl = fieldOf({ name: "use_ml", type: "bool", default: false });

test.each([
  [length, "14", ""],
  [length, "1.5", "is a whole number"],
  [length, "1", "is at least 2"],
  [length, "101", "is at most 100"],
  [length, "", ""],
  [amount, "1e-3", "is at least 0.01"],
  [amount, "ten", "is a number"],
  [amount, "0.010", ""],
  [key, "  ", "is needed"],
  [where, "moon", "is one of live, test"],
  [useMl, "true", ""],
])("$name takes or refuses %s", (field, text, words) => {
  expect(fault(field, text)).toBe(words);
});

test("only what was changed is sent, each as its type, decimals digit by digit", () => {
  const fields = [length, amount, where, useMl];
  const texts = { ...startTexts(fields), length: "20", amount: "0.10", use_ml: "true" };
  expect(changed(fields, texts)).toEqual({ length: 20, amount: "0.10", use_ml: true });
  expect(changed(fields, startTexts(fields))).toEqual({});
});

test("a form of what is set now begins with it, and sends what differs from it", () => {
  const before = startTexts([length, where], { length: 30 });
  expect(before).toEqual({ length: "30", where: "live" });
  expect(changed([length, where], { ...before, length: "14" }, before)).toEqual({ length: 14 });
});

test("faults name each field that has one", () => {
  expect(faults([key, length], { key: "", length: "x" })).toEqual({
    key: "is needed",
    length: "is a whole number",
  });
});
