/** What is switched on at the desk. */
import { useQuery } from "@tanstack/react-query";
import { api, type Shapes, told } from "../api/client";

export type Flag = Shapes["Flag"];

export function useFlags() {
  return useQuery({
    queryKey: ["flags"],
    queryFn: () => told(api.GET("/api/v1/flags")),
    refetchInterval: 10_000,
  });
}

/** Tell whether a flag is known to be on. One that nobody told of is off. */
export function useIsOn(name: string): boolean {
  const flags = useFlags();
  return flags.data?.find((flag) => flag.name === name)?.value === true;
}
