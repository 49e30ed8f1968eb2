/** Charts that a platform has drawn up itself. */
import { memo, useMemo } from "react";
import { Lines } from "../../parts/Lines";
import classes from "./Platforms.module.css";
import { Plot, type Series } from "./Plot";
import { Subject } from "./Subject";
import type { Said } from "./said";

type Row = Said<"charts">;

export const Charts = memo(function Charts({ rows }: { rows: readonly Row[] }) {
  return (
    <div className={classes.columns}>
      {rows.map((row) => (
        <Chart key={row.key} row={row} />
      ))}
    </div>
  );
});

const Chart = memo(function Chart({ row }: { row: Row }) {
  const { name, kind, x, unit } = row.value;
  const series = useMemo(
    () =>
      row.value.series.map(
        (each): Series => ({
          name: each.name,
          points: each.points.map(([at, value]) => [at, value] as const),
        }),
      ),
    [row],
  );
  const label = `${name}: ${series.map((each) => each.name).join(", ")}`;
  return (
    <Subject title={unit ? `${name}, ${unit}` : name} rows={[row]} happens>
      {x === "time" && kind !== "scatter" ? (
        <Lines lines={series} kind={kind} height={240} label={label} />
      ) : (
        <Plot series={series} kind={kind} isTime={x === "time"} label={label} />
      )}
    </Subject>
  );
});
