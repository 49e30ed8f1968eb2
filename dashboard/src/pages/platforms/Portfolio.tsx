/** What a platform owns, as it counts it. */
import { SimpleGrid } from "@mantine/core";
import { memo } from "react";
import type { Shapes } from "../../api/client";
import { Age } from "../../parts/Age";
import { profit } from "../../parts/columns";
import { Figure } from "../../parts/Figure";
import { grouped, Signed } from "../../parts/Num";
import { type Column, Rows } from "../../parts/Rows";
import { STALE_S, Subject } from "./Subject";
import { type Said, written } from "./said";

type Position = Shapes["PlatformPosition"];
const MONEY = 2;

export const Portfolio = memo(function Portfolio({ row }: { row: Said<"portfolio"> }) {
  const { equity, currency, cash, pnl, day_pnl } = row.value;
  return (
    <SimpleGrid cols={{ base: 2, sm: 4 }} spacing="xs" mt="xs">
      <Figure title="Equity" note={<Age ns={row.at_ns} staleAfterS={STALE_S} />}>
        {grouped(equity, MONEY, MONEY)}
      </Figure>
      <Figure title="Cash" note={currency}>
        {grouped(cash, MONEY, MONEY)}
      </Figure>
      <Figure title="Profit and loss" note={currency}>
        <Signed value={pnl} />
      </Figure>
      <Figure title="Today" note={currency}>
        <Signed value={day_pnl} />
      </Figure>
    </SimpleGrid>
  );
});

const columns: Column<Position>[] = [
  { name: "symbol", title: "Symbol", cell: (row) => <b>{row.symbol}</b>, by: (row) => row.symbol },
  {
    name: "quantity",
    title: "Quantity",
    cell: (row) => grouped(row.quantity),
    by: (row) => Number(row.quantity),
    isNumber: true,
  },
  {
    name: "entry",
    title: "Entry",
    cell: (row) => written(row.entry_price, [row.mark]),
    by: (row) => Number(row.entry_price ?? 0),
    isNumber: true,
  },
  {
    name: "mark",
    title: "Mark",
    cell: (row) => written(row.mark, [row.entry_price]),
    by: (row) => Number(row.mark ?? 0),
    isNumber: true,
  },
  profit("pnl", "P&L", (row) => row.pnl),
];

export const Positions = memo(function Positions({ row }: { row: Said<"portfolio"> }) {
  return (
    <Subject title="Positions" rows={[row]}>
      <Rows
        rows={row.value.positions ?? []}
        columns={columns}
        keyOf={(position) => position.symbol}
        empty="No position"
        label="positions of the platform"
      />
    </Subject>
  );
});
