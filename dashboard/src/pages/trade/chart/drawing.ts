/** Puts indicators into a chart: on the candles, or in panes below that come and go. */
import { type IChartApi, type ISeriesApi, LineSeries, type UTCTimestamp } from "lightweight-charts";
import type { Drawn, Shown } from "./indicators";

type Kept = { series: ISeriesApi<"Line">; points: Drawn["points"] };

/** The lines that are in one chart now. */
export class Drawing {
  private kept = new Map<string, Kept>();
  private plan = "";

  constructor(
    private readonly chart: IChartApi,
    private readonly scheme: "dark" | "light",
  ) {}

  draw(shown: readonly Shown[]): void {
    const drawn = shown.filter(({ pane }) => pane !== null);
    const plan = JSON.stringify(drawn.map(({ key, pane, look }) => [key, pane, look.style]));
    if (plan !== this.plan) this.begin(drawn, plan);
    for (const { key, row, places } of drawn) {
      const kept = this.kept.get(key);
      if (!kept || kept.points === row.points) continue;
      kept.points = row.points;
      kept.series.applyOptions({
        priceFormat: { type: "price", precision: places, minMove: 10 ** -places },
      });
      kept.series.setData(
        row.points.map(([time = 0, value = 0]) => ({ time: time as UTCTimestamp, value })),
      );
    }
  }

  /** Add them all anew: a pane that empties is gone, and the numbers of others change. */
  private begin(drawn: readonly Shown[], plan: string): void {
    for (const { series } of this.kept.values()) this.chart.removeSeries(series);
    this.kept.clear();
    this.plan = plan;
    for (const { key, row, look, pane } of [...drawn].sort(byPane)) {
      const series = this.chart.addSeries(
        LineSeries,
        {
          color: look.hue[this.scheme],
          lineStyle: look.style,
          lineWidth: look.width,
          title: pane ? shortOf(row) : "",
          lastValueVisible: pane !== 0,
          priceLineVisible: false,
          crosshairMarkerRadius: 3,
        },
        pane ?? 0,
      );
      this.kept.set(key, { series, points: [] });
    }
    this.chart.panes().forEach((pane, at) => {
      pane.setStretchFactor(at ? 1 : 3);
    });
  }
}

/** Return a name without its parameters, which the legend tells: room is dear in a pane. */
function shortOf(row: Drawn): string {
  return row.name.replace(/\(.*\)/, "");
}

function byPane(one: Shown, other: Shown): number {
  return (one.pane ?? 0) - (other.pane ?? 0);
}
