/** What the desk's files tell while no desk answers, and as of when. */
import { useQuery } from "@tanstack/react-query";
import { useDeskAway } from "./Awaited";
import { moment } from "./Num";

const AGAIN_MS = 15_000;

export type Filed<T> = { rows: T; asOfNs: number | null };
type Answer<T> = Promise<{ data?: T; response: Response }>;

/** Ask the API only while the desk is away; undefined while it is there or files tell nothing. */
export function useFromFiles<T>(name: string, ask: () => Answer<T>): Filed<T> | undefined {
  const away = useDeskAway();
  const query = useQuery({
    queryKey: ["files", name],
    queryFn: async (): Promise<Filed<T>> => {
      const { data, response } = await ask();
      const asOf = response.headers.get("X-As-Of-Ns");
      return { rows: data as T, asOfNs: asOf === null ? null : Number(asOf) };
    },
    enabled: away !== null,
    refetchInterval: AGAIN_MS,
    retry: false,
  });
  return away === null ? undefined : query.data;
}

export function AsOf({ filed }: { filed: Filed<unknown> | undefined }) {
  if (!filed || filed.asOfNs === null) return null;
  return <span className="faint small">from the files, as of {moment(filed.asOfNs, true)}</span>;
}
