/** One backtest: what it made, how it got there, and every trade. */
import { Alert, List as Bullets, Button, Group, SegmentedControl, SimpleGrid } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useMemo, useState } from "react";
import { api, type Shapes, told } from "../../api/client";
import { useMay } from "../../api/session";
import { Ask } from "../../parts/Ask";
import { Curve, type Point } from "../../parts/Curve";
import { Facts, plain } from "../../parts/Facts";
import { Figure } from "../../parts/Figure";
import { moment } from "../../parts/Num";
import { Panel } from "../../parts/Panel";
import { Standing } from "../../parts/Standing";
import { Asked, Empty } from "../../parts/States";
import { UseBar } from "../../parts/UseBar";
import { useDeed } from "../../parts/useDeed";
import classes from "./Backtests.module.css";
import { Calendar } from "./Calendar";
import { foremost, labelOf, ordered, shown } from "./figures";
import { isUnderway } from "./List";
import { Trades } from "./Trades";
import { Way } from "./Way";

type Told = Shapes["BacktestResult"];
const HEIGHT = 250;

export function Result({ id, onBack }: { id: string; onBack: () => void }) {
  const query = useQuery({
    queryKey: ["backtests", id],
    queryFn: () => told(api.GET("/api/v1/backtests/{id}", { params: { path: { id } } })),
    refetchInterval: (state) => (state.state.data && isUnderway(state.state.data) ? 1_000 : false),
  });
  return (
    <>
      <Way onBack={onBack}>{query.data && <Forget run={query.data} onGone={onBack} />}</Way>
      <Asked query={query} lines={10}>
        {(run) => (
          <div className={classes.stack}>
            <Head run={run} />
            {run.state === "done" && <Done run={run} />}
          </div>
        )}
      </Asked>
    </>
  );
}

function Head({ run }: { run: Told }) {
  return (
    <Panel
      title={`${run.strategy} on ${run.symbol} ${run.timeframe}`}
      actions={<Standing word={run.state} why={run.words} />}
      padded
    >
      {isUnderway(run) && (
        <UseBar
          share={run.progress}
          label="progress"
          words={run.words || `${Math.round(run.progress * 100)} %`}
          isProgress
        />
      )}
      {run.error && (
        <Alert color="red" title="It failed" mb="sm">
          {run.error}
        </Alert>
      )}
      <Facts
        facts={[
          ["set to", Object.keys(run.params).length > 0 ? plain(run.params) : "its defaults"],
          [
            "over",
            run.start_ns || run.end_ns
              ? `${moment(run.start_ns, true)} to ${moment(run.end_ns, true)}`
              : "all there is",
          ],
          ["capital", run.capital],
          ["asked by", `${run.by || "–"}, ${moment(run.created_ns, true)}`],
        ]}
      />
      {run.notes.length > 0 && (
        <Bullets size="sm" mt="xs" className="faint">
          {run.notes.map((words) => (
            <Bullets.Item key={words}>{words}</Bullets.Item>
          ))}
        </Bullets>
      )}
    </Panel>
  );
}

function Done({ run }: { run: Told }) {
  const [what, setWhat] = useState("equity");
  const points = useMemo<Point[]>(
    () =>
      what === "equity"
        ? run.equity.map((point) => [point[0] ?? 0, point[1] ?? null])
        : run.drawdown.map((point) => [point[0] ?? 0, (point[1] ?? 0) * 100]),
    [run, what],
  );
  const rest = ordered(Object.keys(run.figures)).filter((name) => !foremost.includes(name));
  return (
    <>
      <SimpleGrid cols={{ base: 2, sm: 3, lg: 6 }} spacing="xs">
        {foremost.map((name) => (
          <Figure key={name} title={labelOf(name)}>
            {shown(name, run.figures[name])}
          </Figure>
        ))}
      </SimpleGrid>
      <Panel
        title="Over time"
        actions={
          <SegmentedControl
            size="xs"
            value={what}
            onChange={setWhat}
            data={["equity", "drawdown"]}
            aria-label="what to draw"
          />
        }
      >
        {points.length > 1 ? (
          <Curve
            points={points}
            height={HEIGHT}
            label={`${what} of ${run.strategy}${what === "drawdown" ? ", percent" : ""}`}
          />
        ) : (
          <Empty title="It has no curve">Nothing happened in the time that was tried.</Empty>
        )}
      </Panel>
      <SimpleGrid cols={{ base: 1, md: 2 }} spacing="xs">
        <Panel title="Profit and loss by day" style={{ maxHeight: 420 }}>
          <Calendar days={run.days} />
        </Panel>
        <Panel title="Figures" padded style={{ maxHeight: 420 }}>
          <Facts facts={rest.map((name) => [labelOf(name), shown(name, run.figures[name])])} />
        </Panel>
      </SimpleGrid>
      <Trades run={run} />
    </>
  );
}

function Forget({ run, onGone }: { run: Told; onGone: () => void }) {
  const [asking, setAsking] = useState(false);
  const may = useMay("trader");
  const deed = useDeed(
    () => told(api.DELETE("/api/v1/backtests/{id}", { params: { path: { id: run.id } } })),
    { done: "It is forgotten", renews: ["backtests"], quiet: true, after: onGone },
  );
  return (
    <Group>
      <Button
        size="compact-sm"
        variant="subtle"
        color="red"
        disabled={!may}
        onClick={() => setAsking(true)}
      >
        Forget it
      </Button>
      <Ask
        opened={asking}
        title={`Forget ${run.id}`}
        deed="Forget it"
        color="red"
        busy={deed.busy}
        error={deed.error}
        onYes={() => void deed.run()}
        onClose={() => setAsking(false)}
      >
        Its curve, trades and figures are removed. The stored series stays.
      </Ask>
    </Group>
  );
}
