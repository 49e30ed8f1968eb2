import { expect, test } from "vitest";
import { freeName, nameFault, reachesRealMoney } from "./connecting";

const environment = {
  name: "environment",
  help: "",
  required: false,
  secret: false,
  default: "live",
  choices: ["live", "test"],
};
const exchange = { real_money: true, settings: [environment] };

test.each([
  [exchange, {}, true],
  [exchange, { environment: "test" }, false],
  [exchange, { environment: "live", url: "http://127.0.0.1:9000" }, false],
  [{ real_money: true, settings: [] }, {}, true],
  [{ real_money: false, settings: [] }, {}, false],
])("case %#: real money is known from the form alone", (adapter, texts, real) => {
  expect(reachesRealMoney(adapter, texts)).toBe(real);
});

test("a name is free, short and plain", () => {
  expect(nameFault("alpha", [])).toBe("");
  expect(nameFault("alpha", ["alpha"])).toContain("already");
  for (const bad of ["", "Alpha", "-a", "a b", "a".repeat(32)])
    expect(nameFault(bad, [])).not.toBe("");
});

test("a name that is proposed is never taken", () => {
  expect(freeName("okx", [])).toBe("okx");
  expect(freeName("okx", ["okx", "okx-2"])).toBe("okx-3");
});
