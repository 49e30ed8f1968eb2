/** A strategy as its rows tell it: the pushed one is newest, the asked one has log and curve. */
import type { Shapes } from "../../api/client";

export type Row = Shapes["Strategy"];

/** Join what is pushed with what was asked for; what is gone from the push is gone. A curve ends
 * in the profit that stands beside it, which is pushed more often than the curve is asked for. */
export function joined(
  pushed: readonly Row[] | undefined,
  asked: readonly Row[] | undefined,
  nowMs: number,
): Row[] {
  if (!pushed) return [...(asked ?? [])];
  const before = new Map((asked ?? []).map((row) => [row.name, row]));
  return pushed
    .filter((row) => row.state !== "removed")
    .map((row) => {
      const known = before.get(row.name);
      const equity = known?.equity ?? row.equity ?? [];
      const isDrawn = equity.length > 0 && row.pnl != null;
      return {
        ...row,
        log: known?.log ?? row.log ?? [],
        equity: isDrawn ? [...equity, [Math.floor(nowMs / 1000), Number(row.pnl)]] : equity,
      };
    });
}

export type Action = "start" | "stop" | "pause" | "resume" | "remove";

/** Return what can be done with a strategy that stands like this, the likeliest first. */
export function actionsOf(state: string): Action[] {
  switch (state) {
    case "running":
      return ["pause", "stop", "remove"];
    case "paused":
      return ["resume", "stop", "remove"];
    default:
      return ["start", "remove"];
  }
}

/** Tell whether an action is always allowed: it takes risk away. The rest a flag can forbid. */
export function isAlwaysAllowed(action: Action): boolean {
  return action === "stop" || action === "pause";
}

/** Return the values of a curve, gaps left out. */
export function valuesOf(equity: readonly (readonly (number | null)[])[]): number[] {
  return equity.flatMap((point) => (typeof point[1] === "number" ? [point[1]] : []));
}
