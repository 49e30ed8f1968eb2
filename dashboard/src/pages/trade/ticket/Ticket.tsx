import { Button, NativeSelect } from "@mantine/core";
import { useLocalStorage } from "@mantine/hooks";
import type { Dispatch, Ref, SetStateAction } from "react";
import { Panel } from "../../../parts/Panel";
import { MAIN, portfolioOf } from "../../../parts/portfolios";
import { usePortfolios } from "../../../parts/usePortfolios";
import { accountsOf, type Listed, rulesOf, symbolOf } from "../markets";
import { AmountField } from "./AmountField";
import { Confirm } from "./Confirm";
import { type Draft, kinds, meaningOf, type Side } from "./draft";
import { Exits } from "./Exits";
import { Lasting } from "./Lasting";
import { Prices } from "./Prices";
import classes from "./Ticket.module.css";
import { usePlacing } from "./usePlacing";
import { useRehearsal } from "./useRehearsal";
import { Verdict } from "./Verdict";

const sides: readonly [Side, string][] = [
  ["buy", "Buy"],
  ["sell", "Sell"],
];

export function Ticket({
  symbol,
  listed,
  draft,
  onDraft,
  quantityField,
}: {
  symbol: string;
  listed: readonly Listed[];
  draft: Draft;
  onDraft: Dispatch<SetStateAction<Draft>>;
  quantityField: Ref<HTMLInputElement>;
}) {
  const accounts = accountsOf(listed, symbol);
  const { base, quote } = unitsOf(listed, symbol);
  const portfolios = usePortfolios();
  const [kept, keep] = useLocalStorage({ key: "trade-portfolio", defaultValue: MAIN });
  const portfolio = portfolioOf(portfolios, kept);
  const meaning = meaningOf(draft, symbol, portfolio);
  const { rehearsal, error, isCurrent } = useRehearsal(meaning.terms);
  // Where the router would send it, that venue's steps count.
  const rules = rulesOf(listed, symbol, draft.account || (rehearsal?.account ?? ""));
  const placing = usePlacing();
  const change = (part: Partial<Draft>) => onDraft((before) => ({ ...before, ...part }));
  const place = () => {
    if (meaning.terms) void placing.begin(meaning.terms);
  };
  const isRefused =
    rehearsal !== undefined &&
    !rehearsal.passes &&
    rehearsal.reasons.some(([check]) => check !== "approval");
  const deed = draft.side === "buy" ? "Buy" : "Sell";

  return (
    <Panel title="Ticket">
      <form
        className={classes.ticket}
        onSubmit={(event) => {
          event.preventDefault();
          place();
        }}
      >
        <fieldset className={classes.sides} aria-label="side">
          {sides.map(([side, title]) => (
            <button
              key={side}
              type="button"
              data-side={side}
              aria-pressed={draft.side === side}
              onClick={() => change({ side })}
            >
              {title}
            </button>
          ))}
        </fieldset>
        <div className={classes.fields}>
          <NativeSelect
            size="xs"
            label="Type"
            value={draft.kind}
            onChange={(event) => change({ kind: event.currentTarget.value as Draft["kind"] })}
            data={kinds.map(({ kind, title, needs }) => ({
              value: kind,
              label: title,
              disabled: !rules.orderTypes.has(needs) || (kind === "oco" && !rules.canAttach),
            }))}
          />
          <NativeSelect
            size="xs"
            label="Account"
            title="The router takes the venue where the order costs least"
            value={draft.account}
            onChange={(event) => change({ account: event.currentTarget.value })}
            data={[{ value: "", label: "Router" }, ...accounts]}
          />
          {portfolios && portfolios.length > 1 && (
            <NativeSelect
              size="xs"
              label="Portfolio"
              title="Whose position and profit the order makes"
              value={portfolio}
              onChange={(event) => keep(event.currentTarget.value)}
              data={portfolios}
            />
          )}
          <AmountField
            label="Quantity"
            value={draft.quantity}
            onChange={(quantity) => change({ quantity })}
            step={rules.step}
            unit={base}
            field={quantityField}
          />
          <Prices draft={draft} change={change} tick={rules.tick} unit={quote} />
          <Lasting draft={draft} change={change} rules={rules} />
        </div>
        <Exits draft={draft} change={change} rules={rules} />
        <div className={classes.foot}>
          <Verdict
            lacks={meaning.lacks}
            rehearsal={rehearsal}
            error={error}
            isCurrent={isCurrent}
            onQuantity={(quantity) => change({ quantity })}
          />
          <Button
            type="submit"
            fullWidth
            color={draft.side === "buy" ? "teal" : "red"}
            disabled={!meaning.terms}
            // Not disabled: pressed, it asks once more, and says why not.
            style={{ opacity: isRefused ? 0.45 : undefined }}
            loading={placing.isBusy}
          >
            {deed} {draft.quantity} {base}
          </Button>
        </div>
      </form>
      <Confirm
        question={placing.question}
        onSend={(question) => placing.send(question.terms, question.needsApproval)}
        onClose={placing.leave}
      />
    </Panel>
  );
}

/** Return what quantity and price are counted in: of a contract, only the price says it. */
function unitsOf(listed: readonly Listed[], symbol: string): { base: string; quote: string } {
  const found = listed.find((row) => row.symbol === symbolOf(symbol));
  return { base: (found?.kind === "spot" && found.base) || "", quote: found?.quote ?? "" };
}
