import { TickMarkType as Tick, type UTCTimestamp } from "lightweight-charts";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { clockOf, localSecond } from "./clock";

const at = (text: string) => (Date.parse(text) / 1e3) as UTCTimestamp;
const newYear = at("2026-12-31T23:00:05Z");

afterEach(() => void vi.unstubAllEnvs());

describe("in Berlin", () => {
  beforeEach(() => void vi.stubEnv("TZ", "Europe/Berlin"));

  it("writes ticks by the reader's clock", () => {
    const { tick } = clockOf();
    expect(tick(newYear, Tick.Time)).toBe("00:00");
    expect(tick(newYear, Tick.TimeWithSeconds)).toBe("00:00:05");
    expect(tick(newYear, Tick.DayOfMonth)).toMatch(/Jan.*1|1.*Jan/);
    expect(tick(newYear, Tick.Year)).toContain("2027");
  });

  it("gives no two neighbours of five seconds the same words", () => {
    const { tick } = clockOf(5);
    const words = Array.from({ length: 12 }, (_, place) =>
      tick((newYear + 5 * place) as UTCTimestamp, place ? Tick.TimeWithSeconds : Tick.Time),
    );
    expect(new Set(words).size).toBe(12);
  });

  it.each([
    [0, /2027.*00:00:05/],
    [5, /2027.*00:00:05/],
    [60, /2027.*00:00$/],
    [14_400, /2027.*00:00$/],
  ])("tells as much under the crosshair as bars of %i s are apart", (width, words) => {
    expect(clockOf(width).exact(newYear)).toMatch(words);
  });

  it("names a bar of a day by its day in UTC, on the axis and under the crosshair", () => {
    const clock = clockOf(86_400);
    const bar = at("2026-11-22T00:00:00Z");
    for (const words of [clock.tick(bar, Tick.DayOfMonth), clock.exact(bar)])
      expect(words).toMatch(/\b22\b/);
    expect(clock.exact(bar)).not.toContain(":");
  });
});

it.each([
  ["America/New_York", "2026-11-22T05:00:00Z"],
  ["Asia/Kolkata", "2026-11-21T18:30:00Z"],
  ["UTC", "2026-11-22T00:00:00Z"],
])("midnight in %s is where a day begins", (zone, midnight) => {
  vi.stubEnv("TZ", zone);
  expect(localSecond(at(midnight)) % 86_400).toBe(0);
});

it("knows that clocks are put back", () => {
  vi.stubEnv("TZ", "Europe/Berlin");
  const [summer, winter] = ["2026-10-25T00:30:00Z", "2026-10-25T01:30:00Z"].map(at);
  expect(localSecond(summer ?? 0)).toBe(localSecond(winter ?? 0));
});
