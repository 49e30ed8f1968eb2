/** A line over time, drawn by lightweight-charts. Seconds on one axis, values on the other. */

import { useComputedColorScheme } from "@mantine/core";
import {
  AreaSeries,
  type AutoscaleInfo,
  type IChartApi,
  type ISeriesApi,
  LineSeries,
  type UTCTimestamp,
} from "lightweight-charts";
import { useEffect, useRef } from "react";
import { newChart } from "./chart";
import { priceFormatOf } from "./precision";

export type Point = readonly [seconds: number, value: number | null];

export function Curve({
  points,
  height = 220,
  label,
  filled = true,
  color,
}: {
  points: readonly Point[];
  height?: number | string;
  label: string;
  filled?: boolean;
  color?: string;
}) {
  const place = useRef<HTMLDivElement>(null);
  const chart = useRef<IChartApi | null>(null);
  const series = useRef<ISeriesApi<"Area"> | ISeriesApi<"Line"> | null>(null);
  const dark = useComputedColorScheme("dark") === "dark";
  const line = color ?? (dark ? "#38aabb" : "#0a6c7c");

  useEffect(() => {
    if (!place.current) return;
    const made = newChart(place.current, dark);
    const autoscaleInfoProvider = (own: () => AutoscaleInfo | null) => own();
    chart.current = made;
    series.current = filled
      ? made.addSeries(AreaSeries, {
          lineColor: line,
          topColor: `${line}44`,
          bottomColor: `${line}05`,
          lineWidth: 2,
          autoscaleInfoProvider,
        })
      : made.addSeries(LineSeries, { color: line, lineWidth: 2 });
    return () => {
      made.remove();
      chart.current = null;
      series.current = null;
    };
  }, [dark, filled, line]);

  // biome-ignore lint/correctness/useExhaustiveDependencies: a chart made anew is filled anew
  useEffect(() => {
    const drawn = points
      .filter((point): point is readonly [number, number] => point[1] !== null)
      .map(([time, value]) => ({ time: time as UTCTimestamp, value }));
    series.current?.applyOptions({ priceFormat: priceFormatOf(drawn.map(({ value }) => value)) });
    series.current?.setData(dedupe(drawn));
    chart.current?.timeScale().fitContent();
  }, [points, dark, filled, line]);

  return <div ref={place} style={{ height, width: "100%" }} role="img" aria-label={label} />;
}

/** Keep the last of equal times: the chart takes times that rise. */
function dedupe<T extends { time: UTCTimestamp }>(rows: T[]): T[] {
  const byTime = new Map(rows.map((row) => [row.time, row]));
  return [...byTime.values()].sort((one, other) => one.time - other.time);
}
