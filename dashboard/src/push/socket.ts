/** What the dashboard pushes: one socket, a room per topic, the newest of each kept. */
import { io, type Socket } from "socket.io-client";
import { base } from "../api/client";

export type Message = {
  topic: string;
  seq: number;
  at: number;
  kind: "snapshot" | "change" | "error";
  data: unknown;
};

/** Why a topic cannot be told of now. */
export type Trouble = { code: string; message: string; hint: string };

export type Line = "connecting" | "live" | "lost";
type Heard = () => void;
type Fold = (kept: unknown, message: Message) => unknown;

type Row = Record<string, unknown>;
type Key = { names: string[]; grows: boolean; kept: number; stays?: (row: Row) => boolean };
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
    // A working order is shown however old it is.
    stays: (row) => !ended.has(String(row.status)),
  },
  fills: {
    names: ["account", "instrument", "venue_order_id", "execution_id"],
    grows: true,
    kept: 500,
  },
  signals: { names: ["correlation"], grows: true, kept: 500 },
  alerts: { names: ["at", "code", "words", "order_id"], grows: true, kept: 500 },
  platform: { names: ["subject", "key"], grows: true, kept: 2500 },
};
const BARS = 2000;

function foldRows(kept: Row[], rows: Row[], key: Key): Row[] {
  const { names, grows, kept: most, stays } = key;
  const id = (row: Row) => JSON.stringify(names.map((name) => row[name] ?? null));
  const changed = new Map(rows.map((row) => [id(row), row]));
  const known = new Set(kept.map(id));
  const inPlace = kept.map((row) => changed.get(id(row)) ?? row);
  const added = rows.filter((row) => !known.has(id(row)));
  if (!grows) return [...inPlace, ...added];
  return [...added, ...inPlace].filter((row, place) => place < most || stays?.(row));
}

type Chart = { bars: number[][] } & Row;

function foldChart(kept: Chart, chart: Chart): Chart {
  const first = chart.bars[0]?.[0];
  const before = first === undefined ? kept.bars : kept.bars.filter((bar) => (bar[0] ?? 0) < first);
  return { ...kept, ...chart, bars: [...before, ...chart.bars].slice(-BARS) };
}

function fold(kept: unknown, message: Message): unknown {
  if (message.kind === "snapshot") return message.data;
  if (kept === undefined) return undefined; // of a room that was just left
  const subject = message.topic.split(":")[0] ?? message.topic;
  const key = keys[subject];
  if (key) return foldRows(kept as Row[], message.data as Row[], key);
  if (subject === "candle") return foldChart(kept as Chart, message.data as Chart);
  return message.data;
}

/** Everything pushed, and who looks at it. */
class Pushed {
  readonly #socket: Socket;
  readonly #values = new Map<string, unknown>();
  readonly #heard = new Map<string, Set<Heard>>();
  readonly #troubles = new Map<string, Trouble>();
  readonly #ages = new Map<string, number>();
  #line: Line = "connecting";
  readonly #lineHeard = new Set<Heard>();
  readonly #fold: Fold = fold;

  constructor() {
    this.#socket = io({
      path: `${base}/socket.io`,
      transports: ["websocket", "polling"],
      autoConnect: false,
      reconnectionDelayMax: 5_000,
    });
    this.#socket.on("connect", () => {
      this.#setLine("live");
      this.#subscribe([...this.#heard.keys()]);
    });
    this.#socket.on("disconnect", () => this.#setLine("lost"));
    this.#socket.on("connect_error", () => this.#setLine("lost"));
    this.#socket.onAny((_event: string, message: Message) => {
      if (message && typeof message === "object" && "topic" in message) this.#take(message);
    });
  }

  open(): void {
    if (!this.#socket.connected) this.#socket.connect();
  }

  close(): void {
    this.#socket.disconnect();
    this.#values.clear();
    this.#troubles.clear();
  }

  #take(message: Message): void {
    if (message.kind === "error") {
      this.#troubles.set(message.topic, message.data as Trouble);
    } else {
      this.#troubles.delete(message.topic);
      this.#values.set(message.topic, this.#fold(this.#values.get(message.topic), message));
    }
    this.#ages.set(message.topic, Date.now());
    for (const heard of this.#heard.get(message.topic) ?? []) heard();
  }

  #setLine(line: Line): void {
    this.#line = line;
    for (const heard of this.#lineHeard) heard();
  }

  #subscribe(rooms: string[]): void {
    if (rooms.length > 0 && this.#socket.connected) this.#socket.emit("subscribe", { rooms });
  }

  /** Listen to a topic; the first listener enters its room, the last one leaves it. */
  listen(topic: string, heard: Heard): () => void {
    const all = this.#heard.get(topic) ?? new Set<Heard>();
    if (all.size === 0) {
      this.#heard.set(topic, all);
      this.#subscribe([topic]);
    }
    all.add(heard);
    return () => {
      all.delete(heard);
      if (all.size === 0) {
        this.#heard.delete(topic);
        this.#values.delete(topic);
        this.#troubles.delete(topic);
        if (this.#socket.connected) this.#socket.emit("unsubscribe", { rooms: [topic] });
      }
    };
  }

  listenToLine(heard: Heard): () => void {
    this.#lineHeard.add(heard);
    return () => this.#lineHeard.delete(heard);
  }

  value(topic: string): unknown {
    return this.#values.get(topic);
  }

  /** Return why a topic cannot be told of, undefined while it can. */
  trouble(topic: string): Trouble | undefined {
    return this.#troubles.get(topic);
  }

  line(): Line {
    return this.#line;
  }

  emit(event: string, payload: unknown): void {
    this.#socket.emit(event, payload);
  }
}

export const pushed = new Pushed();
