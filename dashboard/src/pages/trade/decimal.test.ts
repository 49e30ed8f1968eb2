import { describe, expect, it, test } from "vitest";
import {
  coarsest,
  compared,
  difference,
  fits,
  isDecimal,
  normal,
  nudged,
  snapped,
  sum,
  tidied,
} from "./decimal";

const LONG = "123456789012345678901234567890.123456789012345678901234567891";

describe("reading", () => {
  test.each(["0", "1", "-1", "0.05", "007.10", LONG])("%s is a decimal number", (text) => {
    expect(isDecimal(text)).toBe(true);
  });
  test.each(["", ".", "1.", ".5", "1e3", "1,5", "NaN", "Infinity", "0x10", "1 000", "--1"])(
    "%j is none",
    (text) => {
      expect(isDecimal(text)).toBe(false);
    },
  );
  test.each([
    [" 0.5 ", "0.5"],
    [".5", "0.5"],
    ["-.5", "-0.5"],
    ["5.", "5"],
    ["1\u2009000.25", "1000.25"],
    ["1,5", "1,5"],
  ])("%j is tidied to %j", (typed, text) => {
    expect(tidied(typed)).toBe(text);
  });
});

describe("arithmetic", () => {
  it("keeps digits that a float has no room for", () => {
    expect(sum("0.1", "0.2")).toBe("0.3");
    expect(sum(LONG, "0.000000000000000000000000000009")).toBe(
      "123456789012345678901234567890.123456789012345678901234567900",
    );
    expect(difference("1", "0.9999999999999999999")).toBe("0.0000000000000000001");
  });
  it("knows numbers written differently as equal", () => {
    expect(compared("1.50", "1.5")).toBe(0);
    expect(compared("-2", "1.5")).toBe(-1);
    expect(compared("10", "9.999")).toBe(1);
  });
  it("drops only zeros that say nothing", () => {
    expect(normal("100")).toBe("100");
    expect(normal("0.0500")).toBe("0.05");
    expect(normal("5.00")).toBe("5");
  });
});

describe("steps", () => {
  test.each([
    ["0.3", "0.1", true],
    ["0.30000000000000000001", "0.1", false],
    ["7", "2.5", false],
    ["7.5", "2.5", true],
    ["1.23", null, true],
    ["1.23", "0", true],
  ])("%s fits %s: %s", (number, step, expected) => {
    expect(fits(number, step)).toBe(expected);
  });

  test.each([
    ["1.2345", "0.01", "down", "1.23"],
    ["1.2345", "0.01", "up", "1.24"],
    ["7", "2.5", "down", "5.0"],
    ["1.2300", "0.01", "down", "1.2300"],
    ["19", "5", "up", "20"],
  ] as const)("%s at %s goes %s to %s", (number, step, way, expected) => {
    expect(snapped(number, step, way)).toBe(expected);
  });

  test.each([
    ["1", "0.001", 1, "1.001"],
    ["1.0005", "0.001", 1, "1.001"],
    ["1.0005", "0.001", -1, "1.000"],
    ["0.001", "0.001", -10, "0.000"],
    ["5", null, 2, "7"],
  ])("%s at %s moved by %i is %s", (number, step, steps, expected) => {
    expect(nudged(number, step, steps)).toBe(expected);
  });

  it("ends on the step wherever it began", () => {
    for (const step of ["0.01", "0.25", "5", "0.00000001"]) {
      for (const number of ["0", "1.37", "99999.99999999", "0.125"]) {
        for (const steps of [-3, -1, 1, 10]) {
          expect(fits(nudged(number, step, steps), step)).toBe(true);
        }
        expect(fits(snapped(number, step, "up"), step)).toBe(true);
        expect(compared(snapped(number, step, "down"), number)).toBeLessThanOrEqual(0);
      }
    }
  });

  it("takes the coarsest of several venues' steps", () => {
    expect(coarsest(["0.01", "0.1", null, "0.05"])).toBe("0.1");
    expect(coarsest([null])).toBeNull();
  });
});
