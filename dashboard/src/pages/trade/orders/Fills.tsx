import type { Shapes } from "../../../api/client";
import { amount, fee, owner, side, text, when } from "../../../parts/columns";
import { type Column, Rows } from "../../../parts/Rows";
import { symbolOf } from "../markets";
import { Story } from "./cells";

type Fill = Shapes["Fill"];

const at: Column<Fill> = {
  ...when<Fill>(
    (row) => row.at,
    (row, moment) => (row.order_id ? <Story id={row.order_id}>{moment}</Story> : moment),
  ),
  width: 66,
};

const which: Column<Fill> = {
  ...text<Fill>("which", "Symbol", (row) => symbolOf(row.instrument)),
  width: 66,
};

const columns: Column<Fill>[] = [
  at,
  { ...side<Fill>((row) => row.side), width: 36 },
  { ...amount<Fill>("quantity", "Quantity", (row) => row.quantity), width: 66 },
  { ...amount<Fill>("price", "Price", (row) => row.price), width: 74 },
  {
    ...fee<Fill>(
      (row) => row.fee,
      (row) => [row.fee_asset, row.more_fees].filter(Boolean).join(" + "),
    ),
    width: 82,
  },
  { ...text<Fill>("liquidity", "As", (row) => row.liquidity, "faint"), width: 46 },
  { ...text<Fill>("where", "Account", (row) => row.account, "faint"), width: 52 },
  { ...owner<Fill>(), width: 58 },
];

const columnsOfAll = [at, which, ...columns.slice(1)];

export function Fills({ rows, isAll }: { rows: readonly Fill[]; isAll: boolean }) {
  return (
    <Rows
      rows={rows}
      columns={isAll ? columnsOfAll : columns}
      keyOf={(row) => `${row.account} ${row.venue_order_id} ${row.execution_id}`}
      empty="Nothing has been filled yet"
      label="fills"
    />
  );
}
