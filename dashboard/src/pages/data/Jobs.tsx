/** Downloads that wait, run or have ended. */
import { Alert, Button } from "@mantine/core";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useEffect, useRef } from "react";
import { api, type Shapes, told } from "../../api/client";
import { useMay } from "../../api/session";
import { Moment } from "../../parts/Num";
import { Panel } from "../../parts/Panel";
import { type Column, Rows } from "../../parts/Rows";
import { Standing } from "../../parts/Standing";
import { Asked } from "../../parts/States";
import { UseBar } from "../../parts/UseBar";
import { useDeed } from "../../parts/useDeed";

type Job = Shapes["Job"];
const RUNNING_MS = 1_000;
const RESTING_MS = 10_000;

const isUnderway = (job: Job) => job.state === "queued" || job.state === "running";

const columns: Column<Job>[] = [
  {
    name: "what",
    title: "Download",
    cell: (row) => (
      <>
        <b>{String(row.asked.symbol ?? row.id)}</b>{" "}
        <span className="faint">{String(row.asked.timeframe ?? "")}</span>
      </>
    ),
  },
  { name: "state", title: "State", cell: (row) => <Standing word={row.state} /> },
  {
    name: "progress",
    title: "Progress",
    cell: (row) =>
      isUnderway(row) ? (
        <UseBar
          share={row.progress}
          label={`progress of ${row.id}`}
          words={row.words || `${Math.round(row.progress * 100)} %`}
          isProgress
        />
      ) : (
        <span className={row.state === "failed" ? "down" : "faint"}>{row.words}</span>
      ),
    width: "40%",
  },
  { name: "by", title: "By", cell: (row) => <span className="faint">{row.by}</span> },
  { name: "at", title: "Asked", cell: (row) => <Moment ns={row.created_ns} withDate /> },
  { name: "deed", title: "", cell: (row) => <Deed job={row} /> },
];

export function Jobs() {
  const queries = useQueryClient();
  const query = useQuery({
    queryKey: ["jobs"],
    queryFn: () => told(api.GET("/api/v1/jobs")),
    refetchInterval: (state) => (state.state.data?.some(isUnderway) ? RUNNING_MS : RESTING_MS),
  });
  const downloads = query.data?.filter((job) => job.kind === "download") ?? [];
  const underway = downloads.filter(isUnderway).length;
  const newest = downloads.reduce<Job | null>(
    (found, job) => (found && found.created_ns >= job.created_ns ? found : job),
    null,
  );
  const before = useRef(underway);
  useEffect(() => {
    // What has ended has changed what is stored.
    if (underway < before.current) void queries.invalidateQueries({ queryKey: ["series"] });
    before.current = underway;
  }, [underway, queries]);
  return (
    <div style={{ marginTop: "0.4rem" }}>
      <Panel title="Downloads">
        {newest?.state === "failed" && (
          <Alert color="red" m="xs" role="alert">
            The download of {String(newest.asked.symbol ?? newest.id)} failed:{" "}
            {newest.words || "it told no reason"}
          </Alert>
        )}
        <Asked query={query} lines={2}>
          {() => (
            <Rows
              rows={downloads}
              columns={columns}
              keyOf={(row) => row.id}
              empty="No download has been asked for"
              label="downloads"
            />
          )}
        </Asked>
      </Panel>
    </div>
  );
}

function Deed({ job }: { job: Job }) {
  const may = useMay("trader");
  const path = { params: { path: { id: job.id } } };
  const cancel = useDeed(() => told(api.POST("/api/v1/jobs/{id}/cancel", path)), {
    renews: ["jobs"],
  });
  const forget = useDeed(() => told(api.DELETE("/api/v1/jobs/{id}", path)), { renews: ["jobs"] });
  const [deed, words] = isUnderway(job) ? [cancel, "Cancel"] : [forget, "Forget"];
  return (
    <Button
      size="compact-xs"
      variant="subtle"
      disabled={!may}
      loading={deed.busy}
      aria-label={`${words} ${job.id}`}
      onClick={() => void deed.run()}
    >
      {words}
    </Button>
  );
}
