/** What a key may do, and who may give that. */
import type { Role } from "../../api/session";

export type Scope = "view" | "trade" | "risk" | "admin" | "push";

export const scopes: readonly [scope: Scope, help: string, needs: Role][] = [
  ["view", "read everything", "viewer"],
  ["trade", "place and cancel orders, steer strategies", "trader"],
  ["risk", "tighten limits, lower leverage", "risk"],
  ["admin", "connect paper accounts, tighten switches", "admin"],
  ["push", "hand in another platform's data, and nothing else", "trader"],
];

const order: readonly Role[] = ["viewer", "trader", "risk", "admin"];

/** Return the scopes that somebody of this role may give to a key of theirs. */
export function givable(role: Role | null): readonly Scope[] {
  if (!role) return [];
  return scopes
    .filter(([, , needs]) => order.indexOf(role) >= order.indexOf(needs))
    .map(([scope]) => scope);
}

const DAY_NS = 86_400e9;
const SOON_DAYS = 14;

/** Return how long a key still works: in words, and whether somebody should look. */
export function validity(until_ns: number, now_ns: number): [words: string, isSoon: boolean] {
  if (until_ns <= now_ns) return ["ended", true];
  const days = Math.ceil((until_ns - now_ns) / DAY_NS);
  return [`${days} ${days === 1 ? "day" : "days"} more`, days <= SOON_DAYS];
}
