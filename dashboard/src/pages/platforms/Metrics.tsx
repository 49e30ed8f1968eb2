/** Metrics of a platform's own, each by its newest value, and the chosen one over time. */
import { SegmentedControl, Text } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { memo, useMemo, useState } from "react";
import { api, told } from "../../api/client";
import { useAddress } from "../../parts/address";
import { Curve, type Point } from "../../parts/Curve";
import { grouped, Moment } from "../../parts/Num";
import { type Column, Rows } from "../../parts/Rows";
import { Asked, Empty } from "../../parts/States";
import classes from "./Platforms.module.css";
import { Subject } from "./Subject";
import { joined, type Said } from "./said";

type Row = Said<"metrics">;

const columns: Column<Row>[] = [
  {
    name: "name",
    title: "Metric",
    cell: (row) => (
      <>
        <b>{row.key}</b>
        {row.value.words && (
          <span className={classes.words} title={row.value.words}>
            {row.value.words}
          </span>
        )}
      </>
    ),
    by: (row) => row.key,
  },
  {
    name: "value",
    title: "Value",
    cell: (row) => grouped(row.value.value, 6),
    by: (row) => row.value.value,
    isNumber: true,
  },
  {
    name: "unit",
    title: "",
    cell: (row) => <span className="faint">{row.value.unit}</span>,
    width: 30,
  },
  {
    name: "at",
    title: "At",
    cell: (row) => <Moment ns={row.at_ns} />,
    by: (row) => row.at_ns,
    isNumber: true,
  },
];

export const Metrics = memo(function Metrics({
  platform,
  rows,
}: {
  platform: string;
  rows: readonly Row[];
}) {
  const [said, say] = useAddress();
  const chosen = rows.find((row) => row.key === said.metric) ?? rows[0];
  return (
    <>
      <Subject title="Custom metrics" rows={rows}>
        <Rows
          rows={rows}
          columns={columns}
          keyOf={(row) => row.key}
          onRow={(row) => say({ metric: row.key })}
          chosen={chosen?.key ?? null}
          empty="No metric"
          label="custom metrics of the platform"
        />
      </Subject>
      {chosen && <OverTime key={chosen.key} platform={platform} row={chosen} />}
    </>
  );
});

const spans = { "1h": 3_600, "1d": 86_400, "1w": 604_800, "30d": 2_592_000 } as const;
const MOST = 2_000;
const AGAIN_MS = 5_000;

function OverTime({ platform, row }: { platform: string; row: Row }) {
  const [span, setSpan] = useState<keyof typeof spans>("1h");
  const query = useQuery({
    queryKey: ["platforms", platform, "metric", row.key, span],
    queryFn: () => {
      const since_ns = (Math.floor(Date.now() / 1_000) - spans[span]) * 1e9;
      return told(
        api.GET("/api/v1/platforms/{platform}/metrics/history", {
          params: { path: { platform }, query: { name: row.key, since_ns, limit: MOST } },
        }),
      );
    },
    refetchInterval: AGAIN_MS,
    staleTime: 0, // what was kept while another was looked at has a hole since
    placeholderData: (before) => before,
  });
  const points = useMemo(
    () =>
      joined(query.data?.points ?? [], row.at_ns, row.value.value).map(
        ([seconds = 0, value = null]): Point => [seconds, value],
      ),
    [query.data, row],
  );
  return (
    <section className="panel" aria-label={`${row.key} over time`}>
      <div className={classes.curve}>
        <header>
          <Text size="sm" fw={600}>
            {row.key} <span className="faint">{row.value.unit}</span>
          </Text>
          <SegmentedControl
            size="xs"
            value={span}
            onChange={(value) => setSpan(value as keyof typeof spans)}
            data={Object.keys(spans)}
            aria-label="how far back"
          />
        </header>
        <Asked query={query}>
          {() =>
            points.length > 1 ? (
              <Curve points={points} height={180} label={`${row.key} over time`} />
            ) : (
              <Empty title="One value so far">A curve needs a second one.</Empty>
            )
          }
        </Asked>
        {points.length >= MOST && (
          <Text size="xs" className="faint">
            The newest {grouped(MOST)} values of this span.
          </Text>
        )}
      </div>
    </section>
  );
}
