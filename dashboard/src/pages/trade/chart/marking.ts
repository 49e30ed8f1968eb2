/** Puts own fills on the candles, and names those that have room at the present zoom. */
import {
  createSeriesMarkers,
  type IChartApi,
  type ISeriesApi,
  type SeriesMarker,
  type Time,
  type UTCTimestamp,
} from "lightweight-charts";
import type { Bar } from "./bars";
import { type Mark, named } from "./marks";

export class Marking {
  private readonly plugin;
  private marks: readonly Mark[] = [];
  private bars: readonly Bar[] = [];
  private named = new Set<Mark>();

  constructor(
    private readonly chart: IChartApi,
    private readonly candles: ISeriesApi<"Candlestick">,
    private readonly hues: { up: string; down: string },
  ) {
    this.plugin = createSeriesMarkers<Time>(candles, []);
  }

  show(marks: readonly Mark[], bars: readonly Bar[]): void {
    this.marks = marks;
    this.bars = bars;
    this.draw(this.fitting());
  }

  /** Name others where the chart has been moved or zoomed. */
  fit(): void {
    const fitting = this.fitting();
    if (this.marks.some((mark) => this.named.has(mark) !== fitting.has(mark))) this.draw(fitting);
  }

  private fitting(): Set<Mark> {
    const scale = this.chart.timeScale();
    const range = scale.getVisibleLogicalRange();
    return named(this.marks, this.bars, {
      barPx: scale.options().barSpacing,
      from: range?.from ?? 0,
      to: range?.to ?? this.bars.length,
      yOf: (price) => this.candles.priceToCoordinate(price),
    });
  }

  private draw(fitting: Set<Mark>): void {
    this.named = fitting;
    this.plugin.setMarkers(
      this.marks.map((mark): SeriesMarker<Time> => {
        const isBuy = mark.side === "buy";
        return {
          time: mark.time as UTCTimestamp,
          position: isBuy ? "belowBar" : "aboveBar",
          shape: isBuy ? "arrowUp" : "arrowDown",
          color: isBuy ? this.hues.up : this.hues.down,
          ...(fitting.has(mark) && { text: mark.words }),
        };
      }),
    );
  }
}
