/** Names the lines over a chart, with the value under the pointer, else the newest. */

import { type Elsewhere, type Shown, valueAt, wordsOf } from "./indicators";
import classes from "./Legend.module.css";

export function Legend({
  shown,
  hidden,
  onToggle,
  elsewhere,
  onTimeframe,
  second,
}: {
  shown: readonly Shown[];
  hidden: readonly string[];
  onToggle: (key: string) => void;
  elsewhere: readonly Elsewhere[];
  /** Undefined for a timeframe that the chart does not offer. */
  onTimeframe: (timeframe: string) => (() => void) | undefined;
  /** Where the pointer is, null when it is not on the chart. */
  second: number | null;
}) {
  if (!shown.length && !elsewhere.length) return null;
  return (
    <ul className={classes.legend} aria-label="indicators of strategies">
      {shown.map(({ key, row, look, pane, places }) => {
        const isHidden = hidden.includes(key);
        const value = isHidden ? null : valueAt(row.points, second);
        return (
          <li key={key}>
            <button
              type="button"
              aria-pressed={!isHidden}
              title={`${row.name} of ${row.strategy}${hint(isHidden, pane)}`}
              onClick={() => onToggle(key)}
            >
              <svg width="18" height="8" aria-hidden="true">
                <line
                  x1="0"
                  x2="18"
                  y1="4"
                  y2="4"
                  strokeWidth={look.width}
                  strokeDasharray={look.dashes}
                  stroke={`light-dark(${look.hue.light}, ${look.hue.dark})`}
                />
              </svg>
              <span>{row.name}</span>
              <span className={classes.strategy}>{row.strategy}</span>
              <span className={classes.value}>{value === null ? "–" : value.toFixed(places)}</span>
            </button>
          </li>
        );
      })}
      {elsewhere.map((each) => {
        const choose = onTimeframe(each.timeframe);
        return (
          <li key={each.timeframe} className={classes.note}>
            {wordsOf(each)}
            {choose && (
              <button type="button" className={classes.choose} onClick={choose}>
                show {each.timeframe}
              </button>
            )}
          </li>
        );
      })}
    </ul>
  );
}

function hint(isHidden: boolean, pane: number | null): string {
  if (isHidden) return ": hidden, press to show it";
  return pane === null ? ": no room; hide one of the others" : ": press to hide it";
}
