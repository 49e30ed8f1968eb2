/** Each signal as a mark: how far right is when, how high is how sure, filled is acted on. */
import { moment } from "../../parts/Num";
import { Empty } from "../../parts/States";
import classes from "./Signals.module.css";
import { type Direction, directionOf, dotsOf, type Signal } from "./signals";

const shapes: Record<Direction, string> = { long: "▲", short: "▼", flat: "■" };
const hollow: Record<Direction, string> = { long: "△", short: "▽", flat: "□" };

export function Certainty({
  rows,
  looked,
  onLook,
}: {
  rows: readonly Signal[];
  looked: string | null;
  onLook: (key: string) => void;
}) {
  const dots = dotsOf(rows);
  if (dots.length === 0) return <Empty title="No signal says how sure it is" />;
  const times = dots.map(({ row }) => row.at);
  return (
    <div className={classes.certainty}>
      <div className={classes.dots}>
        {[1, 0.5, 0].map((level) => (
          <span key={level} className={classes.level} style={{ bottom: `${level * 100}%` }}>
            {level * 100} %
          </span>
        ))}
        {dots.map(({ key, x, y, row }) => {
          const direction = directionOf(row);
          const isOrdered = row.outcome === "ordered";
          return (
            <button
              key={key}
              type="button"
              className={classes.dot}
              data-direction={direction}
              data-looked={key === looked || undefined}
              style={{ left: `${x * 100}%`, bottom: `${y * 100}%` }}
              onClick={() => onLook(key)}
              title={`${row.strategy}: ${row.direction} ${row.symbol}, ${Math.round(y * 100)} %, ${row.outcome}`}
              tabIndex={-1}
              aria-hidden="true"
            >
              {(isOrdered ? shapes : hollow)[direction]}
            </button>
          );
        })}
      </div>
      <div className={classes.span}>
        <span>{moment(Math.min(...times), true)}</span>
        <span>{moment(Math.max(...times), true)}</span>
      </div>
    </div>
  );
}
