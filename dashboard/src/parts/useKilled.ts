import { useTopic } from "../push/useTopic";
import { becauseOf } from "./killed";

/** Return in words that the desk's kill switch is on, by whom and why; "" while it is off. */
export function useKilled(): string {
  const killed = useTopic("status")?.killed as string | undefined;
  return killed ? `The kill switch is on${becauseOf(killed)}.` : "";
}
