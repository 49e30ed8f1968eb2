import { expect, test } from "vitest";
import { portfolioOf, portfoliosOf } from "./portfolios";

test("each portfolio is there once, the main one first, and none that is nobody's", () => {
  const rows = (...names: string[]) => names.map((portfolio) => ({ portfolio }));
  const portfolios = rows("swing", "external", "old", "");
  expect(portfoliosOf({ declared: ["swing", "main", "carry"], portfolios })).toEqual([
    "main",
    "carry",
    "old",
    "swing",
  ]);
  expect(portfoliosOf({ declared: [], portfolios: [] })).toEqual(["main"]);
});

test("a portfolio that is declared can be chosen before anything is in it", () => {
  expect(portfoliosOf({ declared: ["main", "swing"], portfolios: [] })).toContain("swing");
});

test("a choice holds while the desk has it, or has not said what it has", () => {
  expect(portfolioOf(["main", "swing"], "swing")).toBe("swing");
  expect(portfolioOf(undefined, "swing")).toBe("swing");
  expect(portfolioOf(["main"], "swing")).toBe("main");
});
