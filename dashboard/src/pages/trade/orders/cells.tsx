/** What several tables of orders show alike. */
import { Link } from "@tanstack/react-router";
import type { ReactNode } from "react";
import { filled, text, when } from "../../../parts/columns";
import type { Column } from "../../../parts/Rows";
import { Side } from "../../../parts/Side";
import { Standing } from "../../../parts/Standing";
import classes from "../Trade.module.css";
import type { Order } from "./orders";

const BOTH = "one_cancels_the_other"; // else the order's fill is what begins its exits

/** A link to the whole story of an order or a correlation. */
export function Story({ id, children }: { id: string; children: ReactNode }) {
  return (
    <Link to="/audit" search={{ story: id }} className={classes.story} title="Its whole story">
      {children}
    </Link>
  );
}

export const at: Column<Order> = {
  ...when<Order>(
    (row) => row.created_time_ns,
    (row, moment) => <Story id={row.order_id}>{moment}</Story>,
  ),
  width: 66,
};

export const what: Column<Order> = {
  name: "what",
  title: "Order",
  cell: (row) => (
    <span title={`${row.type.replaceAll("_", " ")} ${row.time_in_force}`}>
      <Side side={row.side} /> {row.type.replaceAll("_", " ")}
      {row.time_in_force !== "GTC" && <span className="faint"> {row.time_in_force}</span>}
      {row.attached.length > 0 && (
        <span className="faint">{row.contingency === BOTH ? " OCO" : " + exits"}</span>
      )}
    </span>
  ),
  by: (row) => row.type,
  width: 86,
};

export const where: Column<Order> = {
  ...text<Order>("where", "Account", (row) => row.account, "faint"),
  width: 60,
};

export const which: Column<Order> = {
  ...text<Order>("which", "Symbol", (row) => row.symbol),
  width: 84,
};

export const done: Column<Order> = filled(
  (row) => row.cumulative_quantity,
  (row) => row.quantity,
);

export const standing: Column<Order> = {
  name: "standing",
  title: "Status",
  cell: (row) => (
    <Standing
      word={row.status}
      why={row.reason}
      shown={row.status === "PartiallyFilled" ? "Partial" : row.status}
    />
  ),
  by: (row) => row.status,
  width: 92,
};
