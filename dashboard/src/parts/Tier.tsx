import { tierOf } from "./words";

/** How far an adapter has been tested, in words, with what they mean. */
export function Tier({ tier }: { tier: string | null | undefined }) {
  if (!tier) return null;
  const { words, hint } = tierOf(tier);
  return (
    <span title={hint} style={{ whiteSpace: "nowrap" }}>
      {words}
    </span>
  );
}
