import { expect, test } from "vitest";
import { portfolioOf, portfoliosOf } from "./portfolios";

test("each portfolio is there once, the main one first, and none that is nobody's", () => {
  const rows = (...names: string[]) => names.map((portfolio) => ({ portfolio }));
  const limits = [{ scope: "desk" }, { scope: "portfolio:swing" }, { scope: "account:alpha" }];
  expect(portfoliosOf(rows("swing", "external", "carry"), rows("main", ""), limits)).toEqual([
    "main",
    "carry",
    "swing",
  ]);
  expect(portfoliosOf([], [], [])).toEqual(["main"]);
});

test("a choice holds while the desk has it, or has not said what it has", () => {
  expect(portfolioOf(["main", "swing"], "swing")).toBe("swing");
  expect(portfolioOf(undefined, "swing")).toBe("swing");
  expect(portfolioOf(["main"], "swing")).toBe("main");
});
