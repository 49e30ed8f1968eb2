/** Columns that many tables share. What can be counted is sorted by size, and aligned to the right. */
import type { ReactNode } from "react";
import { grouped, Moment, Signed } from "./Num";
import { MAIN } from "./portfolios";
import type { Column } from "./Rows";
import { Side } from "./Side";

type Value = string | number | null | undefined;

function sized<Row>(
  name: string,
  title: ReactNode,
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
export function profit<Row>(name: string, title: ReactNode, of: (row: Row) => Value): Column<Row> {
  return sized(name, title, of, (row) => <Signed value={of(row)} />);
}

/** How many there are of something. */
export function count<Row>(name: string, title: string, of: (row: Row) => number): Column<Row> {
  return sized(name, title, of, of);
}

/** A quantity or a price, with the digits that it was told with. */
export function amount<Row>(
  name: string,
  title: string,
  of: (row: Row) => Value,
  write: (value: Value) => string = grouped,
): Column<Row> {
  return sized(name, title, of, (row) => write(of(row)));
}

/** How much of an order has been filled. */
export function filled<Row>(done: (row: Row) => Value, wanted: (row: Row) => Value): Column<Row> {
  return sized(
    "filled",
    "Filled / of",
    wanted,
    (row) => `${grouped(done(row))} / ${grouped(wanted(row))}`,
  );
}

/** What a trade cost, in what. */
export function fee<Row>(
  of: (row: Row) => Value,
  asset: (row: Row) => string | null | undefined,
  write: (value: Value) => string = (value) => grouped(value, 6),
): Column<Row> {
  return sized("fee", "Fee", of, (row) => (
    <>
      {write(of(row))} <span className="faint">{asset(row)}</span>
    </>
  ));
}

/** When it was; `link` may lay something around the moment. */
export function when<Row>(
  of: (row: Row) => number | null | undefined,
  link: (row: Row, moment: ReactNode) => ReactNode = (_, moment) => moment,
): Column<Row> {
  const cell = (row: Row) => link(row, <Moment ns={of(row)} />);
  return { name: "at", title: "Time", cell, by: of };
}

/** Bought or sold. */
export function side<Row>(of: (row: Row) => string): Column<Row> {
  return { name: "side", title: "Side", cell: (row) => <Side side={of(row)} />, by: of };
}

/** Whose it is: the strategy, and the portfolio where that is not the main one. */
export function owner<
  Row extends { strategy: string | null; portfolio?: string | null },
>(): Column<Row> {
  const of = ({ strategy, portfolio }: Row) =>
    [strategy, strategy && portfolio === MAIN ? "" : portfolio].filter(Boolean).join(", ");
  return text("owner", "Owner", of, "faint");
}

/** A name: bold where it says what the row is of, faint where it only goes with it. */
export function text<Row>(
  column: string,
  title: string,
  of: (row: Row) => string | null | undefined,
  look: "bold" | "faint" | "plain" = "plain",
): Column<Row> {
  const cell = (row: Row) =>
    look === "bold" ? (
      <b>{of(row)}</b>
    ) : look === "faint" ? (
      <span className="faint">{of(row)}</span>
    ) : (
      of(row)
    );
  return { name: column, title, cell, by: of };
}
