/** Kinds of strategies that can be started here, with the fields of their forms. */
import { useQuery } from "@tanstack/react-query";
import { api, type Shapes, told } from "../../api/client";
import { type Field, fieldOf } from "../../parts/form";

export type Kind = Shapes["StrategyKind"] & { fields: Field[] };

export function useKinds(wanted = true) {
  return useQuery({
    queryKey: ["kinds"],
    queryFn: () => told(api.GET("/api/v1/strategies/kinds")),
    staleTime: 60_000,
    enabled: wanted,
    select: (kinds): Kind[] =>
      kinds.map((kind) => ({ ...kind, fields: kind.params_schema.map(fieldOf) })),
  });
}
