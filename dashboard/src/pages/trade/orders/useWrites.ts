/** Cancel and amend: what was asked for and is not proven yet stays marked. */
import { useCallback, useState } from "react";
import { api } from "../../../api/client";
import { complain } from "../notices";
import type { Amendment } from "./orders";
import { refusalOf } from "./refusal";

const ASKED_MS = 5_000; // then the order's own status says how it stands

export function useWrites() {
  const [asked, setAsked] = useState<ReadonlySet<string>>(new Set());

  const mark = useCallback((id: string, isAsked: boolean) => {
    setAsked((before) => {
      const after = new Set(before);
      if (isAsked) after.add(id);
      else after.delete(id);
      return after;
    });
  }, []);

  const cancel = useCallback(
    async (order_id: string) => {
      mark(order_id, true);
      try {
        await api.DELETE("/api/v1/orders/{order_id}", { params: { path: { order_id } } });
        void tellRefusal("Not canceled", order_id);
        window.setTimeout(() => mark(order_id, false), ASKED_MS);
      } catch (error) {
        mark(order_id, false);
        complain("Not canceled", error);
      }
    },
    [mark],
  );

  /** Return why the desk did not take the amendment on; null where it did. */
  const amend = useCallback(
    async (order_id: string, body: Amendment): Promise<unknown> => {
      mark(order_id, true);
      try {
        await api.PATCH("/api/v1/orders/{order_id}", { params: { path: { order_id } }, body });
        void tellRefusal("Not amended", order_id);
        return null;
      } catch (error) {
        return error;
      } finally {
        mark(order_id, false);
      }
    },
    [mark],
  );
  return { asked, cancel, amend };
}

/** Say what the venue refused after the desk had passed it on. */
async function tellRefusal(title: string, order: string): Promise<void> {
  try {
    const refusal = await refusalOf(order);
    if (refusal !== null) complain(title, refusal);
  } catch {
    // Where the journal cannot be read, the order's own row and story tell.
  }
}
