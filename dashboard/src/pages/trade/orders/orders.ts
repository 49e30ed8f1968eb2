/** Which orders work, and what of one can become different. */
import type { Shapes } from "../../../api/client";
import { compared, isPositive, tidied } from "../decimal";

export type Order = Shapes["Order"];
export type Amendment = Shapes["Amendment"];
/** What is typed into a working order's row. */
export type Edit = { id: string; quantity: string; limit: string; stop: string };

const ended = new Set(["Filled", "Canceled", "Rejected", "Expired", "NeverAccepted"]);

/** Tell whether an order may still fill; while a write is in doubt, nobody knows it cannot. */
export function isWorking(order: Order): boolean {
  return order.in_doubt.length > 0 || !ended.has(order.proven_status);
}

/** Return each order once, as it was told last. */
export function joinedOrders(...answers: readonly (readonly Order[])[]): Order[] {
  const known = new Map<string, Order>();
  for (const order of answers.flat()) {
    const before = known.get(order.order_id);
    if (!before || order.updated_time_ns >= before.updated_time_ns) {
      known.set(order.order_id, order);
    }
  }
  return [...known.values()];
}

/** Return orders so that none changes its row by another that comes: it comes at the end. */
export function oldestFirst(orders: readonly Order[]): Order[] {
  return [...orders].sort(
    (one, other) =>
      one.created_time_ns - other.created_time_ns || one.order_id.localeCompare(other.order_id),
  );
}

/** Return the rows shown before, each as it is known now, in their places; then what is new. */
export function inPlace(
  before: readonly Order[],
  now: readonly Order[],
  known: readonly Order[],
): Order[] {
  const newest = new Map(known.map((order) => [order.order_id, order]));
  const shown = new Set(before.map((order) => order.order_id));
  return [
    ...before.map((order) => newest.get(order.order_id) ?? order),
    ...now.filter((order) => !shown.has(order.order_id)),
  ];
}

const MANUAL = "manual"; // what the desk calls the strategy of an order that a person placed

export function isByHand(row: { strategy: string | null }): boolean {
  return row.strategy === MANUAL;
}

export function newestFirst(orders: readonly Order[]): Order[] {
  return [...orders].sort((one, other) => other.created_time_ns - one.created_time_ns);
}

/** Return the stop that an order waits at and a person can move: one that trails moves by itself. */
export function stopOf(order: Order): string | null {
  return order.type === "trailing_stop" ? null : order.stop_price;
}

export function editOf(order: Order): Edit {
  return {
    id: order.order_id,
    quantity: order.quantity,
    limit: order.limit_price ?? "",
    stop: stopOf(order) ?? "",
  };
}

/** Return what an edit changes, null for nothing, or in words why it cannot be asked. */
export function amendmentOf(order: Order, edit: Edit): Amendment | string | null {
  const amendment: Amendment = {};
  const fields = [
    ["quantity", order.quantity, edit.quantity],
    ["limit", order.limit_price, edit.limit],
    ["stop", stopOf(order), edit.stop],
  ] as const;
  for (const [name, before, typed] of fields) {
    if (before === null) continue;
    const text = tidied(typed);
    if (!isPositive(text)) return `${typed || "nothing"} is not a ${name}, like 0.05`;
    if (compared(text, before) !== 0) amendment[name] = text;
  }
  return Object.keys(amendment).length ? amendment : null;
}

const REJECTED = /^attempt rejected:\s*/;

/** Return why the newest write of a story was refused, null where it was not, and undefined
 * while its end is not known. */
export function refusalIn(
  story: readonly Pick<Shapes["StoryLine"], "record" | "words">[],
): string | null | undefined {
  const newest = story.findLast(
    ({ record }) => record === "attempt_started" || record === "attempt_ended",
  );
  if (newest?.record !== "attempt_ended") return undefined;
  return REJECTED.test(newest.words) ? newest.words.replace(REJECTED, "") : null;
}
