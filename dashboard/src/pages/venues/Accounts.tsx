/** Accounts that are connected: one row each, and all about the chosen one. */
import { Button } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { api, type Shapes, told } from "../../api/client";
import { Panel } from "../../parts/Panel";
import { type Column, Rows } from "../../parts/Rows";
import { Standing } from "../../parts/Standing";
import { Asked, Empty } from "../../parts/States";
import { Tier } from "../../parts/Tier";
import { UseBar } from "../../parts/UseBar";
import { AccountDetail } from "./AccountDetail";
import { StepMarks } from "./Steps";
import { mostUsed, worst } from "./sessions";

export type Account = Shapes["Account"];

export function Mode({ mode }: { mode: string }) {
  const name = mode === "live" ? "mode mode-live" : "mode mode-paper";
  return <span className={name}>{mode.toUpperCase()}</span>;
}

const columns: Column<Account>[] = [
  { name: "account", title: "Account", cell: (row) => <b>{row.account}</b>, by: (r) => r.account },
  { name: "mode", title: "Mode", cell: (row) => <Mode mode={row.mode} />, by: (row) => row.mode },
  { name: "venue", title: "Venue", cell: (row) => row.venue, by: (row) => row.venue },
  {
    name: "adapter",
    title: "Adapter",
    cell: (row) => (
      <>
        {row.adapter}{" "}
        <span className="faint">
          <Tier tier={row.tier} />
        </span>
      </>
    ),
    by: (row) => row.adapter,
  },
  {
    name: "standing",
    title: "Session",
    cell: (row) => (
      <Standing word={row.halted ? "halted" : row.standing} why={row.halted || row.reason} />
    ),
    by: (row) => row.standing,
  },
  {
    name: "steps",
    title: "Steps",
    cell: (row) => <StepMarks told={row.steps} isData={row.mode === "data"} />,
  },
  {
    name: "streams",
    title: "Streams",
    cell: (row) => <Standing word={worst(row.streams) || "none"} />,
    by: (row) => worst(row.streams),
  },
  {
    name: "limits",
    title: "Limits used",
    cell: (row) => {
      const share = mostUsed(row);
      const used = share === null ? "none known" : `${Math.round(share * 100)} %`;
      return <UseBar share={share} label={`limits of ${row.account} used`} words={used} />;
    },
    by: (row) => mostUsed(row),
    width: 130,
  },
];

export function Accounts({
  chosen,
  onChoose,
  onConnect,
}: {
  chosen: string;
  onChoose: (account: string) => void;
  onConnect: (() => void) | null;
}) {
  const query = useQuery({
    queryKey: ["venues"],
    queryFn: () => told(api.GET("/api/v1/venues")),
    refetchInterval: 3_000,
  });
  return (
    <Asked query={query} lines={8}>
      {(accounts) => {
        const shown = accounts.find((each) => each.account === chosen) ?? accounts[0];
        return (
          <>
            <Panel title="Connected accounts">
              <Rows
                rows={accounts}
                columns={columns}
                keyOf={(row) => row.account}
                onRow={(row) => onChoose(row.account)}
                chosen={shown?.account ?? null}
                empty={
                  <Empty title="No account is connected">
                    Connect one, or name it in the settings file.
                    {onConnect && (
                      <div style={{ marginTop: 8 }}>
                        <Button size="xs" onClick={onConnect}>
                          Connect an account
                        </Button>
                      </div>
                    )}
                  </Empty>
                }
                label="accounts"
              />
            </Panel>
            {shown && <AccountDetail key={shown.account} account={shown} />}
          </>
        );
      }}
    </Asked>
  );
}
