/** Signals told twice, once asked for and once pushed, as one list. */
import type { Shapes } from "../../api/client";

export type Signal = Shapes["Signal"];
export type Direction = "long" | "short" | "flat";

/** Return signals newest first, each once: earlier lists win, for they are told later. */
export function joined(...lists: readonly (readonly Signal[])[]): Signal[] {
  const known = new Map<string, Signal>();
  for (const row of lists.flat()) {
    const key = keyOf(row);
    if (!known.has(key)) known.set(key, row);
  }
  return [...known.values()].sort((one, other) => other.at - one.at);
}

export function keyOf(row: Signal): string {
  return row.correlation ?? `${row.at} ${row.strategy} ${row.symbol}`;
}

export type Filter = { strategy: string; symbol: string };

export function chosen(rows: readonly Signal[], { strategy, symbol }: Filter): Signal[] {
  return rows.filter(
    (row) => (!strategy || row.strategy === strategy) && (!symbol || row.symbol === symbol),
  );
}

/** Return every value of a field, sorted, for the filter that picks one. */
export function valuesOf(rows: readonly Signal[], field: "strategy" | "symbol"): string[] {
  return [...new Set(rows.map((row) => row[field]))].sort();
}

export function directionOf(row: Signal): Direction {
  return row.direction === "long" || row.direction === "short" ? row.direction : "flat";
}

export type Dot = { key: string; x: number; y: number; row: Signal };

/** Return each signal that says how sure it is, by when and how sure, both 0 to 1. */
export function dotsOf(rows: readonly Signal[]): Dot[] {
  const sure = rows.filter((row) => row.confidence !== null);
  const times = sure.map((row) => row.at);
  const [first, last] = [Math.min(...times), Math.max(...times)];
  return sure.map((row) => ({
    key: keyOf(row),
    x: last > first ? (row.at - first) / (last - first) : 0.5,
    y: Math.min(Math.max(row.confidence ?? 0, 0), 1),
    row,
  }));
}

/** Return a span of time in its largest unit: 5400 seconds are 1.5 h. */
export function spanOf(seconds: number | null): string {
  if (seconds === null) return "–";
  for (const [unit, size] of [
    ["d", 86_400],
    ["h", 3_600],
    ["min", 60],
  ] as const) {
    if (seconds >= size) return `${Math.round((seconds / size) * 10) / 10} ${unit}`;
  }
  return `${Math.round(seconds * 10) / 10} s`;
}
