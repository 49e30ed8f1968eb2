/** Every setting that holds, secrets masked, and where each came from. */
import { Switch, TextInput } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { api, type Shapes, told } from "../../api/client";
import { Panel } from "../../parts/Panel";
import { type Column, Rows } from "../../parts/Rows";
import { Asked } from "../../parts/States";

type Setting = Shapes["Setting"];
const DEFAULT = "default";

const columns: Column<Setting>[] = [
  { name: "key", title: "Setting", cell: (row) => <b>{row.key}</b>, by: (row) => row.key },
  {
    name: "value",
    title: "Value",
    cell: (row) => (
      <span style={{ display: "block", minWidth: "12rem", overflowWrap: "anywhere" }}>
        {row.value || <span className="faint">empty</span>}
      </span>
    ),
    by: (row) => row.value,
  },
  {
    name: "origin",
    title: "From",
    cell: (row) => <span className="faint">{row.origin}</span>,
    by: (row) => row.origin,
  },
];

export function Origins() {
  const [text, setText] = useState("");
  const [all, setAll] = useState(false);
  const query = useQuery({
    queryKey: ["settings"],
    queryFn: () => told(api.GET("/api/v1/settings")),
  });
  const actions = (
    <div style={{ alignItems: "center", display: "flex", gap: 12 }}>
      <Switch
        size="xs"
        label="defaults too"
        checked={all}
        onChange={(event) => setAll(event.currentTarget.checked)}
      />
      <TextInput
        size="xs"
        aria-label="Find a setting"
        placeholder="Find"
        value={text}
        onChange={(event) => setText(event.currentTarget.value)}
      />
    </div>
  );
  return (
    <Panel title="Settings of this installation" actions={actions}>
      <Asked query={query} lines={10}>
        {(settings) => (
          <Rows
            rows={settings.filter(
              (row) =>
                (all || row.origin !== DEFAULT) &&
                `${row.key} ${row.value}`.toLowerCase().includes(text.toLowerCase()),
            )}
            columns={columns}
            keyOf={(row) => row.key}
            empty="No setting is like that"
            label="settings"
          />
        )}
      </Asked>
    </Panel>
  );
}
