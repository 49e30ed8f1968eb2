/** What a ticket says, as typed, and the order that it means. */
import type { Shapes } from "../../../api/client";
import { MAIN } from "../../../parts/portfolios";
import { isPositive, tidied } from "../decimal";

export type Terms = Shapes["OrderTerms"];
export type Side = "buy" | "sell";
export const lasting = ["GTC", "IOC", "FOK", "DAY", "GTD"] as const;
export type TimeInForce = (typeof lasting)[number];

export type Kind =
  | "market"
  | "limit"
  | "stop"
  | "stop_limit"
  | "market_if_touched"
  | "limit_if_touched"
  | "trailing_stop"
  | "oco";

export type Draft = {
  side: Side;
  kind: Kind;
  account: string;
  quantity: string;
  limit: string;
  /** What a stop or an if-touched order waits for. */
  trigger: string;
  trail: string;
  trailIn: "percent" | "amount";
  hasExits: boolean;
  takeProfit: string;
  stopLoss: string;
  stopLossLimit: string;
  timeInForce: TimeInForce;
  /** As the browser's own field writes a local date and time. */
  expires: string;
  postOnly: boolean;
  reduceOnly: boolean;
};

export const blank: Draft = {
  side: "buy",
  kind: "limit",
  account: "",
  quantity: "",
  limit: "",
  trigger: "",
  trail: "",
  trailIn: "percent",
  hasExits: false,
  takeProfit: "",
  stopLoss: "",
  stopLossLimit: "",
  timeInForce: "GTC",
  expires: "",
  postOnly: false,
  reduceOnly: false,
};

/** Every kind, what it is called, and the venue's order type that it needs. */
export const kinds: readonly { kind: Kind; title: string; needs: string }[] = [
  { kind: "market", title: "Market", needs: "market" },
  { kind: "limit", title: "Limit", needs: "limit" },
  { kind: "stop", title: "Stop", needs: "stop" },
  { kind: "stop_limit", title: "Stop limit", needs: "stop_limit" },
  { kind: "market_if_touched", title: "Touch market", needs: "market_if_touched" },
  { kind: "limit_if_touched", title: "Touch limit", needs: "limit_if_touched" },
  { kind: "trailing_stop", title: "Trailing stop", needs: "trailing_stop" },
  { kind: "oco", title: "OCO", needs: "limit" },
];

export type Field = "quantity" | "limit" | "trigger" | "trail" | "takeProfit" | "stopLoss";
const priced: Record<Kind, readonly Field[]> = {
  market: [],
  limit: ["limit"],
  stop: ["trigger"],
  stop_limit: ["trigger", "limit"],
  market_if_touched: ["trigger"],
  limit_if_touched: ["trigger", "limit"],
  trailing_stop: ["trail"],
  oco: ["limit", "stopLoss"],
};

/** Return the prices that a kind of order asks for. */
export function fieldsOf(kind: Kind): readonly Field[] {
  return priced[kind];
}

/** Tell whether a kind waits for the price to get worse, not better. */
export function isStop(kind: Kind): boolean {
  return kind === "stop" || kind === "stop_limit";
}

export function takesExits(kind: Kind): boolean {
  return kind !== "oco" && kind !== "trailing_stop";
}

export function takesPostOnly(kind: Kind): boolean {
  return kind === "limit";
}

const words: Record<Field, string> = {
  quantity: "a quantity",
  limit: "a limit price",
  trigger: "a touch price",
  trail: "a trail",
  takeProfit: "a take-profit price",
  stopLoss: "a stop-loss price",
};

export type Meaning = { terms: Terms; lacks: null } | { terms: null; lacks: string };

function lacking(words: string): Meaning {
  return { terms: null, lacks: words };
}

