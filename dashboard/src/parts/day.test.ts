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

describe("the samples of a curve", () => {
  const from = (text: string, count: number, step: number) =>
    Array.from({ length: count }, (_, place) => [second(text) + place * step, 1]);

  it("tell when the first of today was late", () => {
    expect(lateStart(from("04:10:00", 9, 5), now)).toBe(second("04:10:00"));
  });
  it("are not late where they went on over midnight, however far apart", () => {
    const thinned = Array.from({ length: 9 }, (_, place) => [midnight - 400 + place * 600, 1]);
    expect(lateStart(thinned, now)).toBeNull();
    expect(lateStart(from("00:00:03", 9, 5), now)).toBeNull();
  });
  it("are late after a night in which none was taken", () => {
    const evening = [[midnight - 3600, 1], ...from("04:10:00", 9, 5)];
    expect(lateStart(evening, now)).toBe(second("04:10:00"));
  });
  it("tell nothing where there is none of today", () => {
    expect(lateStart([], now)).toBeNull();
    expect(lateStart([[midnight - 5, 1]], now)).toBeNull();
  });
});
