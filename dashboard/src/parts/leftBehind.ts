/** Accounts that the desk let go of, or does not know any more, with something still there. */
import type { components } from "../api/schema";
import { grouped } from "./Num";

export type LeftBehind = components["schemas"]["LeftBehind"];

/** Return those that a status tells of; none while there is none. */
export function leftBehindOf(status: Readonly<Record<string, unknown>> | undefined): LeftBehind[] {
  return (status?.left_behind as LeftBehind[] | undefined) ?? [];
}

/** Return what stays at the venue, each in words. */
export function staying(left: LeftBehind): string[] {
  const counted = (many: number, one: string) =>
    many === 0 ? [] : [`${many} ${one}${many === 1 ? "" : "s"}`];
  return [
    ...counted(left.open_orders, "open order"),
    ...counted(left.doubts, "doubt"),
    ...left.positions.map((held) => `${grouped(held.quantity)} ${held.instrument}`),
  ];
}
