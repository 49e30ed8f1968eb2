/** Candles with volume, own fills where they happened, working orders, what strategies go by. */
import { useComputedColorScheme } from "@mantine/core";
import {
  CandlestickSeries,
  HistogramSeries,
  type IChartApi,
  type IPriceLine,
  type ISeriesApi,
  LineStyle,
  type UTCTimestamp,
} from "lightweight-charts";
import { useEffect, useRef } from "react";
import { newChart } from "../../../parts/chart";
import { eachFrame } from "../../../parts/frame";
import type { Bar } from "./bars";
import { Drawing } from "./drawing";
import type { Shown } from "./indicators";
import { Marking } from "./marking";
import type { Mark } from "./marks";
import { ProfileRows } from "./profile/ProfileRows";
import type { Profile } from "./profile/profile";
import { type Sight, watchSight } from "./profile/sight";

export type Line = { key: string; price: number; side: "buy" | "sell"; words: string };

/** The second at which a bar begins, and where it stands, in pixels from the left. */
export type Hovered = { second: number; x: number };

type Drawn = {
  chart: IChartApi;
  candles: ISeriesApi<"Candlestick">;
  volume: ISeriesApi<"Histogram">;
  marks: Marking;
  lines: IPriceLine[];
  bars: readonly Bar[];
  indicators: Drawing;
  profile: ProfileRows;
};

const hues = {
  dark: { up: "#3fc48a", down: "#ff7b72" },
  light: { up: "#0b7a4b", down: "#b3261e" },
};
const separators = { dark: "#2a3442", light: "#d5dbe3" };
const MOST_LABELS = 4; // of orders: more would hide the chart behind them
const SHOWN = 120; // bars in sight at first
const AHEAD = 10; // bars of room after the newest, for the words of its fills
const NEAR = 30; // bars from the left edge at which older ones are asked for

type Shows = {
  bars: readonly Bar[];
  marks: readonly Mark[];
  lines: readonly Line[];
  indicators: readonly Shown[];
  profile: Profile | null;
  /** Decimal places of a price. */
  places: number;
  /** Seconds of a bar. */
  widthS: number;
  /** Called when who looks comes near the oldest bar. */
  onOlder: () => void;
  /** Called with the bar under the pointer, null for none. */
  onHover: (hovered: Hovered | null) => void;
  /** Called with the bars in sight, at once and whenever they change. */
  onSight?: ((sight: Sight) => void) | undefined;
  label: string;
};

export function CandleChart(shows: Shows) {
  const scheme = useComputedColorScheme("dark");
  // What a chart is made with makes another, on which all is drawn anew.
  return <Candles key={`${scheme} ${shows.widthS}`} scheme={scheme} {...shows} />;
}

