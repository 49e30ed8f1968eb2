/** Several curves in one chart, each named and coloured. */
import { Group, Text, useComputedColorScheme } from "@mantine/core";
import { createChart, LineSeries, type UTCTimestamp } from "lightweight-charts";
import { useEffect, useRef } from "react";
import { chartLook, type Point } from "./Curve";

export type Line = { name: string; points: readonly Point[] };

const COLORS = ["#38aabb", "#e5b454", "#b58cf0", "#ff8f6b", "#7fb069", "#e07aa7", "#8ea4c8"];

/** Return the colour of a line by its place; they repeat after the last. */
export function lineColor(at: number): string {
  return COLORS[at % COLORS.length] ?? "#38aabb";
}

export function Lines({
  lines,
  height = 260,
  label,
}: {
  lines: readonly Line[];
  height?: number;
  label: string;
}) {
  const place = useRef<HTMLDivElement>(null);
  const dark = useComputedColorScheme("dark") === "dark";

  useEffect(() => {
    if (!place.current) return;
    const chart = createChart(place.current, { autoSize: true, ...chartLook(dark) });
    lines.forEach((line, at) => {
      const byTime = new Map<number, number>();
      for (const [time, value] of line.points) if (value !== null) byTime.set(time, value);
      chart
        .addSeries(LineSeries, { color: lineColor(at), lineWidth: 2, priceLineVisible: false })
        .setData(
          [...byTime]
            .sort(([one], [other]) => one - other)
            .map(([time, value]) => ({ time: time as UTCTimestamp, value })),
        );
    });
    chart.timeScale().fitContent();
    return () => chart.remove();
  }, [lines, dark]);

  return (
    <>
      <div ref={place} style={{ height, width: "100%" }} role="img" aria-label={label} />
      <Group gap="md" px="sm" py={4}>
        {lines.map((line, at) => (
          <Text key={line.name} size="xs">
            <span style={{ color: lineColor(at) }}>━</span> {line.name}
          </Text>
        ))}
      </Group>
    </>
  );
}
