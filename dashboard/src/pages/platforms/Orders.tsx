/** Orders and fills of a platform: they are its own, and nothing here can touch them. */
import { memo } from "react";
import { grouped, Moment } from "../../parts/Num";
import { type Column, Rows } from "../../parts/Rows";
import { Side } from "../../parts/Side";
import { Standing } from "../../parts/Standing";
import { Subject } from "./Subject";
import { type Said, stateOf, written } from "./said";

type Order = Said<"orders">;
type Fill = Said<"fills">;

const orders: Column<Order>[] = [
  {
    name: "at",
    title: "Time",
    cell: (row) => <Moment ns={row.at_ns} />,
    by: (row) => row.at_ns,
  },
  {
    name: "what",
    title: "Order",
    cell: (row) => (
      <span title={row.key}>
        <Side side={row.value.side} />{" "}
        <span className="faint">{(row.value.type ?? "").toLowerCase().replaceAll("_", " ")}</span>
      </span>
    ),
    by: (row) => row.value.side,
  },
  {
    name: "symbol",
    title: "Symbol",
    cell: (row) => <b>{row.value.symbol}</b>,
    by: (row) => row.value.symbol,
  },
  {
    name: "filled",
    title: "Filled",
    cell: (row) => `${grouped(row.value.filled_quantity)} / ${grouped(row.value.quantity)}`,
    by: (row) => Number(row.value.quantity),
    isNumber: true,
  },
  {
    name: "price",
    title: "Price",
    cell: (row) => written(row.value.price),
    by: (row) => Number(row.value.price ?? 0),
    isNumber: true,
  },
  {
    name: "status",
    title: "Status",
    cell: (row) => row.value.status && <Standing word={stateOf(row.value.status)} />,
    by: (row) => row.value.status,
  },
];

export const Orders = memo(function Orders({ rows }: { rows: readonly Order[] }) {
  return (
    <Subject title="Orders" rows={rows} happens>
      <Rows
        rows={rows}
        columns={orders}
        keyOf={(row) => row.key}
        empty="No order"
        label="orders of the platform"
      />
    </Subject>
  );
});

const fills: Column<Fill>[] = [
  {
    name: "at",
    title: "Time",
    cell: (row) => <Moment ns={row.at_ns} />,
    by: (row) => row.at_ns,
  },
  {
    name: "side",
    title: "Fill",
    cell: (row) => (
      <span title={row.value.order_id ? `of the order ${row.value.order_id}` : row.key}>
        <Side side={row.value.side} />
      </span>
    ),
    by: (row) => row.value.side,
  },
  {
    name: "symbol",
    title: "Symbol",
    cell: (row) => <b>{row.value.symbol}</b>,
    by: (row) => row.value.symbol,
  },
  {
    name: "quantity",
    title: "Quantity",
    cell: (row) => grouped(row.value.quantity),
    by: (row) => Number(row.value.quantity),
    isNumber: true,
  },
  {
    name: "price",
    title: "Price",
    cell: (row) => written(row.value.price),
    by: (row) => Number(row.value.price),
    isNumber: true,
  },
  {
    name: "fee",
    title: "Fee",
    cell: (row) => (
      <>
        {written(row.value.fee)} <span className="faint">{row.value.fee_currency}</span>
      </>
    ),
    by: (row) => Number(row.value.fee ?? 0),
    isNumber: true,
  },
];

export const Fills = memo(function Fills({ rows }: { rows: readonly Fill[] }) {
  return (
    <Subject title="Fills" rows={rows} happens>
      <Rows
        rows={rows}
        columns={fills}
        keyOf={(row) => row.key}
        empty="No fill"
        label="fills of the platform"
      />
    </Subject>
  );
});
