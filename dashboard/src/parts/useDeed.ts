/** Something a person does: once at a time, told when done, told why when not. */
import { notifications } from "@mantine/notifications";
import { useQueryClient } from "@tanstack/react-query";
import { useCallback, useRef, useState } from "react";
import { Problem } from "../api/client";
import { worded } from "./worded";

export type Deed<Given extends unknown[]> = {
  /** Return whether it was done. */
  run: (...given: Given) => Promise<boolean>;
  busy: boolean;
  error: unknown;
  clear: () => void;
};

/** Do, say so, and ask anew for the queries whose keys begin with one of `renews`.
 *
 * Nothing of what was given is kept: it may be a secret. Where an error is shown in place,
 * `quiet` keeps it from being told twice.
 */
export function useDeed<Given extends unknown[], Got>(
  deed: (...given: Given) => Promise<Got>,
  {
    done,
    renews = [],
    quiet = false,
    after,
  }: {
    done?: string | ((got: Got) => string);
    renews?: readonly string[];
    quiet?: boolean;
    after?: (got: Got) => void;
  } = {},
): Deed<Given> {
  const queries = useQueryClient();
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<unknown>(null);
  const latest = useRef({ deed, done, renews, quiet, after });
  latest.current = { deed, done, renews, quiet, after };
  const underway = useRef(false);

  const run = useCallback(
    async (...given: Given) => {
      if (underway.current) return false;
      underway.current = true;
      setBusy(true);
      setError(null);
      const now = latest.current;
      try {
        const got = await now.deed(...given);
        for (const name of now.renews) void queries.invalidateQueries({ queryKey: [name] });
        const words = typeof now.done === "function" ? now.done(got) : now.done;
        if (words) notifications.show({ message: words, color: "teal" });
        now.after?.(got);
        return true;
      } catch (problem) {
        setError(problem);
        if (!now.quiet) tell(problem);
        return false;
      } finally {
        underway.current = false;
        setBusy(false);
      }
    },
    [queries],
  );
  const clear = useCallback(() => setError(null), []);
  return { run, busy, error, clear };
}

function tell(problem: unknown): void {
  const words = problem instanceof Error ? problem.message : String(problem);
  const hint = problem instanceof Problem ? problem.hint : "";
  notifications.show({
    title: worded(words),
    message: worded(hint),
    color: "red",
    autoClose: 8_000,
  });
}
