/** Points where they belong on two axes: lines, bars, areas and scatters over numbers or time. */
import { Text } from "@mantine/core";
import { useElementSize } from "@mantine/hooks";
import { useMemo, useState } from "react";
import { Legend, lineColor } from "../../parts/Lines";
import { grouped } from "../../parts/Num";
import { precisionOf } from "../../parts/precision";
import classes from "./Platforms.module.css";
import {
  barWidth,
  type Kind,
  momentsOf,
  type Place,
  pathOf,
  type Span,
  spanOf,
  ticksOf,
} from "./scale";

export type Series = { name: string; points: readonly Place[] };

const HEIGHT = 240;
const EDGE = { top: 8, right: 10, bottom: 22, left: 58 };
const BETWEEN = { x: 90, y: 40 }; // pixels from one tick to the next, about

export function Plot({
  series,
  kind,
  isTime,
  label,
}: {
  series: readonly Series[];
  kind: Kind;
  isTime: boolean;
  label: string;
}) {
  const { ref, width } = useElementSize();
  const [near, setNear] = useState<number | null>(null);
  const [xs, ys] = useMemo(() => {
    const all = series.flatMap((each) => each.points);
    const standsOnZero = kind === "bar" || kind === "area" ? [0] : [];
    return [spanOf(all.map(([x]) => x)), spanOf([...standsOnZero, ...all.map(([, y]) => y)])];
  }, [series, kind]);

  const inner = Math.max(width - EDGE.left - EDGE.right, 1);
  // Bars at either end are drawn whole.
  const inset = kind === "bar" ? inner / 16 : 0;
  const left = (x: number) =>
    EDGE.left + inset + ((x - xs[0]) / (xs[1] - xs[0])) * (inner - 2 * inset);
  const bottom = HEIGHT - EDGE.bottom;
  const top = (y: number) => bottom - ((y - ys[0]) / (ys[1] - ys[0])) * (bottom - EDGE.top);
  const floor = top(Math.max(ys[0], Math.min(0, ys[1])));
  const write = writerOf(xs, isTime, inner / BETWEEN.x);
  const rows = ticksOf(ys, (bottom - EDGE.top) / BETWEEN.y);
  const places = precisionOf([...ys]);

  return (
    <>
      <div ref={ref} className={classes.plot}>
        {width > 0 && (
          <svg
            width={width}
            height={HEIGHT}
            role="img"
            aria-label={label}
            onPointerMove={(event) => {
              const { left: edge } = event.currentTarget.getBoundingClientRect();
              setNear(nearest(series, left, event.clientX - edge));
            }}
            onPointerLeave={() => setNear(null)}
          >
            {rows.map((y) => (
              <g key={y}>
                <line x1={EDGE.left} x2={width - EDGE.right} y1={top(y)} y2={top(y)} />
                <text x={EDGE.left - 6} y={top(y) + 4} textAnchor="end">
                  {grouped(y, places)}
                </text>
              </g>
            ))}
            {write.at.map((x) => (
              <text key={x} x={left(x)} y={HEIGHT - 6} textAnchor="middle">
                {write.words(x)}
              </text>
            ))}
            {near !== null && (
              <line x1={left(near)} x2={left(near)} y1={EDGE.top} y2={bottom} data-near />
            )}
            {series.map((each, at) => (
              <Drawn
                key={each.name}
                kind={kind}
                places={each.points.map(([x, y]) => [left(x), top(y)] as const)}
                floor={floor}
                color={lineColor(at)}
                beside={at - (series.length - 1) / 2}
                of={series.length}
                wide={inner}
              />
            ))}
          </svg>
        )}
      </div>
      <Legend names={series.map((each) => `${each.name}${readOut(each, near)}`)} />
      <Text size="xs" className="faint" px="sm" mih="1.4em">
        {near !== null && `at ${write.exact(near)}`}
      </Text>
    </>
  );
}

function Drawn({
  kind,
  places,
  floor,
  color,
  beside,
  of,
  wide,
}: {
  kind: Kind;
  places: readonly Place[];
  floor: number;
  color: string;
  /** How far from the middle its bars stand, in bars. */
  beside: number;
  of: number;
  wide: number;
}) {
  if (kind === "bar") {
    const width = barWidth(places, wide) / of;
    const moved = places.map(([x, y]) => [x + beside * width, y] as const);
    return <path d={pathOf(kind, moved, floor)} stroke={color} strokeWidth={width} />;
  }
  if (kind === "scatter") {
    return (
      <path d={pathOf(kind, places, floor)} stroke={color} strokeWidth={5} strokeLinecap="round" />
    );
  }
  return (
    <>
      {kind === "area" && <path d={pathOf("area", places, floor)} fill={`${color}33`} />}
      <path d={pathOf("line", places, floor)} stroke={color} strokeWidth={2} />
    </>
  );
}

/** Return where ticks stand, and how a place on the axis is written there and exactly. */
function writerOf(xs: Span, isTime: boolean, about: number) {
  if (!isTime) {
    const words = (x: number) => grouped(x, precisionOf([...xs]));
    return { at: ticksOf(xs, about), words, exact: words };
  }
  const { at, areDays } = momentsOf(xs, about);
  const tick = new Intl.DateTimeFormat(
    undefined,
    areDays ? { month: "short", day: "numeric" } : { timeStyle: "short", hourCycle: "h23" },
  );
  const exact = new Intl.DateTimeFormat(undefined, { dateStyle: "medium", timeStyle: "medium" });
  return {
    at,
    words: (x: number) => tick.format(x * 1e3),
    exact: (x: number) => exact.format(x * 1e3),
  };
}

/** Return the x of the point that is nearest to where the pointer is. */
function nearest(
  series: readonly Series[],
  left: (x: number) => number,
  pointer: number,
): number | null {
  let found: number | null = null;
  for (const { points } of series) {
    for (const [x] of points) {
      if (found === null || Math.abs(left(x) - pointer) < Math.abs(left(found) - pointer)) {
        found = x;
      }
    }
  }
  return found;
}

function readOut({ points }: Series, near: number | null): string {
  const here = near === null ? [] : points.filter(([x]) => x === near);
  return here.length > 0 ? ` ${here.map(([, y]) => grouped(y)).join(", ")}` : "";
}
