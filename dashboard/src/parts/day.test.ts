import { afterEach, describe, expect, it, vi } from "vitest";
import { dayStart, lateStart, sinceWords } from "./day";

const at = (text: string) => Date.parse(`2026-11-22T${text}Z`);
const [midnight, now] = [at("00:00:00") / 1e3, at("05:00:00")];
const second = (text: string) => at(text) / 1e3;

afterEach(() => void vi.unstubAllEnvs());

it("a day begins at midnight in UTC", () => {
  expect([at("00:00:00"), at("23:59:59")].map(dayStart)).toEqual([midnight, midnight]);
});

describe("in Berlin, a result of today", () => {
  it.each([
    ["of a desk that ran over midnight", [midnight + 2], "since 01:00, when the UTC day began"],
    ["of a desk that began late", [second("04:10:20")], "since 05:10"],
    [
      "of an account let in late",
      [midnight, second("04:10:00")],
      "since 01:00 to 05:10, by account",
    ],
    ["of accounts that began together", [second("04:10:01"), second("04:10:40")], "since 05:10"],
    ["of which nothing is known", [], ""],
  ])("%s says so", (_, begun, words) => {
    vi.stubEnv("TZ", "Europe/Berlin");
    expect(sinceWords(begun, now)).toBe(words);
  });
});

it.each([
  ["of a strategy that began late", second("04:10:20") * 1e9, second("04:10:20")],
  ["of one that ran over midnight", (midnight + 3) * 1e9, null],
  ["of one that told nothing yet", null, null],
])("a result of today, %s", (_, sinceNs, late) => {
  expect(lateStart(sinceNs, now)).toBe(late);
});
