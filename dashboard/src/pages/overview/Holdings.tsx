import { api, type Shapes } from "../../api/client";
import { Awaited } from "../../parts/Awaited";
import { AsOf, useFromFiles } from "../../parts/FromFiles";
import { Moment, Num, Signed } from "../../parts/Num";
import { Panel } from "../../parts/Panel";
import { type Column, Rows } from "../../parts/Rows";
import { useTopic } from "../../push/useTopic";
import { unrealizedOf } from "./unrealized";

type Position = Shapes["Position"];
type Fill = Shapes["Fill"];

const positionColumns: Column<Position>[] = [
  {
    name: "what",
    title: "Holding",
    cell: (row) => row.instrument ?? row.asset,
    by: (row) => row.instrument ?? row.asset,
  },
  { name: "account", title: "Account", cell: (row) => row.account, by: (row) => row.account },
  {
    name: "owner",
    title: "Owner",
    cell: (row) => <span className="faint">{row.strategy ?? row.portfolio ?? ""}</span>,
    by: (row) => row.strategy ?? row.portfolio,
  },
  {
    name: "quantity",
    title: "Quantity",
    cell: (row) => <Num value={row.quantity ?? row.total} />,
    by: (row) => Number(row.quantity ?? row.total),
    isNumber: true,
  },
  {
    name: "entry",
    title: "Entry",
    cell: (row) => <Num value={row.entry_price} places={4} />,
    isNumber: true,
  },
  {
    name: "mark",
    title: "Mark",
    cell: (row) => <Num value={row.mark} places={4} />,
    isNumber: true,
  },
  {
    name: "unrealized",
    title: "Unrealised",
    cell: (row) => (row.instrument ? <Signed value={unrealizedOf(row)} /> : null),
    by: (row) => Number(unrealizedOf(row) ?? 0),
    isNumber: true,
  },
  {
    name: "pnl",
    title: "Realised",
    cell: (row) => (row.instrument ? <Signed value={row.realized_pnl} /> : null),
    by: (row) => Number(row.realized_pnl ?? 0),
    isNumber: true,
  },
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
  { name: "at", title: "Time", cell: (row) => <Moment ns={row.venue_time_ns ?? row.at} /> },
  { name: "instrument", title: "Instrument", cell: (row) => row.instrument },
  {
    name: "side",
    title: "Side",
    cell: (row) => (
      <span className={row.side.toUpperCase() === "BUY" ? "up" : "down"}>{row.side}</span>
    ),
  },
  {
    name: "quantity",
    title: "Quantity",
    cell: (row) => <Num value={row.quantity} />,
    isNumber: true,
  },
  {
    name: "price",
    title: "Price",
    cell: (row) => <Num value={row.price} places={6} />,
    isNumber: true,
  },
  {
    name: "fee",
    title: "Fee",
    cell: (row) => (
      <>
        <Num value={row.fee} places={6} /> <span className="faint">{row.fee_asset}</span>
      </>
    ),
    isNumber: true,
  },
  {
    name: "owner",
    title: "Owner",
    cell: (row) => <span className="faint">{row.strategy ?? row.portfolio}</span>,
  },
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
