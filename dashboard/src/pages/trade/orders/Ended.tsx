import { amount } from "../../../parts/columns";
import { grouped } from "../../../parts/Num";
import { type Column, Rows } from "../../../parts/Rows";
import { at, done, standing, what, where, which } from "./cells";
import type { Order } from "./orders";

const columns: Column<Order>[] = [
  at,
  what,
  done,
  amount(
    "price",
    "Average",
    (row) => row.average_price,
    (price) => grouped(price, 6),
  ),
  where,
  { ...standing, width: 116 },
];

const columnsOfAll = [at, which, ...columns.slice(1)];

export function Ended({ rows, isAll }: { rows: readonly Order[]; isAll: boolean }) {
  return (
    <Rows
      rows={rows}
      columns={isAll ? columnsOfAll : columns}
      keyOf={(row) => row.order_id}
      empty="No order has ended"
      label="ended orders"
    />
  );
}
