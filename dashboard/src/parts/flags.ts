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

/** Tell whether a flag is on; undefined while nobody has told. */
export function useIsOn(name: string): boolean | undefined {
  const value = useFlags().data?.find((flag) => flag.name === name)?.value;
  return value == null ? undefined : value === true;
}
