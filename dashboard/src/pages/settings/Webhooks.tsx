/** Ways in for a charting service's alerts: what each may do, and how one is ended. */
import { Button, Code, CopyButton, Stack, Text } from "@mantine/core";
import { IconPlus } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { api, base, told } from "../../api/client";
import { grouped, Moment } from "../../parts/Num";
import { Panel } from "../../parts/Panel";
import { type Column, Rows } from "../../parts/Rows";
import { Asked, Empty } from "../../parts/States";
import { span } from "../../parts/span";
import { End } from "./End";
import { NewWebhook } from "./NewWebhook";
import { Once } from "./Once";
import { isHere, MESSAGE, type Webhook } from "./webhooks";

const AGAIN_MS = 10_000;

const columns: Column<Webhook>[] = [
  { name: "name", title: "Webhook", cell: (row) => <b>{row.name}</b>, by: (row) => row.name },
  { name: "user", title: "Trades as", cell: (row) => row.user, by: (row) => row.user },
  {
    name: "strategy",
    title: "For",
    cell: (row) => (
      <>
        {row.strategy} <span className="faint">{row.portfolio}</span>
      </>
    ),
    by: (row) => row.strategy,
  },
  {
    name: "account",
    title: "Account",
    cell: (row) => row.account || <span className="faint">the router's</span>,
    by: (row) => row.account,
  },
  {
    name: "symbols",
    title: "Symbols",
    cell: (row) => row.symbols.join(", ") || <span className="faint">any</span>,
  },
  {
    name: "most",
    title: "At most",
    cell: (row) =>
      row.most_quantity ? grouped(row.most_quantity) : <span className="faint">no bound</span>,
    by: (row) => Number(row.most_quantity ?? 0),
    isNumber: true,
  },
  {
    name: "horizon",
    title: "Horizon",
    cell: (row) => span(row.horizon_s),
    by: (row) => row.horizon_s,
    isNumber: true,
  },
  {
    name: "used",
    title: "Last used",
    cell: (row) => (row.last_used_ns ? <Moment ns={row.last_used_ns} withDate /> : "never"),
    by: (row) => row.last_used_ns,
  },
  { name: "deed", title: "", cell: (row) => <Remove of={row} /> },
];

export function Webhooks() {
  const [making, setMaking] = useState(false);
  const [path, setPath] = useState("");
  const query = useQuery({
    queryKey: ["webhooks"],
    queryFn: () => told(api.GET("/api/v1/signals/webhooks")),
    refetchInterval: AGAIN_MS,
  });
  return (
    <Stack gap="xs">
      <Panel
        title="Webhooks"
        actions={
          <Button
            size="compact-sm"
            leftSection={<IconPlus size={14} />}
            onClick={() => setMaking(true)}
          >
            Make a webhook
          </Button>
        }
      >
        <Asked query={query}>
          {(webhooks) => (
            <Rows
              rows={webhooks}
              columns={columns}
              keyOf={(row) => row.id}
              empty={
                <Empty title="There is no webhook">
                  A charting service that sends alerts to one trades with them, within its bounds
                  and the desk's own.
                </Empty>
              }
              label="webhooks"
            />
          )}
        </Asked>
      </Panel>
      <Panel title="What an alert says" padded>
        <Message />
      </Panel>
      <NewWebhook opened={making} onClose={() => setMaking(false)} onMade={setPath} />
      <Once
        title="Where alerts go"
        secret={path && `${window.location.origin}${base}${path}`}
        deed="Copy the address"
        words="Whoever knows this address can trade with it. It is shown this once."
        onClose={() => setPath("")}
      >
        {isHere(window.location.hostname) && (
          <Text size="xs" className="warn">
            ! This address is this machine's own: a charting service reaches the dashboard only by
            one that is open to it, over https.
          </Text>
        )}
        <Message />
      </Once>
    </Stack>
  );
}

function Message() {
  return (
    <Stack gap={6}>
      <Text size="sm">
        In TradingView, choose <i>Webhook URL</i> for the alert, and as its message:
      </Text>
      <Code block style={{ overflowWrap: "anywhere", whiteSpace: "pre-wrap" }}>
        {MESSAGE}
      </Code>
      <div>
        <CopyButton value={MESSAGE}>
          {({ copied, copy }) => (
            <Button size="compact-xs" variant="light" onClick={copy}>
              {copied ? "✓ Copied" : "Copy the message"}
            </Button>
          )}
        </CopyButton>
      </div>
      <Text size="xs" className="faint">
        Without a quantity the signal is sized like a strategy's own. The same id again, within a
        day, does nothing, and is refused where it asks for something else. Every alert passes the
        desk's risk checks.
      </Text>
    </Stack>
  );
}

function Remove({ of: webhook }: { of: Webhook }) {
  return (
    <End
      name={webhook.name}
      words="Alerts that still come are refused at once. Orders and positions it made stay."
      renews="webhooks"
      end={() =>
        told(
          api.DELETE("/api/v1/signals/webhooks/{webhook_id}", {
            params: { path: { webhook_id: webhook.id } },
          }),
        )
      }
    />
  );
}
