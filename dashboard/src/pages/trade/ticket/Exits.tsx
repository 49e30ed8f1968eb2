/** A bracket: exits that the venue itself holds, one of which ends the other. */
import { Checkbox } from "@mantine/core";
import type { Rules } from "../markets";
import { AmountField } from "./AmountField";
import { type Draft, takesExits } from "./draft";
import classes from "./Ticket.module.css";

export function Exits({
  draft,
  change,
  rules,
}: {
  draft: Draft;
  change: (part: Partial<Draft>) => void;
  rules: Rules;
}) {
  if (!takesExits(draft.kind) || !rules.canAttach) return null;
  return (
    <>
      <Checkbox
        size="xs"
        label="Take profit and stop loss"
        checked={draft.hasExits}
        onChange={(event) => change({ hasExits: event.currentTarget.checked })}
      />
      {draft.hasExits && (
        <div className={classes.fields}>
          <AmountField
            label="Take profit"
            value={draft.takeProfit}
            onChange={(takeProfit) => change({ takeProfit })}
            step={rules.tick}
            placeholder="none"
          />
          <AmountField
            label="Stop loss"
            value={draft.stopLoss}
            onChange={(stopLoss) => change({ stopLoss })}
            step={rules.tick}
            placeholder="none"
          />
          <AmountField
            label="Its limit"
            value={draft.stopLossLimit}
            onChange={(stopLossLimit) => change({ stopLossLimit })}
            step={rules.tick}
            placeholder="market"
          />
        </div>
      )}
    </>
  );
}
