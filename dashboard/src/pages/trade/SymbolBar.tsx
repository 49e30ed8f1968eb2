/** What is looked at, and where it stands. */
import { Select } from "@mantine/core";
import { useMemo } from "react";
import { grouped } from "../../parts/Num";
import { useTopic } from "../../push/useTopic";
import type { Sides } from "./ladder/levels";
import { choicesOf, isOf, type Listed, symbolOf, venueOf } from "./markets";
import classes from "./Trade.module.css";

const SHOWN = 80; // of the thousands a venue may list, found by typing

export function SymbolBar({
  symbol,
  listed,
  sides,
  places,
  onSymbol,
}: {
  symbol: string;
  listed: readonly Listed[];
  sides: Sides | null;
  places: number;
  onSymbol: (symbol: string) => void;
}) {
  const books = useTopic("books");
  const choices = useMemo(
    () =>
      choicesOf(listed).map((value) => ({
        value,
        label: value.includes("@") ? `${symbolOf(value)} at ${venueOf(value)}` : value,
      })),
    [listed],
  );
  const newest = (books ?? [])
    .filter((row) => row.last !== null && isOf(symbol, row.instrument))
    .sort((one, other) => (other.at ?? 0) - (one.at ?? 0))[0];
  return (
    <div className={classes.bar}>
      <Select
        size="xs"
        w={230}
        searchable
        limit={SHOWN}
        data={choices}
        value={symbol}
        onChange={(value) => value && onSymbol(value)}
        onFocus={(event) => event.currentTarget.select()} // what is typed takes its place
        allowDeselect={false}
        nothingFoundMessage="No account lists this"
        aria-label="symbol"
        comboboxProps={{ width: 300, position: "bottom-start" }}
      />
      <div className={classes.quote}>
        <span>
          <span className="faint">last</span> {grouped(newest?.last, places, places)}
        </span>
        <span className="up">
          <span className="faint">bid</span> {grouped(sides?.bids[0]?.price, places, places)}
        </span>
        <span className="down">
          <span className="faint">ask</span> {grouped(sides?.asks[0]?.price, places, places)}
        </span>
      </div>
    </div>
  );
}
