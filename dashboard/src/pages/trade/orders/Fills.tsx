import type { Shapes } from "../../../api/client";
import { grouped, Moment } from "../../../parts/Num";
import { type Column, Rows } from "../../../parts/Rows";
import { Side } from "../../../parts/Side";
import { symbolOf } from "../markets";
import { Story } from "./cells";

type Fill = Shapes["Fill"];

const at: Column<Fill> = {
  name: "at",
  title: "Time",
  width: 66,
  cell: (row) => {
    const moment = <Moment ns={row.at} />;
    return row.order_id ? <Story id={row.order_id}>{moment}</Story> : moment;
  },
};

const which: Column<Fill> = {
  name: "which",
  width: 66,
  title: "Symbol",
  cell: (row) => symbolOf(row.instrument),
  by: (row) => row.instrument,
};

const rest: Column<Fill>[] = [
  { name: "side", title: "Side", width: 36, cell: (row) => <Side side={row.side} /> },
  {
    name: "quantity",
    width: 66,
    title: "Quantity",
    cell: (row) => grouped(row.quantity),
    isNumber: true,
  },
  { name: "price", width: 74, title: "Price", cell: (row) => grouped(row.price), isNumber: true },
  {
    name: "fee",
    width: 82,
    title: "Fee",
    cell: (row) => (
      <>
        {grouped(row.fee, 6)} <span className="faint">{row.fee_asset}</span>
      </>
    ),
    isNumber: true,
  },
  {
    name: "liquidity",
    width: 46,
    title: "As",
    cell: (row) => <span className="faint">{row.liquidity}</span>,
  },
  {
    name: "where",
    width: 52,
    title: "Account",
    cell: (row) => <span className="faint">{row.account}</span>,
    by: (row) => row.account,
  },
  {
    name: "owner",
    width: 58,
    title: "Owner",
    cell: (row) => <span className="faint">{row.strategy ?? row.portfolio}</span>,
    by: (row) => row.strategy ?? row.portfolio,
  },
];

export function Fills({ rows, isAll }: { rows: readonly Fill[]; isAll: boolean }) {
  return (
    <Rows
      rows={rows}
      columns={isAll ? [at, which, ...rest] : [at, ...rest]}
      keyOf={(row) => `${row.account} ${row.venue_order_id} ${row.execution_id}`}
      empty="Nothing has been filled yet"
      label="fills"
    />
  );
}