/** Return the order a ticket means, or in words what it lacks. */
export function meaningOf(draft: Draft, symbol: string, portfolio: string): Meaning {
  for (const field of ["quantity", ...fieldsOf(draft.kind)] as const) {
    const text = tidied(draft[field]);
    const asked = field === "trigger" && isStop(draft.kind) ? "a stop price" : words[field];
    if (text === "") return lacking(`Enter ${asked}.`);
    if (!isPositive(text)) return lacking(`${draft[field]} is not ${asked}, like 0.05.`);
  }
  const terms: Terms = {
    side: draft.side,
    symbol,
    quantity: tidied(draft.quantity),
    account: draft.account,
    oco: draft.kind === "oco",
    time_in_force: draft.timeInForce,
    post_only: takesPostOnly(draft.kind) && draft.postOnly,
    reduce_only: draft.reduceOnly,
    portfolio,
  };
  const asked = new Set(fieldsOf(draft.kind));
  if (asked.has("limit")) terms.limit = tidied(draft.limit);
  if (asked.has("trigger")) {
    const trigger = tidied(draft.trigger);
    if (isStop(draft.kind)) terms.stop = trigger;
    else terms.if_touched = trigger;
  }
  if (asked.has("trail")) {
    if (draft.trailIn === "percent") terms.trail_percent = tidied(draft.trail);
    else terms.trail_amount = tidied(draft.trail);
  }
  const exits = exitsOf(draft);
  if (typeof exits === "string") return lacking(exits);
  Object.assign(terms, exits);
  if (draft.timeInForce === "GTD") {
    const ends = Date.parse(draft.expires);
    if (Number.isNaN(ends)) return lacking("Say until when the order is good.");
    terms.expire_time_ns = ends * 1e6;
  }
  return { terms, lacks: null };
}

/** Return the attached exits as the API takes them, or what is wrong with them. */
function exitsOf(draft: Draft): Partial<Terms> | string {
  if (draft.kind !== "oco" && !(draft.hasExits && takesExits(draft.kind))) return {};
  const [profit, stop, stopLimit] = [
    draft.kind === "oco" ? "" : tidied(draft.takeProfit),
    tidied(draft.stopLoss),
    tidied(draft.stopLossLimit),
  ];
  for (const text of [profit, stop, stopLimit]) {
    if (text !== "" && !isPositive(text)) return `${text} is not a price, like 0.05.`;
  }
  if (profit === "" && stop === "") return "Enter a take profit, a stop loss, or both.";
  if (stopLimit !== "" && stop === "") return "The stop loss has a limit but no trigger.";
  const exits: Partial<Terms> = {};
  if (profit !== "") exits.take_profit = profit;
  if (stop !== "") exits.stop_loss = stopLimit === "" ? stop : `${stop}:${stopLimit}`;
  return exits;
}

/** Return the ticket after a price of the ladder was chosen: it goes where the kind has room. */
export function withPrice(draft: Draft, price: string): Draft {
  const fields = fieldsOf(draft.kind);
  if (fields.includes("limit")) return { ...draft, limit: price };
  if (fields.includes("trigger")) return { ...draft, trigger: price };
  return { ...draft, kind: "limit", limit: price };
}

/** Return what an answer says: the one to an order that was sent again, its first answer lost,
 * is told anew. */
export function titleOf(headers: Headers): string {
  return headers.has("Idempotency-Replayed")
    ? "Placed before, its answer was lost: not placed again"
    : "Order placed";
}

/** Say an order in one line, as its confirmation asks about it. */
export function spoken(terms: Terms, unit = ""): string {
  const parts = [terms.side === "buy" ? "Buy" : "Sell", terms.quantity];
  if (unit) parts.push(unit);
  if (terms.stop) parts.push(`once the price reaches ${terms.stop}`);
  if (terms.if_touched) parts.push(`once the price touches ${terms.if_touched}`);
  if (terms.trail_percent) parts.push(`with a stop trailing by ${terms.trail_percent} %`);
  if (terms.trail_amount) parts.push(`with a stop trailing by ${terms.trail_amount}`);
  if (terms.limit) parts.push(`at ${terms.limit} or better`);
  else if (!terms.trail_percent && !terms.trail_amount) parts.push("at the market");
  if (terms.portfolio !== MAIN) parts.push(`for the portfolio ${terms.portfolio}`);
  return parts.join(" ");
}
