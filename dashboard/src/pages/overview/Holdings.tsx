import { api, type Shapes } from "../../api/client";
import { Awaited } from "../../parts/Awaited";
import { amount, fee, owner, profit, side, text, when } from "../../parts/columns";
import { AsOf, useFromFiles } from "../../parts/FromFiles";
import { grouped } from "../../parts/Num";
import { Panel } from "../../parts/Panel";
import { type Column, Rows } from "../../parts/Rows";
import { useTopic } from "../../push/useTopic";

type Position = Shapes["Position"];
type Fill = Shapes["Fill"];

/** A result: a balance of what is no position has none. */
function ofPosition(
  column: string,
  title: string,
  of: (row: Position) => string | null,
): Column<Position> {
  const result = profit<Position>(column, title, of);
  return {
    ...result,
    cell: (row) => row.instrument && <span title={row.unvalued}>{result.cell(row)}</span>,
  };
}

const positionColumns: Column<Position>[] = [
  text("what", "Holding", (row) => row.instrument ?? row.asset),
  text("account", "Account", (row) => row.account),
  owner(),
  amount("quantity", "Quantity", (row) => row.quantity ?? row.total),
  amount(
    "entry",
    "Entry",
    (row) => row.entry_price,
    (price) => grouped(price, 4),
  ),
  amount(
    "mark",
    "Mark",
    (row) => row.mark,
    (price) => grouped(price, 4),
  ),
  ofPosition("unrealized", "Unrealised", (row) => row.unrealized_pnl),
  ofPosition("pnl", "Realised", (row) => row.realized_pnl),
];

export function Positions() {
  const pushed = useTopic("positions");
  const filed = useFromFiles("positions", () => api.GET("/api/v1/positions"));
  const positions = pushed ?? filed?.rows;
  return (
    <Panel
      title="Positions and balances"
      actions={!pushed && <AsOf filed={filed} />}
      style={{ height: 300 }}
    >
      {positions ? (
        <Rows
          rows={positions}
          columns={positionColumns}
          keyOf={(row) =>
            [row.account, row.instrument ?? row.asset, row.portfolio, row.strategy].join(" ")
          }
          empty="Nothing is held"
          label="positions"
        />
      ) : (
        <Awaited />
      )}
    </Panel>
  );
}

const fillColumns: Column<Fill>[] = [
  when((row) => row.venue_time_ns ?? row.at),
  text("instrument", "Instrument", (row) => row.instrument),
  side((row) => row.side),
  amount("quantity", "Quantity", (row) => row.quantity),
  amount(
    "price",
    "Price",
    (row) => row.price,
    (price) => grouped(price, 6),
  ),
  fee(
    (row) => row.fee,
    (row) => [row.fee_asset, row.more_fees].filter(Boolean).join(" + "),
  ),
  owner(),
];

export function LastFills() {
  const pushed = useTopic("fills");
  const filed = useFromFiles("fills", () => api.GET("/api/v1/fills"));
  const fills = pushed ?? filed?.rows;
  return (
    <Panel title="Last fills" actions={!pushed && <AsOf filed={filed} />} style={{ height: 300 }}>
      {fills ? (
        <Rows
          rows={fills.slice(0, 50)}
          columns={fillColumns}
          keyOf={(row) => `${row.account} ${row.execution_id}`}
          empty="Nothing has been filled yet"
          label="fills"
        />
      ) : (
        <Awaited />
      )}
    </Panel>
  );
}
