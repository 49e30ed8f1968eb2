/** Every venue that is known, open or gone. */

import { NativeSelect, Text, TextInput } from "@mantine/core";
import { IconSearch } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { useDeferredValue, useMemo, useState } from "react";
import { api, told } from "../../api/client";
import bars from "../../parts/bars.module.css";
import { Panel } from "../../parts/Panel";
import { type Column, Rows } from "../../parts/Rows";
import { Standing } from "../../parts/Standing";
import { Asked, Empty } from "../../parts/States";
import { Tier } from "../../parts/Tier";
import { rankOf } from "../../parts/words";
import { anything, type Entry, values, wantedOf } from "./catalogue";

const columns: Column<Entry>[] = [
  { name: "name", title: "Venue", cell: (row) => <b>{row.name}</b>, by: (row) => row.name },
  { name: "kind", title: "Kind", cell: (row) => words(row.kind), by: (row) => row.kind },
  {
    name: "status",
    title: "Status",
    cell: (row) => (
      <span className="number">
        <Standing word={row.status} />
        {row.successor && <span className="faint"> {row.successor}</span>}
        {!row.successor && row.since && <span className="faint"> since {row.since}</span>}
      </span>
    ),
    by: (row) => row.status,
  },
  {
    name: "assets",
    title: "Trades",
    cell: (row) => <span className="faint">{row.asset_classes.join(", ")}</span>,
  },
  {
    name: "tier",
    title: "How far tested",
    cell: (row) => (row.tier ? <Tier tier={row.tier} /> : "–"),
    by: (row) => row.tier && rankOf(row.tier),
  },
  { name: "fees", title: "Fees", cell: (row) => <span className="faint">{row.fees}</span> },
  {
    name: "adapters",
    title: "Adapters",
    cell: (row) => row.adapters.join(", ") || <span className="faint">none</span>,
    by: (row) => row.adapters.length,
  },
];

export function words(kind: string): string {
  return kind.replaceAll("_", " ");
}

export function Catalogue({ onVenue }: { onVenue: (id: string) => void }) {
  const query = useQuery({
    queryKey: ["catalogue"],
    queryFn: () => told(api.GET("/api/v1/catalogue")),
    staleTime: Number.POSITIVE_INFINITY,
  });
  return (
    <Asked query={query} lines={12}>
      {(entries) => <Found entries={entries} onVenue={onVenue} />}
    </Asked>
  );
}

function Found({ entries, onVenue }: { entries: readonly Entry[]; onVenue: (id: string) => void }) {
  const [wanted, setWanted] = useState(anything);
  const later = useDeferredValue(wanted);
  const found = useMemo(() => wantedOf(entries, later), [entries, later]);
  const choice = (name: "status" | "kind" | "asset", label: string, data: string[]) => (
    <NativeSelect
      aria-label={label}
      value={wanted[name]}
      onChange={(event) => setWanted({ ...wanted, [name]: event.currentTarget.value })}
      data={[
        { value: "", label: `any ${label}` },
        ...data.map((value) => ({ value, label: words(value) })),
      ]}
    />
  );
  return (
    <Panel title="Known venues" style={{ flex: 1 }}>
      <search className={bars.filters}>
        <TextInput
          aria-label="Search venues"
          placeholder="Name, alias, adapter or reason"
          leftSection={<IconSearch size={14} />}
          value={wanted.text}
          onChange={(event) => setWanted({ ...wanted, text: event.currentTarget.value })}
          style={{ flex: "1 1 14rem" }}
        />
        {choice("status", "status", ["connectable", ...values(entries, (entry) => [entry.status])])}
        {choice(
          "kind",
          "kind",
          values(entries, (entry) => [entry.kind]),
        )}
        {choice(
          "asset",
          "asset class",
          values(entries, (entry) => entry.asset_classes),
        )}
        <Text size="xs" className="faint" role="status">
          {found.length} of {entries.length}
        </Text>
      </search>
      <Rows
        rows={found}
        columns={columns}
        keyOf={(row) => row.id}
        onRow={(row) => onVenue(row.id)}
        empty={<Empty title="No venue is like that">Fewer words find more.</Empty>}
        label="venues"
      />
    </Panel>
  );
}
