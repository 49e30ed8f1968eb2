/** What trades by itself, what it has made, and how to steer it. */
import { Button } from "@mantine/core";
import { IconPlus } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { useMemo, useState } from "react";
import { api, told } from "../../api/client";
import { useMay } from "../../api/session";
import { useAddress } from "../../parts/address";
import { count, profit } from "../../parts/columns";
import { clock, lateStart } from "../../parts/day";
import { Percent, Signed } from "../../parts/Num";
import { Panel } from "../../parts/Panel";
import { type Column, Rows } from "../../parts/Rows";
import { Spark } from "../../parts/Spark";
import { Standing } from "../../parts/Standing";
import { Empty, Failed, Waiting } from "../../parts/States";
import { useKilled } from "../../parts/useKilled";
import { useTopic } from "../../push/useTopic";
import { joined, type Row, valuesOf } from "./rows";
import { Start } from "./Start";
import { Steering } from "./Steering";
import { StrategyDetail } from "./StrategyDetail";

const columns: Column<Row>[] = [
  {
    name: "name",
    title: "Strategy",
    cell: (row) => (
      <>
        <b>{row.name}</b> <span className="faint">{row.kind === row.name ? "" : row.kind}</span>
      </>
    ),
    by: (row) => row.name,
  },
  {
    name: "state",
    title: "State",
    cell: (row) => <State row={row} />,
    by: (row) => row.state,
  },
  { name: "symbols", title: "Symbols", cell: (row) => several(row.symbols, "all listed") },
  { name: "accounts", title: "Accounts", cell: (row) => several(row.accounts, "the router's") },
  profit("pnl", "P&L", (row) => row.pnl),
  {
    ...profit<Row>("day", "Today", (row) => row.day_pnl),
    cell: (row) => <Today row={row} />,
  },
  count("trades", "Trades", (row) => row.trades),
  {
    name: "wins",
    title: <span title="Of what it has closed; the profit counts what it holds, too">Won</span>,
    cell: (row) => <Percent value={row.win_rate} places={0} />,
    by: (row) => row.win_rate,
    isNumber: true,
  },
  {
    name: "curve",
    title: "Performance",
    cell: (row) => <Spark values={valuesOf(row.equity)} label={`profit of ${row.name}`} />,
  },
  { name: "deeds", title: "", cell: (row) => <Steering row={row} /> },
];

/** How it stands; and that none of its orders go out, where the desk's kill switch is on. */
function State({ row }: { row: Row }) {
  const killed = useKilled();
  return (
    <>
      <Standing word={row.state} why={row.failed} />
      {killed && row.state === "running" && (
        <span className="down" title={killed}>
          {" "}
          ! killed
        </span>
      )}
    </>
  );
}

/** What it made today; and since when, where it was not there as the day began. */
function Today({ row }: { row: Row }) {
  const late = row.day_pnl == null ? null : lateStart(row.day_since_ns, Date.now());
  return (
    <>
      <Signed value={row.day_pnl} />
      {late !== null && (
        <div
          className="faint small"
          title="Its first sample of this UTC day: before, it did not run"
        >
          since {clock(late)}
        </div>
      )}
    </>
  );
}

function several(names: readonly string[], none: string) {
  if (names.length === 0) return <span className="faint">{none}</span>;
  const shown = names.slice(0, 2).join(", ");
  return (
    <span title={names.join(", ")}>
      {names.length > 2 ? `${shown} +${names.length - 2}` : shown}
    </span>
  );
}

export default function Strategies() {
  const [said, say] = useAddress();
  const [starting, setStarting] = useState(false);
  const mayStart = useMay("trader");
  const pushed = useTopic("strategies") as Row[] | undefined;
  const asked = useQuery({
    queryKey: ["strategies"],
    queryFn: () => told(api.GET("/api/v1/strategies")),
    refetchInterval: 10_000,
  });
  const rows = useMemo(() => joined(pushed, asked.data, Date.now()), [pushed, asked.data]);
  const chosen = rows.find((row) => row.name === said.strategy) ?? rows[0];
  const start = (
    <Button
      size="compact-sm"
      leftSection={<IconPlus size={14} />}
      disabled={!mayStart}
      onClick={() => setStarting(true)}
    >
      Start a strategy
    </Button>
  );
  return (
    <>
      <Panel title="Strategies" actions={start}>
        {asked.isError && !pushed ? (
          <Failed error={asked.error} retry={() => void asked.refetch()} />
        ) : asked.isPending && !pushed ? (
          <Waiting lines={6} />
        ) : (
          <Rows
            rows={rows}
            columns={columns}
            keyOf={(row) => row.name}
            onRow={(row) => say({ strategy: row.name })}
            chosen={chosen?.name ?? null}
            empty={
              <Empty title="No strategy is set up">
                Start one of the kinds that are known here, or name one in the settings file.
              </Empty>
            }
            label="strategies"
          />
        )}
      </Panel>
      {chosen && <StrategyDetail key={chosen.name} row={chosen} />}
      <Start
        opened={starting}
        onClose={(name) => {
          setStarting(false);
          if (name) say({ strategy: name });
        }}
      />
    </>
  );
}
