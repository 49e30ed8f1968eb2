/** Several curves in one chart, each named and coloured. */
import { Group, Text, useComputedColorScheme } from "@mantine/core";
import {
  AreaSeries,
  HistogramSeries,
  type IChartApi,
  LineSeries,
  type UTCTimestamp,
} from "lightweight-charts";
import { useEffect, useRef } from "react";
import type { Point } from "./Curve";
import { newChart } from "./chart";
import { priceFormatOf } from "./precision";

export type Line = { name: string; points: readonly Point[] };
export type LineKind = "line" | "area" | "bar";

const COLORS = ["#38aabb", "#e5b454", "#b58cf0", "#ff8f6b", "#7fb069", "#e07aa7", "#8ea4c8"];

/** Return the colour of a line by its place; they repeat after the last. */
export function lineColor(at: number): string {
  return COLORS[at % COLORS.length] ?? "#38aabb";
}

export function Lines({
  lines,
  height = 260,
  label,
  kind = "line",
}: {
  lines: readonly Line[];
  height?: number;
  label: string;
  kind?: LineKind;
}) {
  const place = useRef<HTMLDivElement>(null);
  const dark = useComputedColorScheme("dark") === "dark";

  useEffect(() => {
    if (!place.current) return;
    const chart = newChart(place.current, dark);
    lines.forEach((line, at) => {
      const byTime = new Map<number, number>();
      for (const [time, value] of line.points) if (value !== null) byTime.set(time, value);
      add(chart, kind, lineColor(at), [...byTime.values()]).setData(
        [...byTime]
          .sort(([one], [other]) => one - other)
          .map(([time, value]) => ({ time: time as UTCTimestamp, value })),
      );
    });
    chart.timeScale().fitContent();
    return () => chart.remove();
  }, [lines, kind, dark]);

  return (
    <>
      <div ref={place} style={{ height, width: "100%" }} role="img" aria-label={label} />
      <Legend names={lines.map((line) => line.name)} />
    </>
  );
}

function add(chart: IChartApi, kind: LineKind, color: string, values: readonly number[]) {
  const look = { priceLineVisible: false, priceFormat: priceFormatOf(values) };
  if (kind === "bar") return chart.addSeries(HistogramSeries, { ...look, color });
  const line = { ...look, lineWidth: 2 } as const;
  if (kind === "line") return chart.addSeries(LineSeries, { ...line, color });
  return chart.addSeries(AreaSeries, {
    ...line,
    lineColor: color,
    topColor: `${color}44`,
    bottomColor: `${color}05`,
  });
}

/** Which colour is which line. */
export function Legend({ names }: { names: readonly string[] }) {
  return (
    <Group gap="md" px="sm" py={4}>
      {names.map((name, at) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: a name may come twice, and none moves
        <Text key={at} size="xs">
          <span style={{ color: lineColor(at) }}>━</span> {name}
        </Text>
      ))}
    </Group>
  );
}
