/** Orders and fills of a platform: they are its own, and nothing here can touch them. */
import { memo } from "react";
import { amount, fee, filled, side, text, when } from "../../parts/columns";
import { type Column, Rows } from "../../parts/Rows";
import { Side } from "../../parts/Side";
import { Standing } from "../../parts/Standing";
import { Subject } from "./Subject";
import { type Said, stateOf, written } from "./said";

type Order = Said<"orders">;
type Fill = Said<"fills">;

const orders: Column<Order>[] = [
  when((row) => row.at_ns),
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
  text("symbol", "Symbol", (row) => row.value.symbol, "bold"),
  filled(
    (row) => row.value.filled_quantity,
    (row) => row.value.quantity,
  ),
  amount("price", "Price", (row) => row.value.price, written),
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
  when((row) => row.at_ns),
  side((row) => row.value.side),
  text("symbol", "Symbol", (row) => row.value.symbol, "bold"),
  amount("quantity", "Quantity", (row) => row.value.quantity),
  amount("price", "Price", (row) => row.value.price, written),
  fee(
    (row) => row.value.fee,
    (row) => row.value.fee_currency,
    written,
  ),
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
