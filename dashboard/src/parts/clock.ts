/** Times on a chart in the reader's own clock: the chart itself would write UTC. */
import { TickMarkType as Tick, type Time } from "lightweight-charts";

/** The reader's language. What a browser names is not always one: `en-US@posix`, say. */
export const locale = new Intl.DateTimeFormat().resolvedOptions().locale;

const clock = new Intl.DateTimeFormat(undefined, {
  hour: "2-digit",
  minute: "2-digit",
  hour12: false,
});
const exact = new Intl.DateTimeFormat(undefined, {
  year: "numeric",
  month: "short",
  day: "2-digit",
  hour: "2-digit",
  minute: "2-digit",
  second: "2-digit",
  hour12: false,
});
const day = new Intl.DateTimeFormat(undefined, { month: "short", day: "numeric" });
const month = new Intl.DateTimeFormat(undefined, { month: "short", year: "numeric" });

export function localTime(time: Time): string {
  return exact.format(Number(time) * 1e3);
}

export function localTick(time: Time, kind: Tick): string {
  const date = Number(time) * 1e3;
  if (kind === Tick.Year || kind === Tick.Month) return month.format(date);
  return kind === Tick.DayOfMonth ? day.format(date) : clock.format(date);
}
