/** What can be traded, and by whose rules. */
import type { Shapes } from "../../api/client";
import { coarsest } from "./decimal";

export type Listed = Shapes["Instrument"] & { account: string; venue: string; trades: boolean };

/** The rules that one order must keep: of one instrument, or what suits several. */
export type Rules = {
  tick: string | null;
  step: string | null;
  orderTypes: ReadonlySet<string>;
  timesInForce: ReadonlySet<string>;
  canAttach: boolean;
  canReduceOnly: boolean;
};

export function venueOf(instrument: string): string {
  return instrument.slice(instrument.lastIndexOf("@") + 1);
}

/** Return a symbol without the venue it may name. */
export function symbolOf(name: string): string {
  return name.includes("@") ? name.slice(0, name.lastIndexOf("@")) : name;
}

/** Tell whether an instrument is of what is looked at: a symbol, or one at one venue. */
export function isOf(chosen: string, instrument: string): boolean {
  return chosen.includes("@") ? instrument === chosen : symbolOf(instrument) === chosen;
}

/** Return what can be picked: each symbol, and each of its venues where there are several. */
export function choicesOf(listed: readonly Listed[]): string[] {
  const venues = new Map<string, Set<string>>();
  for (const row of listed) {
    const known = venues.get(row.symbol) ?? new Set<string>();
    venues.set(row.symbol, known.add(row.instrument));
  }
  return [...venues]
    .sort(([one], [other]) => one.localeCompare(other))
    .flatMap(([symbol, instruments]) => [
      symbol,
      ...(instruments.size > 1 ? [...instruments].sort() : []),
    ]);
}

/** Return the rules for an order of one account, or for the router's choice among all. */
export function rulesOf(listed: readonly Listed[], chosen: string, account: string): Rules {
  const rows = listed.filter(
    (row) => row.trades && isOf(chosen, row.instrument) && (!account || row.account === account),
  );
  return {
    tick: coarsest(rows.map((row) => row.tick)),
    step: coarsest(rows.map((row) => row.step)),
    orderTypes: new Set(rows.flatMap((row) => row.order_types)),
    timesInForce: new Set(rows.flatMap((row) => row.time_in_force)),
    canAttach: rows.some((row) => row.can.attached),
    canReduceOnly: rows.some((row) => row.can.reduce_only),
  };
}

/** Return the accounts through which an order could go. */
export function accountsOf(listed: readonly Listed[], chosen: string): string[] {
  const rows = listed.filter((row) => row.trades && isOf(chosen, row.instrument));
  return [...new Set(rows.map((row) => row.account))].sort();
}
