import { grouped } from "../../../parts/Num";
import { type Column, Rows } from "../../../parts/Rows";
import { at, filled, standing, what, where, which } from "./cells";
import type { Order } from "./orders";

const columns: Column<Order>[] = [
  at,
  what,
  { name: "quantity", title: "Filled / of", cell: filled, isNumber: true },
  {
    name: "price",
    title: "Average",
    cell: (row) => grouped(row.average_price, 6),
    isNumber: true,
  },
  where,
  standing,
];

export function Ended({ rows, isAll }: { rows: readonly Order[]; isAll: boolean }) {
  return (
    <Rows
      rows={rows}
      columns={isAll ? [at, which, ...columns.slice(1)] : columns}
      keyOf={(row) => row.order_id}
      empty="No order has ended"
      label="ended orders"
    />
  );
}
