/** Finding a venue among all that are known. */
import type { Shapes } from "../../api/client";

export type Entry = Shapes["CatalogueEntry"];
export type Wanted = { text: string; status: string; kind: string; asset: string };

export const anything: Wanted = { text: "", status: "", kind: "", asset: "" };

/** Return the entries that are wanted. Every word of the text must occur somewhere. */
export function wantedOf(entries: readonly Entry[], wanted: Wanted): Entry[] {
  const words = wanted.text.toLowerCase().split(/\s+/).filter(Boolean);
  return entries.filter((entry) => {
    if (wanted.status && !isOf(entry, wanted.status)) return false;
    if (wanted.kind && entry.kind !== wanted.kind) return false;
    if (wanted.asset && !entry.asset_classes.includes(wanted.asset)) return false;
    const said = [entry.id, entry.name, entry.successor, entry.why, ...entry.aliases]
      .concat(entry.adapters)
      .join(" ")
      .toLowerCase();
    return words.every((word) => said.includes(word));
  });
}

/** "connectable" is no status of a venue: an adapter that is installed here reaches it. */
function isOf(entry: Entry, status: string): boolean {
  return status === "connectable" ? entry.adapters.length > 0 : entry.status === status;
}

/** Return what some field says, each once, the most frequent first. */
export function values(
  entries: readonly Entry[],
  of: (entry: Entry) => readonly string[],
): string[] {
  const counts = new Map<string, number>();
  for (const entry of entries) {
    for (const value of of(entry)) counts.set(value, (counts.get(value) ?? 0) + 1);
  }
  return [...counts]
    .sort(([one, many], [other, few]) => few - many || one.localeCompare(other))
    .map(([value]) => value);
}
