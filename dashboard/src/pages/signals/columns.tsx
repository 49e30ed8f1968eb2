import { Link } from "@tanstack/react-router";
import { grouped, Moment } from "../../parts/Num";
import type { Column } from "../../parts/Rows";
import classes from "./Signals.module.css";
import { type Direction, directionOf, type Signal, spanOf } from "./signals";

const directions: Record<Direction, [name: string, mark: string]> = {
  long: ["up", "▲"],
  short: ["down", "▼"],
  flat: ["faint", "■"],
};
const outcomes: Record<string, [name: string, mark: string]> = {
  ordered: ["up", "✓"],
  refused: ["down", "✗"],
  ignored: ["faint", "·"],
};

export const columns: Column<Signal>[] = [
  { name: "at", title: "Time", cell: (row) => <Moment ns={row.at} />, by: (row) => row.at },
  {
    name: "strategy",
    title: "Strategy",
    cell: (row) => row.strategy,
    by: (row) => row.strategy,
  },
  {
    name: "symbol",
    title: "Symbol",
    cell: (row) => (
      <Link to="/trade" search={{ symbol: row.symbol }} className={classes.link}>
        {row.symbol}
      </Link>
    ),
    by: (row) => row.symbol,
  },
  {
    name: "direction",
    title: "Direction",
    cell: (row) => {
      const [name, mark] = directions[directionOf(row)];
      return (
        <span className={name}>
          {mark} {row.direction}
        </span>
      );
    },
    by: (row) => row.direction,
  },
  {
    name: "confidence",
    title: "Confidence",
    cell: (row) => <Bar share={row.confidence} />,
    by: (row) => row.confidence,
    isNumber: true,
    width: 130,
  },
  {
    name: "strength",
    title: "Strength",
    cell: (row) => grouped(row.strength, 2, 2),
    by: (row) => row.strength,
    isNumber: true,
  },
  {
    name: "horizon",
    title: "Horizon",
    cell: (row) => spanOf(row.horizon_s),
    by: (row) => row.horizon_s,
    isNumber: true,
  },
  {
    name: "outcome",
    title: "Outcome",
    cell: (row) => {
      const [name, mark] = outcomes[row.outcome] ?? ["faint", "·"];
      return (
        <span className={name}>
          {mark} {row.outcome}
        </span>
      );
    },
    by: (row) => row.outcome,
  },
  {
    name: "orders",
    title: "Story",
    cell: (row) => <Stories row={row} />,
  },
  {
    name: "why",
    title: "Why",
    cell: (row) => (
      <span className={classes.why} title={row.words}>
        {row.words}
      </span>
    ),
  },
];

/** A share as a bar and in numbers: the bar to compare at a glance, the number to read. */
function Bar({ share }: { share: number | null }) {
  if (share === null) return <span className="faint">–</span>;
  return (
    <span className={classes.bar}>
      <span className={classes.track}>
        <span style={{ width: `${Math.min(Math.max(share, 0), 1) * 100}%` }} />
      </span>
      {grouped(share * 100, 0)} %
    </span>
  );
}

function Stories({ row }: { row: Signal }) {
  if (row.order_ids.length === 0) {
    return row.correlation ? <Story id={row.correlation}>why not</Story> : null;
  }
  return row.order_ids.map((id, index) => (
    <Story key={id} id={id}>
      {row.order_ids.length > 1 ? `order ${index + 1}` : "order"}
    </Story>
  ));
}

function Story({ id, children }: { id: string; children: string | string[] }) {
  return (
    <Link to="/audit" search={{ story: id }} className={classes.link}>
      {children}
    </Link>
  );
}
