/** Charts as the app draws them: calm colours, and the reader's own clock. */
import {
  type ChartOptions,
  ColorType,
  createChartEx,
  type DeepPartial,
  defaultHorzScaleBehavior,
  type IChartApi,
  type Mutable,
  type TimeScalePoint,
  type UTCTimestamp,
} from "lightweight-charts";
import { clockOf, locale, localSecond } from "./clock";
import { DAY_S } from "./day";

const UtcScale = defaultHorzScaleBehavior();

/** Weighs times by the reader's clock: a day begins at their midnight, not at that of UTC. */
class LocalScale extends UtcScale {
  override fillWeightsForPoints(points: readonly Mutable<TimeScalePoint>[], from: number): void {
    const first = Math.max(from - 1, 0); // each is weighed against the one before it
    const local = points.slice(first).map((point) => {
      const second = localSecond(Number(this.key(point.time))) as UTCTimestamp;
      return { ...point, time: this.convertHorzItemToInternal(second) };
    });
    super.fillWeightsForPoints(local, from - first);
    points.slice(from).forEach((point, at) => {
      point.timeWeight = local[from - first + at]?.timeWeight ?? point.timeWeight;
    });
  }
}

/** Return a chart of bars of one width, in seconds; 0 is of samples taken at any second. */
export function newChart(place: HTMLElement, dark: boolean, widthS = 0): IChartApi {
  const clock = clockOf(widthS);
  const grid = { color: dark ? "#1b2330" : "#eceff3" };
  const look: DeepPartial<ChartOptions> = {
    autoSize: true,
    layout: {
      background: { type: ColorType.Solid, color: "transparent" },
      textColor: dark ? "#8b98ab" : "#5a6678",
      fontSize: 11,
      attributionLogo: true,
    },
    grid: { vertLines: grid, horzLines: grid },
    localization: { locale, dateFormat: "yyyy-MM-dd", timeFormatter: clock.exact },
    rightPriceScale: { borderVisible: false },
    timeScale: {
      borderVisible: false,
      fixLeftEdge: !widthS, // samples fill the chart: words of the first and last have no room beside
      fixRightEdge: !widthS,
      timeVisible: true,
      secondsVisible: true, // where two ticks are less than a minute apart
      tickMarkFormatter: clock.tick,
    },
  };
  const scale = widthS >= DAY_S ? new UtcScale() : new LocalScale();
  return createChartEx(place, scale, look) as IChartApi;
}
