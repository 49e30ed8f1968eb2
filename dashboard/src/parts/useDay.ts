/** Since when the accounts' result of today is counted: the journal holds what each began with. */
import { useQuery } from "@tanstack/react-query";
import { api, told } from "../api/client";
import { dayStart, sinceWords } from "./day";
import { useNow } from "./useNow";

const LOOK_MS = 20_000;
const KINDS = ["day_opened"];

/** Return it in words; "" until it is known. */
export function useSinceToday(): string {
  const now = useNow(LOOK_MS);
  const midnight = dayStart(now);
  const query = useQuery({
    queryKey: ["day", midnight],
    queryFn: async () => {
      const asked = { kinds: KINDS, since_ns: midnight * 1e9, limit: 100 };
      const page = await told(api.GET("/api/v1/audit", { params: { query: asked } }));
      return page.entries.map((entry) => entry.at / 1e9);
    },
    refetchInterval: LOOK_MS, // an account that is let in later begins later
  });
  return sinceWords(query.data ?? [], now);
}
