import { AmountField } from "./AmountField";
import { type Draft, fieldsOf, isStop } from "./draft";
import classes from "./Ticket.module.css";

export function Prices({
  draft,
  change,
  tick,
  unit,
}: {
  draft: Draft;
  change: (part: Partial<Draft>) => void;
  tick: string | null;
  unit: string;
}) {
  const fields = fieldsOf(draft.kind);
  return (
    <>
      {fields.includes("trigger") && (
        <AmountField
          label={isStop(draft.kind) ? "Stop price" : "Touch price"}
          value={draft.trigger}
          onChange={(trigger) => change({ trigger })}
          step={tick}
          unit={unit}
        />
      )}
      {fields.includes("limit") && (
        <AmountField
          label={draft.kind === "oco" ? "Take profit at" : "Limit price"}
          value={draft.limit}
          onChange={(limit) => change({ limit })}
          step={tick}
          unit={unit}
        />
      )}
      {fields.includes("trail") && (
        <div className={classes.trail}>
          <AmountField
            label="Trails by"
            value={draft.trail}
            onChange={(trail) => change({ trail })}
            step={draft.trailIn === "amount" ? tick : null}
          />
          <select
            value={draft.trailIn}
            onChange={(event) =>
              change({ trailIn: event.currentTarget.value === "amount" ? "amount" : "percent" })
            }
            aria-label="what it trails in"
          >
            <option value="percent">%</option>
            <option value="amount">{unit || "amount"}</option>
          </select>
        </div>
      )}
      {fields.includes("stopLoss") && (
        <>
          <AmountField
            label="Or stop at"
            value={draft.stopLoss}
            onChange={(stopLoss) => change({ stopLoss })}
            step={tick}
            unit={unit}
          />
          <AmountField
            label="With a limit of"
            value={draft.stopLossLimit}
            onChange={(stopLossLimit) => change({ stopLossLimit })}
            step={tick}
            unit={unit}
            placeholder="none"
          />
        </>
      )}
    </>
  );
}
