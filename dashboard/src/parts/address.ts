/** What the address says beyond the page: `?name=text`, so that a view can be linked to. */
import { useNavigate, useRouterState } from "@tanstack/react-router";
import { useCallback, useMemo } from "react";

export type Said = Readonly<Record<string, string | undefined>>;

/** Read an address. All of it is text: an order id of nineteen digits is no number here. */
export function readAddress(search: string): Said {
  const said: Record<string, string> = {};
  for (const [name, value] of new URLSearchParams(search)) said[name] = unquoted(value);
  return said;
}

/** The router puts quotes around text that would otherwise read as a number. */
function unquoted(value: string): string {
  if (!/^".*"$/s.test(value)) return value;
  try {
    return String(JSON.parse(value));
  } catch {
    return value;
  }
}

/** Return what the address says, and how to change it; null or "" takes a name away. */
export function useAddress(): [Said, (change: Record<string, string | null>) => void] {
  const search = useRouterState({ select: (state) => state.location.searchStr });
  const navigate = useNavigate();
  const said = useMemo(() => readAddress(search), [search]);
  const change = useCallback(
    (changed: Record<string, string | null>) => {
      const next: Record<string, string> = {};
      for (const [name, value] of Object.entries({ ...said, ...changed })) {
        if (value) next[name] = value;
      }
      void navigate({ to: ".", search: next });
    },
    [said, navigate],
  );
  return [said, change];
}
