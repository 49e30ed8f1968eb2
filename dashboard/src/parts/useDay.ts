/** Since when the accounts' result of today is counted. */
import { useTopic } from "../push/useTopic";
import { sinceWords } from "./day";
import { useNow } from "./useNow";

const LOOK_MS = 20_000;

/** Return it in words; "" until it is known. */
export function useSinceToday(): string {
  const accounts = useTopic("portfolio")?.accounts ?? [];
  const begun = accounts.flatMap((each) => (each.day_since_ns ? [each.day_since_ns / 1e9] : []));
  return sinceWords(begun, useNow(LOOK_MS));
}
