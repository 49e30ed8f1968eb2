/** Which bars of a chart are in sight. */
import type { IChartApi } from "lightweight-charts";
import { eachFrame } from "../../../../parts/frame";

/** The seconds at which the first and the last bar in sight begin. */
export type Sight = readonly [from: number, to: number];

/** Tell which bars are in sight now, and at most once a frame that others are. */
export function watchSight(chart: IChartApi, tell: (sight: Sight) => void): () => void {
  const scale = chart.timeScale();
  const look = () => {
    const range = scale.getVisibleRange();
    if (range) tell([Number(range.from), Number(range.to)]);
  };
  const [moved, drop] = eachFrame(look);
  scale.subscribeVisibleTimeRangeChange(moved);
  look();
  return () => {
    drop();
    scale.unsubscribeVisibleTimeRangeChange(moved);
  };
}
