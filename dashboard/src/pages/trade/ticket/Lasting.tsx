/** How long an order is good, and what it may not do. */
import { Checkbox, NativeSelect, TextInput } from "@mantine/core";
import type { Rules } from "../markets";
import { type Draft, lasting, type TimeInForce, takesPostOnly } from "./draft";
import classes from "./Ticket.module.css";

const words: Record<TimeInForce, string> = {
  GTC: "until it is canceled",
  IOC: "what fills at once, the rest is canceled",
  FOK: "all of it at once, or nothing",
  DAY: "until the day ends",
  GTD: "until a time",
};

export function Lasting({
  draft,
  change,
  rules,
}: {
  draft: Draft;
  change: (part: Partial<Draft>) => void;
  rules: Rules;
}) {
  return (
    <>
      <NativeSelect
        size="xs"
        label="Good for"
        value={draft.timeInForce}
        onChange={(event) => change({ timeInForce: event.currentTarget.value as TimeInForce })}
        title={words[draft.timeInForce]}
        data={lasting.map((value) => ({
          value,
          label: value,
          disabled: !rules.timesInForce.has(value),
        }))}
      />
      {draft.timeInForce === "GTD" && (
        <TextInput
          size="xs"
          label="Until"
          type="datetime-local"
          value={draft.expires}
          onChange={(event) => change({ expires: event.currentTarget.value })}
        />
      )}
      <div className={classes.flags}>
        <Checkbox
          size="xs"
          label="Post only"
          checked={draft.postOnly && takesPostOnly(draft.kind)}
          disabled={!takesPostOnly(draft.kind)}
          onChange={(event) => change({ postOnly: event.currentTarget.checked })}
        />
        <Checkbox
          size="xs"
          label="Reduce only"
          checked={draft.reduceOnly}
          onChange={(event) => change({ reduceOnly: event.currentTarget.checked })}
        />
      </div>
    </>
  );
}
