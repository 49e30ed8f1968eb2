import { span } from "../../parts/span";
import classes from "./Data.module.css";
import { type Series, strip } from "./series";

/** A series as a bar with its gaps cut out of it. */
export function Strip({ series }: { series: Series }) {
  const pieces = strip(series.first_ns, series.last_ns, series.gaps);
  const missing_s = series.gaps.reduce(
    (sum, gap) => sum + ((gap[1] ?? 0) - (gap[0] ?? 0)) / 1e9,
    0,
  );
  const words =
    series.gap_count > 0 ? `${series.gap_count} gaps, ${span(missing_s)} missing` : "without a gap";
  return (
    <div className={classes.strip} role="img" aria-label={words} title={words}>
      {pieces.map((piece) => (
        <span
          key={piece.from}
          className={piece.isGap ? classes.gap : classes.data}
          style={{ left: `${piece.from * 100}%`, width: `${piece.width * 100}%` }}
        />
      ))}
    </div>
  );
}
