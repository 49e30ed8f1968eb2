/** One strategy: its curve, what it is set to, what it holds, what it said. */
import { Alert, Button, Grid, Group, Text } from "@mantine/core";
import { useState } from "react";
import { useMay } from "../../api/session";
import { Curve, type Point } from "../../parts/Curve";
import { Facts, plain } from "../../parts/Facts";
import { Moment, Num } from "../../parts/Num";
import { Panel } from "../../parts/Panel";
import { Empty } from "../../parts/States";
import { EditParams } from "./EditParams";
import type { Row } from "./rows";
import classes from "./Strategies.module.css";

const HEIGHT = 262;

export function StrategyDetail({ row }: { row: Row }) {
  const points: Point[] = row.equity.map((point) => [point[0] ?? 0, point[1] ?? null]);
  return (
    <>
      {row.failed && (
        <Alert color="red" mt="xs" title={`${row.name} has failed`} role="alert">
          {row.failed}
        </Alert>
      )}
      <Grid gap="xs" mt="xs">
        <Grid.Col span={{ base: 12, md: 8 }}>
          <Panel title={`${row.name}: profit and loss`} style={{ height: HEIGHT + 44 }}>
            {points.length > 1 ? (
              <Curve points={points} height={HEIGHT} label={`profit of ${row.name} over time`} />
            ) : (
              <Empty title="No curve yet">A point is kept every few seconds while it runs.</Empty>
            )}
          </Panel>
        </Grid.Col>
        <Grid.Col span={{ base: 12, md: 4 }}>
          <Parameters row={row} />
        </Grid.Col>
        <Grid.Col span={{ base: 12, md: 8 }}>
          <Log row={row} />
        </Grid.Col>
        <Grid.Col span={{ base: 12, md: 4 }}>
          <Held row={row} />
        </Grid.Col>
      </Grid>
    </>
  );
}

function Parameters({ row }: { row: Row }) {
  const [editing, setEditing] = useState(false);
  const may = useMay("trader");
  const edit = may && row.params_schema.length > 0 && (
    <Button size="compact-xs" variant="light" onClick={() => setEditing(true)}>
      Edit
    </Button>
  );
  return (
    <Panel title="Set to" actions={edit} style={{ height: HEIGHT + 44 }} padded>
      <Facts
        facts={[
          ["kind", row.kind],
          ["portfolio", row.portfolio],
          ...(row.by ? [["set up by", row.by] as const] : []),
          ...row.params_schema.map((parameter) => {
            const isOwn = parameter.name in row.params;
            const value = plain(isOwn ? row.params[parameter.name] : parameter.default);
            return [
              parameter.name,
              <span key={parameter.name} className={isOwn ? "" : "faint"} title={parameter.help}>
                {value}
                {!isOwn && value !== "–" && " (default)"}
              </span>,
            ] as const;
          }),
        ]}
      />
      <EditParams row={row} opened={editing} onClose={() => setEditing(false)} />
    </Panel>
  );
}

function Held({ row }: { row: Row }) {
  return (
    <Panel title="Holds" style={{ height: 230 }} padded>
      {row.positions.length === 0 ? (
        <Empty title="It holds nothing">{row.orders} orders are open.</Empty>
      ) : (
        row.positions.map((held) => (
          <Group
            key={`${String(held.account)} ${String(held.instrument)}`}
            justify="space-between"
            wrap="nowrap"
          >
            <Text size="sm">
              {String(held.instrument)} <span className="faint">{String(held.account)}</span>
            </Text>
            <Num value={held.quantity as string} />
          </Group>
        ))
      )}
    </Panel>
  );
}

const grave = new Set(["error", "critical", "warning"]);

function Log({ row }: { row: Row }) {
  return (
    <Panel title="What it said" style={{ height: 230 }}>
      {row.log.length === 0 ? (
        <Empty title="It has said nothing" />
      ) : (
        <ol className={classes.log}>
          {row.log.map((line) => (
            <li key={`${line.at} ${line.words}`}>
              <Moment ns={line.at} />
              <span className={grave.has(line.level) ? "warn" : "faint"}>{line.level}</span>
              <span>{line.words}</span>
            </li>
          ))}
        </ol>
      )}
    </Panel>
  );
}
