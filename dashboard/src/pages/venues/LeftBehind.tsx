/** Accounts that are no longer connected, and what of ours stays at their venues. */
import { Anchor, Button, Text } from "@mantine/core";
import { Link } from "@tanstack/react-router";
import { useState } from "react";
import { api, type Shapes, told } from "../../api/client";
import { useMay } from "../../api/session";
import { Ask } from "../../parts/Ask";
import { type LeftBehind as Left, leftBehindOf, staying } from "../../parts/leftBehind";
import { Panel } from "../../parts/Panel";
import { type Column, Rows } from "../../parts/Rows";
import { useDeed } from "../../parts/useDeed";
import { useTopic } from "../../push/useTopic";

const columns: Column<Left>[] = [
  { name: "account", title: "Account", cell: (row) => <b>{row.account}</b>, by: (r) => r.account },
  {
    name: "stays",
    title: "As last heard of",
    cell: (row) => staying(row).map((each) => <div key={each}>{each}</div>),
  },
  { name: "deeds", title: "", cell: (row) => <BringBack left={row} /> },
];

/** Nothing where nothing was left. */
export function LeftBehind() {
  const rows = leftBehindOf(useTopic("status"));
  if (rows.length === 0) return null;
  return (
    <div style={{ marginTop: "0.4rem" }}>
      <Panel title="No longer connected: what stays there">
        <Rows
          rows={rows}
          columns={columns}
          keyOf={(row) => row.account}
          empty="Nothing stays anywhere"
          label="accounts no longer connected"
        />
        <Text size="xs" className="faint" p="xs">
          Nobody watches it now. Connect the account again under its name to see and steer it, or
          close it at the venue itself. What is in doubt is settled on{" "}
          <Anchor component={Link} to="/risk" inherit>
            Risk
          </Anchor>
          .
        </Text>
      </Panel>
    </div>
  );
}

function BringBack({ left }: { left: Left }) {
  const [asked, setAsked] = useState(false);
  const may = useMay("admin");
  const name = left.account;
  const deed = useDeed(() => told(api.POST("/api/v1/venues", { body: asItWas(name) })), {
    done: (got) => `${got.account} is ${got.standing}`,
    renews: ["venues"],
    quiet: true,
    after: () => setAsked(false),
  });
  return (
    <>
      <Button
        size="compact-xs"
        variant="light"
        disabled={!may}
        onClick={() => {
          deed.clear();
          setAsked(true);
        }}
      >
        Connect again
      </Button>
      <Ask
        opened={asked}
        title={`Connect ${name} again`}
        deed="Connect"
        busy={deed.busy}
        error={deed.error}
        onYes={() => void deed.run()}
        onClose={() => setAsked(false)}
      >
        <Text size="sm">
          It comes back as the settings have it. It had {staying(left).join(", ")}; the desk looks
          what became of that before it trades there.
        </Text>
        <Text size="sm" className="faint">
          One that the settings have no more is connected anew, with its key, under the same name.
        </Text>
      </Ask>
    </>
  );
}

/** Asks for no adapter: the account comes back with the settings it had. */
function asItWas(name: string): Shapes["Connection"] {
  return {
    name,
    adapter: "",
    venue: "",
    settings: {},
    symbols: [],
    foreign: "",
    use: "",
    market: "",
    confirm: "",
  };
}
