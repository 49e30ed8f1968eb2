/** Every backtest, newest first, and how far those are that run. */
import { Button, Checkbox, Group } from "@mantine/core";
import { IconPlus } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { api, type Shapes, told } from "../../api/client";
import { useMay } from "../../api/session";
import { plain } from "../../parts/Facts";
import { Moment } from "../../parts/Num";
import { Panel } from "../../parts/Panel";
import { type Column, Rows } from "../../parts/Rows";
import { Standing } from "../../parts/Standing";
import { Asked, Empty } from "../../parts/States";
import { UseBar } from "../../parts/UseBar";
import { useDeed } from "../../parts/useDeed";
import { shown } from "./figures";
import { StartRun } from "./StartRun";

type Run = Shapes["Backtest"];

const RUNNING_MS = 1_000;
const RESTING_MS = 15_000;

export function isUnderway(run: Pick<Run, "state">): boolean {
  return run.state === "queued" || run.state === "running";
}

function figure(name: string, title: string): Column<Run> {
  return {
    name,
    title,
    cell: (row) => <span className="number">{shown(name, row.figures[name])}</span>,
    by: (row) => (row.figures[name] == null ? null : Number(row.figures[name])),
    isNumber: true,
  };
}

const columns: Column<Run>[] = [
  {
    name: "strategy",
    title: "Strategy",
    cell: (row) => <b>{row.strategy}</b>,
    by: (r) => r.strategy,
  },
  {
    name: "symbol",
    title: "On",
    cell: (row) => (
      <>
        {row.symbol} <span className="faint">{row.timeframe}</span>
      </>
    ),
    by: (row) => row.symbol,
  },
  {
    name: "params",
    title: "Set to",
    cell: (row) => (
      <span className="faint">
        {Object.keys(row.params).length > 0 ? plain(row.params) : "defaults"}
      </span>
    ),
  },
  { name: "state", title: "State", cell: (row) => <State run={row} />, by: (row) => row.state },
  figure("total_return", "Return"),
  figure("sharpe", "Sharpe"),
  figure("max_drawdown", "Drawdown"),
  figure("trades", "Trades"),
  { name: "by", title: "By", cell: (row) => <span className="faint">{row.by}</span> },
  {
    name: "at",
    title: "Asked",
    cell: (row) => <Moment ns={row.created_ns} withDate />,
    by: (row) => row.created_ns,
  },
];

function State({ run }: { run: Run }) {
  if (run.state !== "running") return <Standing word={run.state} why={run.error || run.words} />;
  const words = run.words || `${Math.round(run.progress * 100)} %`;
  return <UseBar share={run.progress} label={`progress of ${run.id}`} words={words} isProgress />;
}

export function List({
  onRun,
  onCompare,
}: {
  onRun: (id: string) => void;
  onCompare: (ids: string[]) => void;
}) {
  const [starting, setStarting] = useState(false);
  const [picked, setPicked] = useState<ReadonlySet<string>>(new Set());
  const may = useMay("trader");
  const query = useQuery({
    queryKey: ["backtests"],
    queryFn: () => told(api.GET("/api/v1/backtests")),
    refetchInterval: (state) => (state.state.data?.some(isUnderway) ? RUNNING_MS : RESTING_MS),
  });
  const pick = (id: string, on: boolean) => {
    const next = new Set(picked);
    if (on) next.add(id);
    else next.delete(id);
    setPicked(next);
  };
  const pickable: Column<Run> = {
    name: "pick",
    title: "",
    cell: (row) => (
      <Checkbox
        size="xs"
        aria-label={`compare ${row.id}`}
        disabled={row.state !== "done"}
        checked={picked.has(row.id)}
        onClick={(event) => event.stopPropagation()}
        onChange={(event) => pick(row.id, event.currentTarget.checked)}
      />
    ),
    width: 30,
  };
  const deeds: Column<Run> = {
    name: "deeds",
    title: "",
    cell: (row) => <Deeds run={row} onRun={onRun} may={may} />,
  };
  const actions = (
    <Group gap="xs">
      <Button
        size="compact-sm"
        variant="light"
        disabled={picked.size < 2}
        onClick={() => onCompare([...picked])}
      >
        Compare{picked.size > 1 ? ` ${picked.size}` : ""}
      </Button>
      <Button
        size="compact-sm"
        leftSection={<IconPlus size={14} />}
        disabled={!may}
        onClick={() => setStarting(true)}
      >
        New backtest
      </Button>
    </Group>
  );
  return (
    <Panel title="Backtests" actions={actions}>
      <Asked query={query} lines={8}>
        {(runs) => (
          <Rows
            rows={runs}
            columns={[pickable, ...columns, deeds]}
            keyOf={(row) => row.id}
            onRow={(row) => onRun(row.id)}
            empty={
              <Empty title="No backtest has been run">
                Each runs in a process of its own, beside trading, on the series that are stored.
              </Empty>
            }
            label="backtests"
          />
        )}
      </Asked>
      <StartRun opened={starting} onClose={() => setStarting(false)} />
    </Panel>
  );
}

function Deeds({ run, onRun, may }: { run: Run; onRun: (id: string) => void; may: boolean }) {
  const cancel = useDeed(
    () => told(api.POST("/api/v1/backtests/{id}/cancel", { params: { path: { id: run.id } } })),
    { renews: ["backtests"] },
  );
  const stop = isUnderway(run) && may;
  return (
    <Button
      size="compact-xs"
      variant="subtle"
      loading={cancel.busy}
      aria-label={`${stop ? "cancel" : "open"} ${run.id}`}
      onClick={(event) => {
        event.stopPropagation();
        if (stop) void cancel.run();
        else onRun(run.id);
      }}
    >
      {stop ? "Cancel" : "Open"}
    </Button>
  );
}
