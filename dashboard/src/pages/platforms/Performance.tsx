/** How a platform's strategies do, and what it says of its risk. */
import { memo } from "react";
import { profit } from "../../parts/columns";
import { grouped, Percent } from "../../parts/Num";
import { type Column, Rows } from "../../parts/Rows";
import { Standing } from "../../parts/Standing";
import { Subject } from "./Subject";
import { type Said, stateOf } from "./said";

type Strategy = Said<"strategy-performance">;

const strategies: Column<Strategy>[] = [
  {
    name: "name",
    title: "Strategy",
    cell: (row) => (
      <>
        <b>{row.key}</b>
        {row.value.state && (
          <div>
            <Standing word={stateOf(row.value.state)} />
          </div>
        )}
      </>
    ),
    by: (row) => row.key,
  },
  profit("pnl", "P&L", (row) => row.value.pnl),
  profit("day", "Today", (row) => row.value.day_pnl),
  {
    name: "wins",
    title: "Won",
    cell: ({ value: { win_rate, trades } }) => (
      <>
        <Percent value={win_rate} places={0} />
        {trades != null && <span className="faint"> of {grouped(trades)}</span>}
      </>
    ),
    by: (row) => row.value.win_rate,
    isNumber: true,
  },
  {
    name: "sharpe",
    title: "Sharpe",
    cell: (row) => grouped(row.value.sharpe, 2, 2),
    by: (row) => row.value.sharpe,
    isNumber: true,
  },
  {
    name: "drawdown",
    title: "Drawdown",
    cell: (row) => grouped(row.value.max_drawdown, 4),
    by: (row) => row.value.max_drawdown,
    isNumber: true,
  },
];

export const Strategies = memo(function Strategies({ rows }: { rows: readonly Strategy[] }) {
  return (
    <Subject title="Strategies" rows={rows}>
      <Rows
        rows={rows}
        columns={strategies}
        keyOf={(row) => row.key}
        empty="No strategy"
        label="strategies of the platform"
      />
    </Subject>
  );
});

type Risk = readonly [name: string, value: number];

const risks: Column<Risk>[] = [
  { name: "name", title: "Metric", cell: ([name]) => name, by: ([name]) => name },
  {
    name: "value",
    title: "Value",
    cell: ([, value]) => grouped(value, 6),
    by: ([, value]) => value,
    isNumber: true,
  },
];

export const RiskMetrics = memo(function RiskMetrics({ row }: { row: Said<"risk-metrics"> }) {
  return (
    <Subject title="Risk" rows={[row]}>
      <Rows
        rows={Object.entries(row.value.metrics)}
        columns={risks}
        keyOf={([name]) => name}
        empty="No metric of risk"
        label="risk metrics of the platform"
      />
    </Subject>
  );
});
