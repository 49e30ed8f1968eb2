import { expect, test } from "vitest";
import { largest, months } from "./calendar";

test("a month is whole weeks, Monday first, every day in its place", () => {
  const [january] = months({ "2024-01-02": 5, "2024-01-31": -2 });
  expect(january?.name).toBe("2024-01"); // its first day was a Monday
  expect(january?.weeks.every((week) => week.length === 7)).toBe(true);
  expect(january?.weeks[0]?.[0]).toEqual({ date: "2024-01-01", day: 1, pnl: null });
  expect(january?.weeks[4]?.[2]).toEqual({ date: "2024-01-31", day: 31, pnl: -2 });
  expect(january?.weeks[4]?.[3]).toBeNull();
  expect(january?.pnl).toBe(3);
});

test("months without a result stand between those with one, over the end of a year", () => {
  const names = months({ "2023-11-30": 1, "2024-02-29": 1 }).map((month) => month.name);
  expect(names).toEqual(["2023-11", "2023-12", "2024-01", "2024-02"]);
});

test("a leap day is a day, and no day is no month", () => {
  const [february] = months({ "2024-02-29": 4 });
  expect(february?.weeks.flat().filter(Boolean)).toHaveLength(29);
  expect(months({})).toEqual([]);
});

test("the largest result counts whichever way it went", () => {
  expect(largest({ a: 3, b: -9 })).toBe(9);
  expect(largest({})).toBe(0);
});
