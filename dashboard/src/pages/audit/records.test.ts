import { expect, test } from "vitest";
import { kinds, markOf, opened, timed } from "./records";

test("no kind stands in two groups", () => {
  const all = Object.values(kinds).flat();
  expect(new Set(all).size).toBe(all.length);
});

test("what is grave, odd or good differs by sign and not by colour alone", () => {
  const marks = ["alarmed", "request_refused", "fill_recorded", "order_reported"].map(markOf);
  expect(new Set(marks.map(([mark]) => mark)).size).toBe(4);
});

test("a story's times are those since its first line and since the one before", () => {
  const line = { record: "attempt_started", words: "" };
  const told = timed([
    { ...line, sequence: 1, at: 1e9 },
    { ...line, sequence: 2, at: 1.5e9 },
    { ...line, sequence: 9, at: 3e9 },
  ]);
  expect(told.map((each) => [each.sinceFirst_s, each.sinceLast_s])).toEqual([
    [0, 0],
    [0.5, 0.5],
    [2, 1.5],
  ]);
  expect(timed([])).toEqual([]);
});

test("a record opened shows all it holds, and nothing of what it does not", () => {
  expect(
    opened({ record: "alarmed", at: 1, words: "", account: null, ids: ["a"], killed: false }),
  ).toEqual([
    ["at", "1"],
    ["ids", '[\n "a"\n]'],
    ["killed", "false"],
  ]);
});
