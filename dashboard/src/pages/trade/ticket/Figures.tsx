/** What an order would cost and leave, as its rehearsal says. */
import type { ReactNode } from "react";
import { grouped } from "../../../parts/Num";
import classes from "./Ticket.module.css";
import type { Rehearsal } from "./useRehearsal";

export function Figures({ rehearsal }: { rehearsal: Rehearsal | undefined }) {
  const unit = (value: string | null | undefined, name: string | null | undefined) =>
    value == null ? "" : (name ?? "");
  const told = rehearsal;
  const isRebate = told?.fee?.startsWith("-") ?? false;
  return (
    <dl className={classes.figures}>
      <Figure name="Goes to">{told?.account ?? "–"}</Figure>
      <Figure name="Worth" unit={unit(told?.notional, told?.currency)}>
        {grouped(told?.notional, 2)}
      </Figure>
      <Figure
        name={isRebate ? "Rebate, about" : "Fee, about"}
        unit={unit(told?.fee, told?.fee_currency)}
      >
        {grouped(isRebate ? told?.fee?.slice(1) : told?.fee, 6)}
      </Figure>
      <Figure name="Position after">{grouped(told?.position_after)}</Figure>
      <Figure name="Cash left" unit={unit(told?.buying_power_after, told?.buying_power_asset)}>
        {grouped(told?.buying_power_after, 2)}
      </Figure>
    </dl>
  );
}

function Figure({ name, unit, children }: { name: string; unit?: string; children: ReactNode }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd>
        {children} {unit && <span className="faint">{unit}</span>}
      </dd>
    </div>
  );
}
