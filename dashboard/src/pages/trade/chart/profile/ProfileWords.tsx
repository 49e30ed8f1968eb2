/** Says what a volume profile shows: its point of control, its value area, what it is made of. */

import classes from "./ProfileWords.module.css";
import { levelsOf } from "./profile";
import type { Profiled } from "./useProfile";

export function ProfileWords({
  profiled: { profile, count, widths },
  tick,
  places,
}: {
  profiled: Profiled;
  tick: number;
  /** Decimal places of a price. */
  places: number;
}) {
  const made = `of ${widths.join(" and ")} bars`;
  if (!profile) {
    return (
      <div className={classes.words} role="note" aria-label="volume profile">
        <span title="The venue told of no volume for them">No volume in the bars in sight</span>
      </div>
    );
  }
  const { control, low, high } = levelsOf(profile, tick);
  const hint =
    `Volume by price of the ${count} bars in sight: the volume ${made}, spread evenly over ` +
    "their range. The point of control (POC) is the row with most of it; around it, the value " +
    "area holds 70 %.";
  return (
    <div className={classes.words} role="note" aria-label="volume profile" title={hint}>
      <span>
        <abbr title="point of control">POC</abbr> {control.toFixed(places)}
      </span>
      <span>
        value area {low.toFixed(places)}–{high.toFixed(places)}
      </span>
      <span className={classes.made}>{made}</span>
    </div>
  );
}
