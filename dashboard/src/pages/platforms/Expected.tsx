/** What a platform's models expect, what people feel, and what is written. */
import { memo } from "react";
import { grouped, Moment, Percent } from "../../parts/Num";
import { type Column, Rows } from "../../parts/Rows";
import { span } from "../../parts/span";
import { useNow } from "../../parts/useNow";
import classes from "./Platforms.module.css";
import { Subject } from "./Subject";
import { followed, type Said, written } from "./said";

type Prediction = Said<"predictions">;
type Mood = Said<"sentiment">;
type Piece = Said<"news">;

const directions = {
  up: ["up", "▲"],
  down: ["down", "▼"],
  flat: ["faint", "■"],
} as const;

const predictions: Column<Prediction>[] = [
  {
    name: "symbol",
    title: "Symbol",
    cell: (row) => (
      <>
        <b>{row.value.symbol}</b> <span className="faint">{row.value.model}</span>
      </>
    ),
    by: (row) => row.key,
  },
  {
    name: "direction",
    title: "Goes",
    cell: ({ value: { direction } }) => {
      if (!direction) return <span className="faint">–</span>;
      const [name, mark] = directions[direction];
      return (
        <span className={name}>
          {mark} {direction}
        </span>
      );
    },
    by: (row) => row.value.direction,
  },
  {
    name: "probability",
    title: "Sure",
    cell: (row) => <Percent value={row.value.probability} places={0} />,
    by: (row) => row.value.probability,
    isNumber: true,
  },
  {
    name: "value",
    title: "To",
    cell: (row) => written(row.value.value),
    by: (row) => Number(row.value.value ?? 0),
    isNumber: true,
  },
  {
    name: "horizon",
    title: "Within",
    cell: (row) => <Horizon row={row} />,
    by: (row) => row.value.horizon_s,
    isNumber: true,
  },
  {
    name: "at",
    title: "Said at",
    cell: (row) => <Moment ns={row.at_ns} withDate />,
    by: (row) => row.at_ns,
    isNumber: true,
  },
];

function Horizon({ row }: { row: Prediction }) {
  const now = useNow(10_000);
  const { horizon_s } = row.value;
  if (!horizon_s) return <span className="faint">–</span>;
  const isOver = row.at_ns / 1e9 + horizon_s < now / 1e3;
  return (
    <span className={isOver ? "faint" : ""}>
      {span(horizon_s)}
      {isOver && ", over"}
    </span>
  );
}

export const Predictions = memo(function Predictions({ rows }: { rows: readonly Prediction[] }) {
  return (
    <Subject title="Predictions" rows={rows} happens>
      <Rows
        rows={rows}
        columns={predictions}
        keyOf={(row) => row.key}
        empty="No prediction"
        label="predictions of the platform"
      />
    </Subject>
  );
});

const moods: Column<Mood>[] = [
  {
    name: "symbol",
    title: "Symbol",
    cell: (row) => (
      <>
        <b>{row.value.symbol}</b> <span className="faint">{row.value.source}</span>
      </>
    ),
    by: (row) => row.key,
  },
  {
    name: "score",
    title: "Fear to greed",
    cell: (row) => <Leaning score={row.value.score} />,
    by: (row) => row.value.score,
    isNumber: true,
  },
  {
    name: "count",
    title: "Of",
    cell: (row) => grouped(row.value.count),
    by: (row) => row.value.count,
    isNumber: true,
  },
  {
    name: "at",
    title: "At",
    cell: (row) => <Moment ns={row.at_ns} withDate />,
    by: (row) => row.at_ns,
    isNumber: true,
  },
];

function Leaning({ score }: { score: number }) {
  const name = score > 0 ? "up" : score < 0 ? "down" : "faint";
  const share = `${Math.abs(score) * 50}%`;
  return (
    <>
      <span className={classes.leaning} aria-hidden>
        <span
          style={{
            background: `var(--${name})`,
            width: share,
            ...(score < 0 ? { right: "50%" } : { left: "50%" }),
          }}
        />
      </span>
      <span className={name}>
        {score > 0 && "+"}
        {grouped(score, 2, 2)}
      </span>
    </>
  );
}

export const Sentiment = memo(function Sentiment({ rows }: { rows: readonly Mood[] }) {
  return (
    <Subject title="Sentiment" rows={rows} happens>
      <Rows
        rows={rows}
        columns={moods}
        keyOf={(row) => row.key}
        empty="No sentiment"
        label="sentiment of the platform"
      />
    </Subject>
  );
});

export const News = memo(function News({ rows }: { rows: readonly Piece[] }) {
  return (
    <Subject title="News" rows={rows} happens>
      <ul className={classes.news} aria-label="news of the platform">
        {rows.map((row) => (
          <li key={row.key}>
            <Title row={row} />
            <div className="faint">
              <Moment ns={row.at_ns} withDate />
              {[row.value.source, row.value.symbols?.join(", ")]
                .filter(Boolean)
                .map((words) => ` · ${words}`)}
            </div>
            {row.value.words && <p>{row.value.words}</p>}
          </li>
        ))}
      </ul>
    </Subject>
  );
});

/** A link only to the web: an address may be anything that a stranger wrote. */
function Title({ row }: { row: Piece }) {
  const href = followed(row.value.url);
  if (!href) return <b>{row.value.title}</b>;
  return (
    <a href={href} target="_blank" rel="noopener noreferrer">
      {row.value.title}
    </a>
  );
}
