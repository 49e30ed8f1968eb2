/** What would become of the order on the ticket, asked again as it changes and as time goes. */
import { useDebouncedValue } from "@mantine/hooks";
import { useQuery } from "@tanstack/react-query";
import { api, type Shapes, told } from "../../../api/client";
import type { Terms } from "./draft";

export type Rehearsal = Shapes["Rehearsal"];

const PAUSE_MS = 250;
const AGAIN_MS = 3_000; // the market moves under an order that stays the same

export function rehearse(body: Terms): Promise<Rehearsal> {
  return told(api.POST("/api/v1/orders/dry-run", { body }));
}

export function useRehearsal(terms: Terms | null) {
  const key = terms && JSON.stringify(terms);
  const [settled] = useDebouncedValue(key, PAUSE_MS);
  const query = useQuery({
    queryKey: ["dry-run", settled],
    queryFn: () => rehearse(JSON.parse(settled ?? "null") as Terms),
    enabled: settled !== null && key !== null,
    refetchInterval: AGAIN_MS,
    placeholderData: (before) => before,
    retry: false,
    staleTime: 0,
    gcTime: 0,
  });
  return {
    rehearsal: key === null ? undefined : query.data,
    error: key === null ? null : query.error,
    /** Whether the answer is about the ticket as it is now. */
    isCurrent: settled === key && !query.isPlaceholderData && !query.isPending,
  };
}
