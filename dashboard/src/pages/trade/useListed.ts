import { useQueries } from "@tanstack/react-query";
import { api, told } from "../../api/client";
import { useTopic } from "../../push/useTopic";
import { type Listed, venueOf } from "./markets";

/** Return every instrument of every account, undefined while the first are asked for. */
export function useListed(): Listed[] | undefined {
  const status = useTopic("status");
  const rows = (name: string) => (status?.[name] as { account: string }[] | undefined) ?? [];
  const accounts = [
    ...rows("accounts").map((row) => ({ account: row.account, trades: true })),
    ...rows("data_accounts").map((row) => ({ account: row.account, trades: false })),
  ];
  const found = useQueries({
    queries: accounts.map(({ account, trades }) => ({
      queryKey: ["instruments", account],
      queryFn: async () => {
        const path = { account };
        const rows = await told(
          api.GET("/api/v1/market/instruments/{account}", { params: { path } }),
        );
        return rows.map((row) => ({
          ...row,
          account,
          venue: row.venue ?? venueOf(row.instrument),
          trades,
        }));
      },
      staleTime: 60_000,
      // A venue that connects after the page has opened lists what it has only then.
      refetchInterval: (query: { state: { data?: unknown[] | undefined } }) =>
        query.state.data?.length ? false : 3_000,
    })),
    combine: (results) => ({
      rows: results.flatMap((result) => result.data ?? []),
      isPending: results.length > 0 && results.every((result) => result.isPending),
    }),
  });
  return status && !found.isPending ? found.rows : undefined;
}
