/** Finding an adapter among all that are installed: by kind, those tested farthest first. */
import type { Shapes } from "../../api/client";
import { rankOf, tierOf } from "../../parts/words";

type Adapter = Pick<Shapes["Adapter"], "id" | "name" | "tier" | "real_money" | "can">;
export type Choice = { value: string; label: string; tier: string };
export type Group = { group: string; items: Choice[] };

export const SHOWN = 25; // of a group: typing finds the others

const groups: readonly [title: string, holds: (adapter: Adapter) => boolean][] = [
  ["Without real money", (adapter) => !adapter.real_money],
  ["Orders and market data", (adapter) => adapter.can.includes("submit")],
  ["Market data only", () => true],
];

/** Return every adapter once, in the first group that it fits. */
export function groupsOf(adapters: readonly Adapter[]): Group[] {
  const left = new Set(adapters);
  return groups
    .map(([group, holds]) => {
      const mine = [...left].filter(holds);
      for (const adapter of mine) left.delete(adapter);
      mine.sort(
        (one, other) =>
          rankOf(one.tier) - rankOf(other.tier) || 0 || one.name.localeCompare(other.name),
      );
      return { group, items: mine.map(({ id, name, tier }) => ({ value: id, label: name, tier })) };
    })
    .filter(({ items }) => items.length > 0);
}

/** Return the choices in which every word occurs: in the name, the id or how far it is tested. */
export function found(all: readonly Group[], search: string, most = SHOWN): Group[] {
  const words = search.toLowerCase().split(/\s+/).filter(Boolean);
  const isFound = ({ value, label, tier }: Choice) => {
    const said = `${value} ${label} ${tierOf(tier).words}`.toLowerCase();
    return words.every((word) => said.includes(word));
  };
  return all
    .map(({ group, items }) => ({ group, items: items.filter(isFound).slice(0, most) }))
    .filter(({ items }) => items.length > 0);
}
