/** Kinds of journal records, and how a story of them is told. */

/** Every kind, gathered by what it is about. */
export const kinds: Readonly<Record<string, readonly string[]>> = {
  Orders: ["order_intended", "request_refused", "order_reported", "leg_seen", "foreign_order_seen"],
  Writes: ["attempt_started", "attempt_ended"],
  Doubts: ["doubt_resolved", "doubt_escalated"],
  Fills: ["fill_recorded", "account_moved", "baseline_taken"],
  Signals: ["signal_emitted"],
  People: [
    "person_acted",
    "flag_set",
    "limit_set",
    "strategy_steered",
    "kill_switched",
    "live_confirmed",
  ],
  Alarms: ["alarmed", "account_halted"],
  Money: ["movement_intended", "movement_ended", "movement_settled", "margin_decided"],
  Desk: [
    "session_started",
    "session_ended",
    "day_opened",
    "instrument_listed",
    "strategy_saved",
    "cursors_moved",
    "snapshot",
  ],
};

const grave = new Set(["alarmed", "account_halted", "kill_switched", "doubt_escalated"]);
const odd = new Set(["request_refused", "doubt_resolved", "foreign_order_seen"]);
const good = new Set(["fill_recorded"]);

/** Return how a record is marked: a sign and the class of its colour. */
export function markOf(kind: string): [mark: string, name: string] {
  if (grave.has(kind)) return ["!", "down"];
  if (odd.has(kind)) return ["?", "warn"];
  if (good.has(kind)) return ["✓", "up"];
  return ["·", "faint"];
}

export function kindWords(kind: string): string {
  return kind.replaceAll("_", " ");
}

type Line = { sequence: number; at: number; record: string; words: string };
export type Told<T extends Line> = T & { sinceFirst_s: number; sinceLast_s: number };

/** Return the lines of a story with the time since its beginning and since the line before. */
export function timed<T extends Line>(lines: readonly T[]): Told<T>[] {
  const first = lines[0]?.at ?? 0;
  return lines.map((line, at) => ({
    ...line,
    sinceFirst_s: (line.at - first) / 1e9,
    sinceLast_s: (line.at - (lines[at - 1]?.at ?? line.at)) / 1e9,
  }));
}

/** Return what a record opened shows: one level of names, deeper ones as JSON. */
export function opened(record: Readonly<Record<string, unknown>>): [string, string][] {
  return Object.entries(record)
    .filter(([name, value]) => name !== "record" && value !== null && value !== "")
    .map(([name, value]) => [
      name.replaceAll("_", " "),
      typeof value === "object" ? JSON.stringify(value, null, 1) : String(value),
    ]);
}
