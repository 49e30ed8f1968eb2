import { memo } from "react";
import { grouped, Moment, Signed } from "../../parts/Num";
import { type Column, Rows } from "../../parts/Rows";
import { Subject } from "./Subject";
import { type Said, written } from "./said";

type Row = Said<"market-data">;

/** Prices of one symbol are written with as many decimals as the finest of them. */
function price(row: Row, name: "bid" | "ask" | "last"): string {
  const { bid, ask, last } = row.value;
  return written(row.value[name], [bid, ask, last]);
}

const columns: Column<Row>[] = [
  { name: "symbol", title: "Symbol", cell: (row) => <b>{row.key}</b>, by: (row) => row.key },
  ...(["bid", "ask", "last"] as const).map(
    (name): Column<Row> => ({
      name,
      title: { bid: "Bid", ask: "Ask", last: "Last" }[name],
      cell: (row) => price(row, name),
      by: (row) => Number(row.value[name] ?? 0),
      isNumber: true,
    }),
  ),
  {
    name: "change",
    title: "Change, %",
    cell: (row) => <Signed value={row.value.change_pct} />,
    by: (row) => row.value.change_pct,
    isNumber: true,
  },
  {
    name: "volume",
    title: "Volume",
    cell: (row) => grouped(row.value.volume, 2),
    by: (row) => Number(row.value.volume ?? 0),
    isNumber: true,
  },
  {
    name: "at",
    title: "At",
    cell: (row) => <Moment ns={row.at_ns} />,
    by: (row) => row.at_ns,
    isNumber: true,
  },
];

export const MarketData = memo(function MarketData({ rows }: { rows: readonly Row[] }) {
  return (
    <Subject title="Market data" rows={rows}>
      <Rows
        rows={rows}
        columns={columns}
        keyOf={(row) => row.key}
        empty="No price"
        label="market data of the platform"
      />
    </Subject>
  );
});