function Candles({
  scheme,
  bars,
  marks,
  lines,
  indicators,
  profile,
  places,
  widthS,
  onOlder,
  onHover,
  onSight,
  label,
}: Shows & { scheme: keyof typeof hues }) {
  const place = useRef<HTMLDivElement>(null);
  const drawn = useRef<Drawn | null>(null);
  const older = useRef(onOlder);
  older.current = onOlder;
  const hovered = useRef(onHover);
  hovered.current = onHover;
  const { up, down } = hues[scheme];
  const isProfiled = profile !== null;

  useEffect(() => {
    if (!place.current) return;
    const chart = newChart(place.current, scheme === "dark", widthS);
    chart.applyOptions({
      layout: { panes: { separatorColor: separators[scheme] } },
      timeScale: { rightOffset: AHEAD },
      crosshair: { mode: 0 },
    });
    const candles = chart.addSeries(CandlestickSeries, {
      upColor: "transparent", // hollow and filled: told apart without colours
      downColor: down,
      borderUpColor: up,
      borderDownColor: down,
      wickUpColor: up,
      wickDownColor: down,
    });
    const volume = chart.addSeries(HistogramSeries, {
      priceScaleId: "volume",
      priceFormat: { type: "volume" },
      lastValueVisible: false,
      priceLineVisible: false,
    });
    chart.priceScale("volume").applyOptions({ scaleMargins: { top: 0.84, bottom: 0 } });
    const [moved, drop] = eachFrame(() => drawn.current?.marks.fit());
    chart.timeScale().subscribeVisibleLogicalRangeChange((range) => {
      if (range && range.from < NEAR && drawn.current?.bars.length) older.current();
      moved();
    });
    chart.subscribeCrosshairMove(({ time, point }) => {
      const x = point && time !== undefined ? chart.timeScale().timeToCoordinate(time) : null;
      hovered.current(x === null ? null : { second: Number(time), x });
    });
    const rows = new ProfileRows(scheme);
    candles.attachPrimitive(rows);
    drawn.current = {
      chart,
      candles,
      volume,
      marks: new Marking(chart, candles, { up, down }),
      lines: [],
      bars: [],
      indicators: new Drawing(chart, scheme),
      profile: rows,
    };
    return () => {
      drop();
      drawn.current = null;
      chart.remove();
    };
  }, [scheme, up, down, widthS]);

  useEffect(() => {
    drawn.current?.candles.applyOptions({
      priceFormat: { type: "price", precision: places, minMove: 1 / 10 ** places },
    });
  }, [places]);

  useEffect(() => {
    if (drawn.current) drawBars(drawn.current, bars, `${up}55`, `${down}55`);
  }, [bars, up, down]);

  useEffect(() => {
    drawn.current?.indicators.draw(indicators);
    // Room for the legend, which stands above the highest price.
    const top = 0.08 + 0.035 * Math.min(indicators.length, 4) + (isProfiled ? 0.05 : 0);
    drawn.current?.candles.priceScale().applyOptions({ scaleMargins: { top, bottom: 0.2 } });
  }, [indicators, isProfiled]);

  useEffect(() => {
    drawn.current?.marks.show(marks, drawn.current.bars);
  }, [marks]);

  useEffect(() => {
    const now = drawn.current;
    if (!now) return;
    for (const line of now.lines) now.candles.removePriceLine(line);
    now.lines = lines.map((line) =>
      now.candles.createPriceLine({
        price: line.price,
        color: line.side === "buy" ? up : down,
        lineWidth: 1,
        lineStyle: LineStyle.Dashed,
        axisLabelVisible: lines.length <= MOST_LABELS,
        title: line.words,
      }),
    );
  }, [lines, up, down]);

  useEffect(() => {
    if (drawn.current && onSight) return watchSight(drawn.current.chart, onSight);
  }, [onSight]);

  useEffect(() => {
    drawn.current?.profile.show(profile);
  }, [profile]);

  return (
    <div ref={place} style={{ height: "100%", width: "100%" }} role="img" aria-label={label} />
  );
}

/** Draw what is new; all of it only when older bars came, or the chart is another. */
function drawBars(now: Drawn, bars: readonly Bar[], upHue: string, downHue: string): void {
  const candle = ([time = 0, open = 0, high = 0, low = 0, close = 0]: Bar) => ({
    time: time as UTCTimestamp,
    open,
    high,
    low,
    close,
  });
  const amount = ([time = 0, open = 0, , , close = 0, value = 0]: Bar) => ({
    time: time as UTCTimestamp,
    value,
    color: close >= open ? upHue : downHue,
  });
  const before = now.bars;
  now.bars = bars;
  const last = before.at(-1)?.[0];
  const isGrown =
    last !== undefined && before[0]?.[0] === bars[0]?.[0] && bars.length >= before.length;
  if (isGrown) {
    for (const bar of bars.slice(before.length - 1)) {
      now.candles.update(candle(bar));
      now.volume.update(amount(bar));
    }
    return;
  }
  const range = now.chart.timeScale().getVisibleLogicalRange();
  now.candles.setData(bars.map(candle));
  now.volume.setData(bars.map(amount));
  const added = bars.length - before.length;
  if (before.length && range && bars.at(-1)?.[0] === last && added > 0) {
    // Older bars came in on the left: what is looked at stays where it is.
    const [from, to] = [range.from + added, range.to + added];
    now.chart.timeScale().setVisibleLogicalRange({ from, to });
  } else {
    const to = bars.length + AHEAD;
    now.chart.timeScale().setVisibleLogicalRange({ from: to - SHOWN, to });
  }
}
