import type { Shapes } from "../../api/client";
import { difference, isDecimal, product } from "../trade/decimal";

type Position = Pick<Shapes["Position"], "kind" | "quantity" | "entry_price" | "mark">;

/** Return what a position would make at its mark; null where that is not told.
 * How much of its asset one contract is, a position does not say: only spot is reckoned. */
export function unrealizedOf({ kind, quantity, entry_price, mark }: Position): string | null {
  if (kind !== "spot" || quantity === null || entry_price === null || mark === null) return null;
  if (![quantity, entry_price, mark].every(isDecimal)) return null;
  return product(difference(mark, entry_price), quantity);
}
