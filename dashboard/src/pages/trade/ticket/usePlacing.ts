/** From the button to the order: rehearsed once more, confirmed by its size, sent once. */
import { useRef, useState } from "react";
import { api, newKey, Problem } from "../../../api/client";
import { complain, say } from "../notices";
import { spoken, type Terms, titleOf } from "./draft";
import { type Rehearsal, rehearse } from "./useRehearsal";

export type Question = { terms: Terms; rehearsal: Rehearsal; needsApproval: boolean };

/** A double click is one order: the same one is not placed again so soon. */
const REST_MS = 700;

export function usePlacing() {
  const [question, setQuestion] = useState<Question | null>(null);
  const [isBusy, setBusy] = useState(false);
  const isUnderway = useRef(false);
  const rests = useRef("");
  // An order whose answer was lost keeps its key: asked for again, it is placed once.
  const unanswered = useRef<{ body: string; key: string } | null>(null);

  async function send(terms: Terms, approve: boolean): Promise<void> {
    const body = { ...terms, approve };
    const text = JSON.stringify(body);
    const key = unanswered.current?.body === text ? unanswered.current.key : newKey();
    unanswered.current = { body: text, key };
    try {
      const headers = { "Idempotency-Key": key };
      const { data, response } = await api.POST("/api/v1/orders", { body, headers });
      unanswered.current = null;
      const where = data ? ` · ${data.symbol} at ${data.account}` : "";
      say(titleOf(response.headers), `${spoken(terms)}${where}`);
    } catch (error) {
      const isAnswered = error instanceof Problem && error.status >= 400 && error.status < 500;
      if (isAnswered) unanswered.current = null;
      throw error;
    }
  }

  async function begin(terms: Terms): Promise<void> {
    const text = JSON.stringify(terms);
    if (isUnderway.current || rests.current === text) return;
    isUnderway.current = true;
    setBusy(true);
    try {
      const rehearsal = await rehearse(terms);
      const needsApproval =
        rehearsal.reasons.length > 0 && rehearsal.reasons.every(([check]) => check === "approval");
      if (!rehearsal.passes && !needsApproval) {
        complain("Not placed", rehearsal.reasons.map(([, why]) => why).join(" · "));
      } else if (rehearsal.confirmation === "none" && !needsApproval) {
        await send(terms, false);
      } else {
        setQuestion({ terms, rehearsal, needsApproval });
      }
    } catch (error) {
      complain("Not placed", error);
    } finally {
      setBusy(false);
      isUnderway.current = false;
      rests.current = text;
      window.setTimeout(() => {
        if (rests.current === text) rests.current = "";
      }, REST_MS);
    }
  }

  return { question, isBusy, begin, send, leave: () => setQuestion(null) };
}
