/** How long ago something was so; marked where that is longer than it should be. */
import { moment } from "./Num";
import { ago } from "./span";
import { useNow } from "./useNow";

export function Age({ ns, staleAfterS }: { ns: number; staleAfterS?: number }) {
  const now = useNow();
  const isStale = isOlder(ns, staleAfterS, now);
  return (
    <span
      className={isStale ? "number warn" : "number faint"}
      title={`${moment(ns, true)}${isStale ? ": nothing newer has come" : ""}`}
    >
      {isStale ? "! stale, " : ""}
      {ago(ns, now)}
    </span>
  );
}

/** Tell whether a moment (UTC nanoseconds) lies further back than that many seconds. */
export function isOlder(ns: number, seconds: number | undefined, nowMs: number): boolean {
  return seconds !== undefined && nowMs - ns / 1e6 > seconds * 1e3;
}
