import { useQuery } from "@tanstack/react-query";
import { useMemo } from "react";
import { api, told } from "../../../api/client";
import { useTopic } from "../../../push/useTopic";
import { joinedOrders, type Order } from "./orders";

const MOST = 1_000;
const AGAIN_MS = 5_000;

/** Return own orders, undefined until some are known. What is pushed holds the newest only: one
 * that has worked for long is older than they are, and is asked for beside. */
export function useOrders(): Order[] | undefined {
  const pushed = useTopic("orders");
  const asked = useQuery({
    queryKey: ["orders", "working"],
    queryFn: () => told(api.GET("/api/v1/orders", { params: { query: { limit: MOST } } })),
    refetchInterval: AGAIN_MS,
  });
  return useMemo(
    () => (pushed || asked.data ? joinedOrders(asked.data ?? [], pushed ?? []) : undefined),
    [pushed, asked.data],
  );
}
