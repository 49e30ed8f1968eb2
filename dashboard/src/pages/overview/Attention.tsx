/** What a person should look at, the gravest first. */
import { Anchor, Stack, Text } from "@mantine/core";
import { Link } from "@tanstack/react-router";
import type { ReactNode } from "react";
import { Awaited, useDeskAway } from "../../parts/Awaited";
import { leftBehindOf, staying } from "../../parts/leftBehind";
import { moment } from "../../parts/Num";
import { Panel } from "../../parts/Panel";
import { Empty } from "../../parts/States";
import { useKilled } from "../../parts/useKilled";
import { useTopic } from "../../push/useTopic";

type Matter = { key: string; grave: boolean; words: ReactNode; to: string };
type AccountRow = {
  account: string;
  standing: string;
  reason: string;
  halted: string;
  streams: Record<string, { state: string; words: string }>;
};
const SHOWN = 12;

export function Attention() {
  const status = useTopic("status");
  const doubts = useTopic("doubts");
  const alerts = useTopic("alerts");
  const away = useDeskAway();
  const killed = useKilled();
  if (!status) {
    return (
      <Panel title="Needs attention" style={{ height: 312 }}>
        <Awaited />
      </Panel>
    );
  }
  const matters: Matter[] = [];
  if (away !== null) {
    const words = `The desk does not answer; what you see is what it said last. ${away}`;
    matters.push({ key: "away", grave: true, words, to: "/audit" });
  }
  if (killed) matters.push({ key: "killed", grave: true, words: killed, to: "/risk" });
  for (const doubt of doubts ?? []) {
    matters.push({
      key: doubt.attempt_id,
      grave: doubt.needs_person,
      words: `${doubt.kind} of ${doubt.quantity} ${doubt.instrument} on ${doubt.account} is in doubt${
        doubt.needs_person ? " and needs a person" : ""
      }`,
      to: "/audit",
    });
  }
  for (const row of (status.accounts as AccountRow[] | undefined) ?? []) {
    const bad = Object.entries(row.streams).filter(([, stream]) => stream.state !== "ok");
    if (row.halted || row.standing !== "ready") {
      const why = row.halted || row.reason;
      matters.push({
        key: `account ${row.account}`,
        grave: true,
        words: `${row.account} is ${row.halted ? "halted" : row.standing}${why ? `: ${why}` : ""}`,
        to: "/venues",
      });
    }
    for (const [name, stream] of bad) {
      matters.push({
        key: `${row.account} ${name}`,
        grave: false,
        words: `${row.account}: ${name} stream ${stream.words || stream.state}`,
        to: "/venues",
      });
    }
  }
  for (const left of leftBehindOf(status)) {
    matters.push({
      key: `left ${left.account}`,
      grave: true,
      words: `${left.account} is no longer connected, and nobody watches what stays there: ${staying(left).join(", ")}`,
      to: "/venues",
    });
  }
  for (const alert of (alerts ?? []).slice(0, SHOWN)) {
    matters.push({
      key: `${alert.at}${alert.code}`,
      grave: false,
      words: (
        <>
          <span className="faint">{moment(alert.at)}</span> {alert.words}
        </>
      ),
      to: "/audit",
    });
  }
  return (
    <Panel title="Needs attention" style={{ height: 312 }}>
      {matters.length === 0 ? (
        <Empty title="Nothing needs you">
          Every order's fate is known, every account and stream is well.
        </Empty>
      ) : (
        <Stack gap={0} p="xs">
          {matters.slice(0, SHOWN).map((matter) => (
            <Anchor
              key={matter.key}
              component={Link}
              to={matter.to}
              underline="hover"
              c="inherit"
              py={4}
            >
              <Text size="sm" style={{ overflowWrap: "anywhere" }}>
                <span className={matter.grave ? "down" : "warn"}>{matter.grave ? "! " : "· "}</span>
                {matter.words}
              </Text>
            </Anchor>
          ))}
        </Stack>
      )}
    </Panel>
  );
}
