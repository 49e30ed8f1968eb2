/** Times on a chart in the reader's own clock: the chart itself would write UTC. */
import { TickMarkType as Tick, type Time } from "lightweight-charts";
import { DAY_S, MINUTES } from "./day";

/** The reader's language. What a browser names is not always one: `en-US@posix`, say. */
export const locale = new Intl.DateTimeFormat().resolvedOptions().locale;

const MINUTE_S = 60;
const SECONDS = { ...MINUTES, second: "2-digit" } as const;
const DATE = { year: "numeric", month: "short", day: "numeric" } as const;

export type Clock = {
  /** Below the chart. */
  tick: (time: Time, kind: Tick) => string;
  /** Under the crosshair. */
  exact: (time: Time) => string;
};

/** Return how times are written where bars are this wide; 0 is of samples taken at any second.
 * A bar of a day or more is one of UTC, whatever clock the reader has: it is named by its date. */
export function clockOf(widthS = 0): Clock {
  const isOfDays = widthS >= DAY_S;
  const writer = (options: Intl.DateTimeFormatOptions) => {
    const zone = isOfDays ? { timeZone: "UTC" } : {};
    const format = new Intl.DateTimeFormat(undefined, { ...options, ...zone });
    return (time: Time) => format.format(Number(time) * 1e3);
  };
  const month = writer({ month: "short", year: "numeric" });
  const day = writer({ month: "short", day: "numeric" });
  const [minute, second] = [writer(MINUTES), writer(SECONDS)];
  return {
    tick: (time, kind) => {
      if (kind === Tick.Year || kind === Tick.Month) return month(time);
      if (kind === Tick.DayOfMonth) return day(time);
      return kind === Tick.TimeWithSeconds ? second(time) : minute(time);
    },
    exact: isOfDays
      ? writer(DATE)
      : writer({ ...DATE, ...(widthS < MINUTE_S ? SECONDS : MINUTES) }),
  };
}

/** Return a second as the reader's clock would count it, were their zone UTC. */
export function localSecond(second: number): number {
  return second - new Date(second * 1e3).getTimezoneOffset() * MINUTE_S;
}
