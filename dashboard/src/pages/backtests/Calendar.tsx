/** Profit and loss by day: what was good and what was bad, at a glance. */
import { Text } from "@mantine/core";
import { useMemo } from "react";
import { grouped, Signed } from "../../parts/Num";
import { Empty } from "../../parts/States";
import classes from "./Backtests.module.css";
import { type Day, largest, months } from "./calendar";

const LEAST_TINT = 14;
const MOST_TINT = 70;
const weekdays = ["Mo", "Tu", "We", "Th", "Fr", "Sa", "Su"];

export function Calendar({ days }: { days: Readonly<Record<string, number>> }) {
  const told = useMemo(() => months(days), [days]);
  const most = useMemo(() => largest(days), [days]);
  if (told.length === 0) return <Empty title="No day has a result" />;
  return (
    <div className={classes.months}>
      {told.map((month) => (
        <table key={month.name} className={classes.month}>
          <caption>
            {month.name} <Signed value={month.pnl} />
          </caption>
          <thead>
            <tr>
              {weekdays.map((name) => (
                <th key={name} scope="col">
                  {name}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {month.weeks.map((week, at) => (
              // biome-ignore lint/suspicious/noArrayIndexKey: weeks never move
              <tr key={at}>
                {week.map((day, weekday) => (
                  // biome-ignore lint/suspicious/noArrayIndexKey: days never move
                  <Cell key={weekday} day={day} most={most} />
                ))}
              </tr>
            ))}
          </tbody>
        </table>
      ))}
    </div>
  );
}

function Cell({ day, most }: { day: Day | null; most: number }) {
  if (!day) return <td />;
  if (day.pnl === null) return <td className="faint">{day.day}</td>;
  const tint = most ? LEAST_TINT + (Math.abs(day.pnl) / most) * (MOST_TINT - LEAST_TINT) : 0;
  const tone = day.pnl > 0 ? "var(--up)" : "var(--down)";
  const words = `${day.date}: ${day.pnl > 0 ? "+" : ""}${grouped(day.pnl, 2, 2)}`;
  return (
    <td
      title={words}
      style={{
        background:
          day.pnl === 0 ? "transparent" : `color-mix(in srgb, ${tone} ${tint}%, transparent)`,
      }}
    >
      {day.day}
      <Text span className={classes.sign} aria-label={words}>
        {day.pnl > 0 ? "+" : day.pnl < 0 ? "−" : ""}
      </Text>
    </td>
  );
}
