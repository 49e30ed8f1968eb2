/** One account: why it stands as it does, and what can be done about it. */
import { Alert, Button, Group, List, Text } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { api, told } from "../../api/client";
import { useMay } from "../../api/session";
import { count } from "../../parts/columns";
import { type Fact, Facts, plain } from "../../parts/Facts";
import { becauseOf } from "../../parts/killed";
import { grouped } from "../../parts/Num";
import { Panel } from "../../parts/Panel";
import { type Column, Rows } from "../../parts/Rows";
import { Standing } from "../../parts/Standing";
import { Asked } from "../../parts/States";
import { span } from "../../parts/span";
import { Tier } from "../../parts/Tier";
import { useDeed } from "../../parts/useDeed";
import type { Account } from "./Accounts";
import { Disconnect } from "./Disconnect";
import { Steps } from "./Steps";
import { NO_DESK } from "./sessions";
import { UsagePanel } from "./Usage";
import classes from "./Venues.module.css";

type StreamRow = Account["streams"][string] & { name: string };

const columns: Column<StreamRow>[] = [
  { name: "name", title: "Stream", cell: (row) => row.name },
  { name: "state", title: "Health", cell: (row) => <Standing word={row.state} why={row.words} /> },
  {
    name: "message",
    title: "Last message",
    cell: (row) => span(row.message_age_s),
    isNumber: true,
  },
  { name: "beat", title: "Heartbeat", cell: (row) => span(row.heartbeat_age_s), isNumber: true },
  { name: "skew", title: "Clock", cell: (row) => span(row.skew_s), isNumber: true },
  {
    name: "latency",
    title: "Latency",
    cell: (row) => (row.latency_ms == null ? "–" : `${grouped(row.latency_ms, 1, 1)} ms`),
    isNumber: true,
  },
  count("gaps", "Gaps", (row) => row.gaps),
  count("reconnects", "Reconnects", (row) => row.reconnects),
];

export function AccountDetail({ account }: { account: Account }) {
  const streams = Object.entries(account.streams).map(([name, stream]) => ({ ...stream, name }));
  return (
    <div className={classes.detail}>
      <Panel
        title={`${account.account}: session`}
        actions={<Deeds account={account} />}
        style={{ gridColumn: "1 / -1" }}
        padded
      >
        <Trouble account={account} />
        {Object.keys(account.steps).length > 0 ? (
          <Steps told={account.steps} />
        ) : (
          <Text size="sm" className="faint">
            {stepless(account)}
          </Text>
        )}
      </Panel>
      <Panel title="Streams">
        <Rows
          rows={streams}
          columns={columns}
          keyOf={(row) => row.name}
          empty="No stream is open"
          label={`streams of ${account.account}`}
        />
      </Panel>
      <Panel title="Account" padded>
        <Facts facts={factsOf(account)} />
      </Panel>
      <UsagePanel account={account} />
      <Oddities adapter={account.adapter} />
    </div>
  );
}

/** Return in words why a session has told no step. */
function stepless(account: Account): string {
  if (account.mode === "data") {
    return "It only brings market data: it signs in to no account and sends no order.";
  }
  return account.standing === NO_DESK
    ? "No desk runs, so it is not connected now; what stands here comes from the files."
    : "It has told no step of its session yet.";
}

function factsOf(account: Account): Fact[] {
  const facts: Fact[] = [
    ["venue", account.venue],
    ["adapter", account.adapter],
    ["how far tested", <Tier key="tier" tier={account.tier} />],
    ["key", plain(account.key)],
    ["audits", account.audits],
    ["orders not ours", account.foreign_orders],
  ];
  for (const [name, value] of Object.entries(account.broker ?? {})) {
    facts.push([name.replaceAll("_", " "), plain(value)]);
  }
  return facts;
}

function Trouble({ account }: { account: Account }) {
  const troubles = [
    account.killed && `Its kill switch is on${becauseOf(account.killed)}`,
    account.halted && `It is halted: ${account.halted}`,
    account.standing !== "ready" &&
      account.standing !== NO_DESK &&
      `It is ${account.standing}: ${account.reason || "no reason told"}`,
  ].filter(Boolean);
  if (troubles.length === 0) return null;
  return (
    <Alert color="red" mb="sm" role="alert">
      {troubles.map((words) => (
        <Text key={String(words)} size="sm">
          {words}
        </Text>
      ))}
    </Alert>
  );
}

function Deeds({ account }: { account: Account }) {
  const mayResume = useMay("risk");
  const mayLeave = useMay("admin");
  const [leaving, setLeaving] = useState(false);
  const resume = useDeed(
    () =>
      told(
        api.POST("/api/v1/venues/{account}/resume", {
          params: { path: { account: account.account } },
        }),
      ),
    { done: `${account.account} trades again`, renews: ["venues"] },
  );
  return (
    <Group gap="xs">
      {account.halted && (
        <Button
          size="compact-xs"
          disabled={!mayResume}
          loading={resume.busy}
          onClick={() => void resume.run()}
        >
          Lift the halt
        </Button>
      )}
      {mayLeave && (
        <Button
          size="compact-xs"
          variant="subtle"
          color="red"
          aria-label={`Disconnect ${account.account}`}
          onClick={() => setLeaving(true)}
        >
          Disconnect
        </Button>
      )}
      <Disconnect account={account} opened={leaving} onClose={() => setLeaving(false)} />
    </Group>
  );
}

function Oddities({ adapter }: { adapter: string }) {
  const query = useQuery({
    queryKey: ["adapters", adapter],
    queryFn: () =>
      told(api.GET("/api/v1/adapters/{name}", { params: { path: { name: adapter } } })),
    staleTime: Number.POSITIVE_INFINITY,
  });
  return (
    <Panel title="What is odd about this venue" padded>
      <Asked query={query}>
        {(known) =>
          known.oddities.length > 0 ? (
            <List size="sm" spacing={4}>
              {known.oddities.map((words) => (
                <List.Item key={words}>{words}</List.Item>
              ))}
            </List>
          ) : (
            <Text size="sm" className="faint">
              Nothing that is known.
            </Text>
          )
        }
      </Asked>
    </Panel>
  );
}
