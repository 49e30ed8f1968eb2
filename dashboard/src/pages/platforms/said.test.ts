import { expect, test } from "vitest";
import { bySubject, followed, type Held, joined, newestOf, spoken, stateOf, written } from "./said";

const held = (subject: string, key: string, at_ns: number): Held => ({
  subject,
  key,
  at_ns,
  value: {},
});

test("what is so keeps its place, of what happens the newest stands first", () => {
  const rows = [
    held("fills", "f1", 1),
    held("market-data", "ES10", 1),
    held("fills", "f2", 2),
    held("market-data", "ES9", 5),
  ];
  const found = bySubject(rows, {});
  expect(found["market-data"]?.map((row) => row.key)).toEqual(["ES9", "ES10"]);
  expect(found.fills?.map((row) => row.key)).toEqual(["f2", "f1"]);
  expect(found.news).toBeUndefined();
});

test("a subject of which nothing is new is the same array as before", () => {
  const [fill, price] = [held("fills", "f1", 1), held("market-data", "ES", 1)];
  const before = bySubject([fill, price], {});
  const after = bySubject([fill, held("market-data", "ES", 2)], before);
  expect(after.fills).toBe(before.fills);
  expect(after["market-data"]).not.toBe(before["market-data"]);
});

test.each([
  ["https://news.example/1", "https://news.example/1"],
  ["http://news.example", "http://news.example/"],
  ["javascript:alert(1)", null],
  ["JavaScript:alert(1)", null],
  ["data:text/html,x", null],
  ["//news.example", null],
  ["", null],
  [undefined, null],
])("of %s what is followed is %s", (url, expected) => {
  expect(followed(url)).toBe(expected);
});

test.each([
  ["FILLED", "Filled"],
  ["partially_filled", "PartiallyFilled"],
  ["Pending New", "PendingNew"],
  ["parked at the broker", "parked at the broker"],
  ["", ""],
])("the state %j is shown as %j", (word, expected) => {
  expect(stateOf(word)).toBe(expected);
});

test("what a platform tells is said with the most first, and nothing of what it does not", () => {
  expect(spoken({ portfolio: 1, "market-data": 12, fills: 0 })).toBe("12 market data, 1 portfolio");
});

test.each([
  ["4.20", [], "4.20"],
  ["78", ["78.31"], "78.00"],
  [5000, ["5000.5", null], "5\u2009000.0"],
  [0.1 + 0.2, [], "0.30000000"],
  [null, ["1.5"], "–"],
])("%j beside %j is written %s", (amount, beside, words) => {
  expect(written(amount, beside)).toBe(words);
});

test("a value that was pushed is laid behind the others once", () => {
  const points = [
    [1, 10],
    [2, 20],
  ];
  expect(joined(points, 3e9, 30)).toEqual([...points, [3, 30]]);
  expect(joined(points, 2e9, 20)).toEqual(points);
  expect(joined([], 1e9, 5)).toEqual([[1, 5]]);
});

test("the newest of nothing is no moment", () => {
  expect(newestOf([])).toBe(0);
  expect(newestOf([{ at_ns: 2 }, { at_ns: 7 }, { at_ns: 3 }])).toBe(7);
});
