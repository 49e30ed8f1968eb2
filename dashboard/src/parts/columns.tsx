/** Columns of what can be counted and compared: sorted by size, aligned to the right. */
import { grouped, Signed } from "./Num";
import type { Column } from "./Rows";

type Value = string | number | null | undefined;

function sized<Row>(
  name: string,
  title: string,
  of: (row: Row) => Value,
  cell: Column<Row>["cell"],
): Column<Row> {
  const by = (row: Row) => {
    const value = of(row);
    return value === null || value === undefined || value === "" ? null : Number(value);
  };
  return { name, title, cell, by, isNumber: true };
}

/** An amount of money. */
export function money<Row>(name: string, title: string, of: (row: Row) => Value): Column<Row> {
  return sized(name, title, of, (row) => <span className="number">{grouped(of(row), 2, 2)}</span>);
}

/** Profit or loss. */
export function profit<Row>(name: string, title: string, of: (row: Row) => Value): Column<Row> {
  return sized(name, title, of, (row) => <Signed value={of(row)} />);
}

/** How many there are of something. */
export function count<Row>(name: string, title: string, of: (row: Row) => number): Column<Row> {
  return sized(name, title, of, of);
}
