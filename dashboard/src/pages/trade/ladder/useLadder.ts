import { useQuery } from "@tanstack/react-query";
import { api, told } from "../../../api/client";
import { useTopic } from "../../../push/useTopic";

/** Return a symbol's ladder: asked for once, so that an unknown one says so, then pushed. */
export function useLadder(symbol: string) {
  const pushed = useTopic(`ladder:${symbol}`);
  const query = useQuery({
    queryKey: ["ladder", symbol],
    queryFn: () =>
      told(api.GET("/api/v1/market/ladder/{symbol}", { params: { path: { symbol } } })),
    enabled: pushed === undefined,
    refetchInterval: pushed === undefined ? 2_000 : false,
  });
  return { ladder: pushed ?? query.data, error: pushed ? null : query.error };
}
