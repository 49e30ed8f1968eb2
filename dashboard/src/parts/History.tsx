/** What the desk is worth, has lost and has at work, over time. */
import { SegmentedControl } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { api, told } from "../api/client";
import { Curve, type Point } from "./Curve";
import { Panel } from "./Panel";
import { Asked, Empty } from "./States";

const spans = { "1h": 3_600, "1d": 86_400, "1w": 604_800, all: 0 } as const;
const drawn = { equity: 1, "P&L": 2, drawdown: 3, exposure: 4 } as const;
export type Drawn = keyof typeof drawn;

export function History({ title, of }: { title: string; of: readonly Drawn[] }) {
  const [span, setSpan] = useState<keyof typeof spans>("1d");
  const [what, setWhat] = useState(of[0] as Drawn);
  const query = useQuery({
    queryKey: ["equity", span],
    queryFn: () => {
      const seconds = spans[span];
      const since_ns = seconds ? (Math.floor(Date.now() / 1000) - seconds) * 1e9 : 0;
      return told(api.GET("/api/v1/portfolio/equity", { params: { query: { since_ns } } }));
    },
    refetchInterval: 5_000,
    placeholderData: (before) => before,
  });
  const choices = (
    <div style={{ display: "flex", gap: 8, flexWrap: "wrap" }}>
      <SegmentedControl
        size="xs"
        value={what}
        onChange={(value) => setWhat(value as Drawn)}
        data={of.map((value) => ({ value, label: value === "drawdown" ? "drawdown, %" : value }))}
        aria-label="what to draw"
      />
      <SegmentedControl
        size="xs"
        value={span}
        onChange={(value) => setSpan(value as keyof typeof spans)}
        data={Object.keys(spans)}
        aria-label="how far back"
      />
    </div>
  );
  return (
    <Panel title={title} actions={choices} style={{ height: 312 }}>
      <Asked query={query}>
        {(curve) => {
          const [unit, by] = what === "drawdown" ? ["%", 100] : [curve.currency, 1];
          const points: Point[] = curve.points.map((point) => {
            const value = point[drawn[what]];
            return [point[0] ?? 0, value == null ? null : value * by];
          });
          return points.length > 1 ? (
            <Curve points={points} height="100%" label={`${what} in ${unit}`} />
          ) : (
            <Empty title="No curve yet">
              A point is kept every few seconds while the desk runs.
            </Empty>
          );
        }}
      </Asked>
    </Panel>
  );
}
