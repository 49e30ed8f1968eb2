/** What is pushed, laid on what is known: rows by what names them, charts by time. */

export type Message = {
  topic: string;
  seq: number;
  at: number;
  kind: "snapshot" | "change" | "error";
  data: unknown;
};

type Row = Record<string, unknown>;
type Key = {
  names: string[];
  grows: boolean;
  kept: number;
  /** What rows are kept apart by: each has room for as many. */
  apart?: string;
  stays?: (row: Row) => boolean;
};
const ended = new Set(["Filled", "Canceled", "Rejected", "Expired", "NeverAccepted"]);

/** Rows that change one by one: what names each, and whether new ones stand first. */
const keys: Record<string, Key> = {
  books: { names: ["instrument"], grows: false, kept: Number.POSITIVE_INFINITY },
  strategies: { names: ["name"], grows: false, kept: Number.POSITIVE_INFINITY },
  platforms: { names: ["platform"], grows: false, kept: Number.POSITIVE_INFINITY },
  orders: {
    names: ["order_id"],
    grows: true,
    kept: 500,
    apart: "strategy",
    // A working order is shown however old it is.
    stays: (row) => !ended.has(String(row.status)),
  },
  fills: {
    names: ["account", "instrument", "venue_order_id", "execution_id"],
    grows: true,
    kept: 500,
    apart: "strategy",
  },
  signals: { names: ["correlation"], grows: true, kept: 500 },
  alerts: { names: ["at", "code", "words", "order_id"], grows: true, kept: 500 },
  platform: { names: ["subject", "key"], grows: true, kept: 500, apart: "subject" },
};
const BARS = 2000;

function foldRows(kept: Row[], rows: Row[], key: Key): Row[] {
  const { names, grows, kept: most, apart, stays } = key;
  const id = (row: Row) => JSON.stringify(names.map((name) => row[name] ?? null));
  const changed = new Map(rows.map((row) => [id(row), row]));
  const known = new Set(kept.map(id));
  const inPlace = kept.map((row) => changed.get(id(row)) ?? row);
  const added = rows.filter((row) => !known.has(id(row)));
  if (!grows) return [...inPlace, ...added];
  const places = new Map<unknown, number>();
  return [...added, ...inPlace].filter((row) => {
    const kind = apart && row[apart];
    const place = places.get(kind) ?? 0;
    places.set(kind, place + 1);
    return place < most || stays?.(row);
  });
}

type Line = { strategy: string; name: string; points: number[][] } & Row;
type Chart = { bars: number[][]; indicators?: Line[] } & Row;

function foldChart(kept: Chart, chart: Chart): Chart {
  const bars = foldByTime(kept.bars, chart.bars);
  if (!chart.indicators) return { ...kept, ...chart, bars };
  const lines = new Map((kept.indicators ?? []).map((line) => [lineKey(line), line]));
  for (const line of chart.indicators) {
    const before = lines.get(lineKey(line))?.points ?? [];
    lines.set(lineKey(line), { ...line, points: foldByTime(before, line.points) });
  }
  return { ...kept, ...chart, bars, indicators: [...lines.values()] };
}

function lineKey(line: Line): string {
  return JSON.stringify([line.strategy, line.name]);
}

/** Lay what begins with its time on what is known, from the first new time on. */
function foldByTime(kept: number[][], news: number[][]): number[][] {
  const first = news[0]?.[0];
  const before = first === undefined ? kept : kept.filter((row) => (row[0] ?? 0) < first);
  return [...before, ...news].slice(-BARS);
}

export function fold(kept: unknown, message: Message): unknown {
  if (message.kind === "snapshot") return message.data;
  if (kept === undefined) return undefined; // of a room that was just left
  const subject = message.topic.split(":")[0] ?? message.topic;
  const key = keys[subject];
  if (key) return foldRows(kept as Row[], message.data as Row[], key);
  if (subject === "candle") return foldChart(kept as Chart, message.data as Chart);
  return message.data;
}
