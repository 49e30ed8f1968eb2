import type { Shapes } from "../../api/client";
import { count } from "../../parts/columns";
import { grouped } from "../../parts/Num";
import { Panel } from "../../parts/Panel";
import { type Column, Rows } from "../../parts/Rows";
import { Standing } from "../../parts/Standing";
import { useTopic } from "../../push/useTopic";

type Row = Shapes["Stream"] & { account: string; venue: string; name: string; standing: string };

const columns: Column<Row>[] = [
  { name: "account", title: "Account", cell: (row) => row.account, by: (row) => row.account },
  { name: "standing", title: "Session", cell: (row) => <Standing word={row.standing} /> },
  { name: "name", title: "Stream", cell: (row) => row.name },
  { name: "state", title: "Health", cell: (row) => <Standing word={row.state} why={row.words} /> },
  {
    name: "age",
    title: "Last message",
    cell: (row) => (row.message_age_s == null ? "–" : `${grouped(row.message_age_s, 1, 1)} s ago`),
    isNumber: true,
  },
  {
    name: "latency",
    title: "Latency",
    cell: (row) => (row.latency_ms == null ? "–" : `${grouped(row.latency_ms, 1, 1)} ms`),
    isNumber: true,
  },
  count("gaps", "Gaps", (row) => row.gaps),
  count("reconnects", "Reconnects", (row) => row.reconnects),
];

export function Streams() {
  const status = useTopic("status");
  const accounts = [
    ...((status?.accounts as Shapes["Account"][] | undefined) ?? []),
    ...((status?.data_accounts as Shapes["Account"][] | undefined) ?? []),
  ];
  const rows = accounts.flatMap((account) =>
    Object.entries(account.streams).map(([name, stream]) => ({
      ...stream,
      account: account.account,
      venue: account.venue,
      standing: account.standing,
      name,
    })),
  );
  return (
    <div style={{ marginTop: "0.4rem" }}>
      <Panel title="Streams">
        <Rows
          rows={rows}
          columns={columns}
          keyOf={(row) => `${row.account} ${row.name}`}
          empty="No stream is open"
          label="streams"
        />
      </Panel>
    </div>
  );
}
