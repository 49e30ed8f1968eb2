/** Whether the order would pass, and every reason why not. Its place never changes its size. */
import { Button, Text } from "@mantine/core";
import { IconCheck, IconX } from "@tabler/icons-react";
import { Problem } from "../../../api/client";
import { useKilled } from "../../../parts/useKilled";
import { worded } from "../../../parts/worded";
import { readable } from "../reasons";
import { Figures } from "./Figures";
import classes from "./Ticket.module.css";
import type { Rehearsal } from "./useRehearsal";

export function Verdict({
  lacks,
  rehearsal,
  error,
  isCurrent,
  onQuantity,
}: {
  lacks: string | null;
  rehearsal: Rehearsal | undefined;
  error: Error | null;
  isCurrent: boolean;
  onQuantity: (quantity: string) => void;
}) {
  const killed = useKilled();
  const isSaid = !lacks && rehearsal?.reasons.some(([check]) => check === "kill_switch");
  return (
    <section
      className={classes.verdict}
      data-stale={(!isCurrent && !lacks) || undefined}
      aria-label="dry run"
    >
      <div className={classes.answer} role="status">
        {killed && !isSaid && <Text className="down">! {killed} New orders are refused.</Text>}
        <Answer lacks={lacks} rehearsal={rehearsal} error={error} onQuantity={onQuantity} />
      </div>
      <Figures rehearsal={lacks || error ? undefined : rehearsal} />
    </section>
  );
}

function Answer({
  lacks,
  rehearsal,
  error,
  onQuantity,
}: {
  lacks: string | null;
  rehearsal: Rehearsal | undefined;
  error: Error | null;
  onQuantity: (quantity: string) => void;
}) {
  if (lacks) return <Text className="faint">{lacks}</Text>;
  if (error) {
    return (
      <Text className="down">
        {worded(error.message)}
        {error instanceof Problem && error.hint && (
          <span className="faint"> {worded(error.hint)}</span>
        )}
      </Text>
    );
  }
  if (!rehearsal) return <Text className="faint">Asking whether it would pass…</Text>;
  if (rehearsal.passes) {
    return (
      <Text className="up">
        <IconCheck size={13} /> Passes every check
      </Text>
    );
  }
  const allowed = rehearsal.allowed_quantity;
  return (
    <>
      <ul>
        {rehearsal.reasons.map(([check, why]) => (
          <li key={`${check} ${why}`} title={check}>
            <IconX size={12} className="down" /> {readable(why ?? "")}
          </li>
        ))}
      </ul>
      {allowed && allowed !== "0" && (
        <Button fullWidth size="compact-xs" variant="default" onClick={() => onQuantity(allowed)}>
          Take {allowed}, which passes
        </Button>
      )}
    </>
  );
}
