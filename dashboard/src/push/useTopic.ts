import { useCallback, useSyncExternalStore } from "react";
import type { Shapes } from "../api/client";
import type { Line } from "./pushed";
import { pushed } from "./socket";

/** What each topic carries, by the name before its colon. */
export type Topics = {
  status: Record<string, unknown>;
  books: Shapes["Top"][];
  ladder: Shapes["Ladder"];
  candle: Shapes["Candles"];
  orders: Shapes["Order"][];
  fills: Shapes["Fill"][];
  positions: Shapes["Position"][];
  portfolio: Shapes["Holdings"];
  signals: Shapes["Signal"][];
  strategies: Shapes["Strategy"][];
  risk: Shapes["Risk"];
  alerts: Alert[];
  doubts: Shapes["Doubt"][];
  flags: Shapes["Flag"][];
  desk: DeskStanding;
  platforms: Shapes["PlatformTold"][];
  platform: Shapes["HeldValue"][];
};

/** Whether the desk is there, as the dashboard's server sees it; `words` say why not. */
export type DeskStanding = { is_connected: boolean; since_ns: number; words: string };
export type Alert = { at: number; code: string; words: string; account?: string | null };
type Subject<T extends string> = T extends `${infer S}:${string}` ? S : T;

/** Return the newest value of a topic, undefined until the first one has come. */
export function useTopic<T extends string>(
  topic: T,
): Topics[Subject<T> & keyof Topics] | undefined {
  const listen = useCallback((heard: () => void) => pushed.listen(topic, heard), [topic]);
  const value = useCallback(() => pushed.value(topic), [topic]);
  return useSyncExternalStore(listen, value) as Topics[Subject<T> & keyof Topics] | undefined;
}

export function useLine(): Line {
  return useSyncExternalStore(
    (heard) => pushed.listenToLine(heard),
    () => pushed.line(),
  );
}
