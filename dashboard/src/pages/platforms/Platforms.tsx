/** What platforms that are not ours push to be shown. Nothing here trades. */
import { Button, Drawer } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { api, type Shapes, told } from "../../api/client";
import { Age, isOlder } from "../../parts/Age";
import { useAddress } from "../../parts/address";
import { Panel } from "../../parts/Panel";
import { type Column, Rows } from "../../parts/Rows";
import { Standing } from "../../parts/Standing";
import { Failed, Waiting } from "../../parts/States";
import { span } from "../../parts/span";
import { useNow } from "../../parts/useNow";
import { useTopic } from "../../push/useTopic";
import { HowTo } from "./HowTo";
import { OnePlatform } from "./OnePlatform";
import classes from "./Platforms.module.css";
import { STALE_S } from "./Subject";
import { spoken } from "./said";

type Platform = Shapes["PlatformTold"];

const columns: Column<Platform>[] = [
  {
    name: "name",
    title: "Platform",
    cell: (row) => <b>{row.platform}</b>,
    by: (row) => row.platform,
  },
  { name: "standing", title: "State", cell: (row) => <State row={row} />, width: 90 },
  {
    name: "newest",
    title: "Newest",
    cell: (row) => <Age ns={row.at_ns} />,
    by: (row) => row.at_ns,
    isNumber: true,
  },
  {
    name: "tells",
    title: "Tells",
    cell: (row) => (
      <span className={classes.tells} title={spoken(row.subjects)}>
        {spoken(row.subjects)}
      </span>
    ),
  },
];

function State({ row }: { row: Platform }) {
  const now = useNow();
  return isOlder(row.at_ns, STALE_S, now) ? (
    <Standing word="stale" why={`nothing newer for ${span(now / 1e3 - row.at_ns / 1e9)}`} />
  ) : (
    <Standing word="ok" />
  );
}

export default function Platforms() {
  const [said, say] = useAddress();
  const [asking, setAsking] = useState(false);
  const pushed = useTopic("platforms");
  const asked = useQuery({
    queryKey: ["platforms"],
    queryFn: () => told(api.GET("/api/v1/platforms")),
  });
  const rows = pushed ?? asked.data;
  const chosen = rows?.find((row) => row.platform === said.platform) ?? rows?.[0];
  return (
    <>
      <Panel
        title="Platforms"
        actions={
          rows?.length ? (
            <Button size="compact-sm" variant="light" onClick={() => setAsking(true)}>
              How to push
            </Button>
          ) : undefined
        }
      >
        {!rows && asked.isError ? (
          <Failed error={asked.error} retry={() => void asked.refetch()} />
        ) : !rows ? (
          <Waiting lines={6} />
        ) : (
          <Rows
            rows={rows}
            columns={columns}
            keyOf={(row) => row.platform}
            onRow={(row) => say({ platform: row.platform, metric: null })}
            chosen={chosen?.platform ?? null}
            empty={<HowTo isFirst />}
            label="platforms"
          />
        )}
      </Panel>
      {chosen && <OnePlatform key={chosen.platform} platform={chosen.platform} />}
      <Drawer
        opened={asking}
        onClose={() => setAsking(false)}
        position="right"
        size="lg"
        title="How to push"
      >
        <HowTo />
      </Drawer>
    </>
  );
}
