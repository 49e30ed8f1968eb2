/** Series that are stored: how far they reach, how fresh they are, where they have holes. */
import { Button } from "@mantine/core";
import { IconDownload } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { api, told } from "../../api/client";
import { useMay } from "../../api/session";
import { useAddress } from "../../parts/address";
import { grouped, Moment } from "../../parts/Num";
import { Panel } from "../../parts/Panel";
import { type Column, Rows } from "../../parts/Rows";
import { Asked, Empty } from "../../parts/States";
import { span } from "../../parts/span";
import { Download } from "./Download";
import { Jobs } from "./Jobs";
import { SeriesDetail } from "./SeriesDetail";
import { Strip } from "./Strip";
import { isFresh, type Series } from "./series";

const columns: Column<Series>[] = [
  {
    name: "instrument",
    title: "Series",
    cell: (row) => (
      <>
        <b>{row.instrument}</b> <span className="faint">{row.timeframe}</span>
      </>
    ),
    by: (row) => row.name,
  },
  {
    name: "first",
    title: "First",
    cell: (row) => <Moment ns={row.first_ns} withDate />,
    by: (row) => row.first_ns,
  },
  {
    name: "last",
    title: "Last",
    cell: (row) => <Moment ns={row.last_ns} withDate />,
    by: (row) => row.last_ns,
  },
  {
    name: "fresh",
    title: "Freshness",
    cell: (row) => (
      <span className={`number ${isFresh(row) ? "up" : "warn"}`}>
        {isFresh(row) ? "✓ up to date" : `◌ ${span(row.age_s)} behind`}
      </span>
    ),
    by: (row) => row.age_s,
  },
  {
    name: "rows",
    title: "Rows",
    cell: (row) => grouped(row.rows),
    by: (row) => row.rows,
    isNumber: true,
  },
  { name: "strip", title: "Whole", cell: (row) => <Strip series={row} />, width: "24%" },
  {
    name: "gaps",
    title: "Gaps",
    cell: (row) => (row.gap_count > 0 ? <span className="warn">! {row.gap_count}</span> : "none"),
    by: (row) => row.gap_count,
    isNumber: true,
  },
  {
    name: "source",
    title: "From",
    cell: (row) => <span className="faint">{row.source}</span>,
    by: (row) => row.source,
  },
];

export default function Data() {
  const [said, say] = useAddress();
  const [downloading, setDownloading] = useState(false);
  const may = useMay("trader");
  const query = useQuery({
    queryKey: ["series"],
    queryFn: () => told(api.GET("/api/v1/data")),
    refetchInterval: 30_000,
  });
  const chosen = query.data?.find((row) => row.name === said.series);
  return (
    <>
      <Panel
        title="Stored series"
        actions={
          <Button
            size="compact-sm"
            leftSection={<IconDownload size={14} />}
            disabled={!may}
            onClick={() => setDownloading(true)}
          >
            Download
          </Button>
        }
      >
        <Asked query={query} lines={8}>
          {(rows) => (
            <Rows
              rows={rows}
              columns={columns}
              keyOf={(row) => row.name}
              onRow={(row) => say({ series: row.name })}
              empty={
                <Empty title="Nothing is stored yet">
                  Press Download, which begins with a connected market and a month of its bars.
                  Backtests run on what is stored here.
                </Empty>
              }
              label="stored series"
            />
          )}
        </Asked>
      </Panel>
      <Jobs />
      <Download opened={downloading} onClose={() => setDownloading(false)} />
      <SeriesDetail series={chosen ?? null} onClose={() => say({ series: null })} />
    </>
  );
}
