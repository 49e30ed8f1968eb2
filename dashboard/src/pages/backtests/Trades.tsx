/** Every round trip of a run. */
import { Button, Center } from "@mantine/core";
import { useState } from "react";
import type { Shapes } from "../../api/client";
import { profit } from "../../parts/columns";
import { Moment, Num } from "../../parts/Num";
import { Panel } from "../../parts/Panel";
import { type Column, Rows } from "../../parts/Rows";
import { span } from "../../parts/span";

type Trade = Shapes["Trade"];
const SHOWN = 100;

const columns: Column<Trade>[] = [
  {
    name: "entry",
    title: "In",
    cell: (row) => <Moment ns={row.entry_time} withDate />,
    by: (row) => row.entry_time,
  },
  {
    name: "time",
    title: "For",
    cell: (row) => (row.exit_time ? span((row.exit_time - row.entry_time) / 1e9) : "still open"),
    by: (row) => (row.exit_time ? row.exit_time - row.entry_time : null),
    isNumber: true,
  },
  { name: "side", title: "Side", cell: (row) => row.side, by: (row) => row.side },
  {
    name: "quantity",
    title: "Quantity",
    cell: (row) => <Num value={row.quantity} places={6} />,
    isNumber: true,
  },
  {
    name: "in",
    title: "At",
    cell: (row) => <Num value={row.entry_price} places={4} />,
    isNumber: true,
  },
  {
    name: "out",
    title: "Out at",
    cell: (row) => <Num value={row.exit_price} places={4} />,
    isNumber: true,
  },
  {
    name: "fees",
    title: "Fees",
    cell: (row) => <Num value={row.fees} places={4} />,
    isNumber: true,
  },
  profit("pnl", "P&L", (row) => row.pnl),
];

export function Trades({ run }: { run: Shapes["BacktestResult"] }) {
  const [count, setCount] = useState(SHOWN);
  return (
    <Panel title={`Trades (${run.trades.length})`}>
      <Rows
        rows={run.trades.slice(0, count)}
        columns={columns}
        keyOf={(row) => `${row.entry_time} ${row.exit_time} ${row.instrument} ${row.quantity}`}
        empty="It traded nothing"
        label="trades"
      />
      {run.trades.length > count && (
        <Center p="sm">
          <Button size="xs" variant="default" onClick={() => setCount(count + SHOWN)}>
            More trades
          </Button>
        </Center>
      )}
    </Panel>
  );
}
