/** Each account's money and switches. */
import { ActionIcon, Menu } from "@mantine/core";
import { IconDots } from "@tabler/icons-react";
import { useState } from "react";
import { api, type Shapes, told } from "../../api/client";
import { useMay } from "../../api/session";
import { count, money, profit } from "../../parts/columns";
import { becauseOf } from "../../parts/killed";
import { Panel } from "../../parts/Panel";
import { type Column, Rows } from "../../parts/Rows";
import { useDeed } from "../../parts/useDeed";
import { KillSwitch } from "../../shell/KillSwitch";

type AccountRisk = Shapes["AccountRisk"];
/** With it, what stops the whole desk: an account of its own switch off trades no more for that. */
type Row = AccountRisk & { deskKilled: string };

const columns: Column<Row>[] = [
  {
    name: "account",
    title: "Account",
    cell: (row) => (
      <>
        <b>{row.account}</b>{" "}
        <span className={`mode ${row.live ? "mode-live" : "mode-paper"}`}>
          {row.live ? "LIVE" : "PAPER"}
        </span>
      </>
    ),
    by: (row) => row.account,
  },
  {
    name: "switches",
    title: "Switches",
    cell: (row) => {
      const on = [
        row.killed && `killed${becauseOf(row.killed)}`,
        row.deskKilled && !row.killed && `killed with the desk${becauseOf(row.deskKilled)}`,
        row.halted && `halted: ${row.halted}`,
        row.quarantine && `in quarantine: ${row.quarantine}`,
      ].filter(Boolean);
      if (on.length === 0) return <span className="up">✓ trades</span>;
      return <span className="down">! {on.join("; ")}</span>;
    },
  },
  money("equity", "Equity", (row) => row.equity),
  profit(
    "day",
    <span title="Change of equity since the UTC day began, or since the account was first worth something that day">
      Today
    </span>,
    (row) => row.day_pnl,
  ),
  money("gross", "Exposure", (row) => row.gross_exposure),
  count("orders", "Open orders", (row) => row.open_orders),
  { name: "deeds", title: "", cell: (row) => <Deeds row={row} /> },
];

export function Accounts({
  accounts,
  killed,
}: {
  accounts: readonly AccountRisk[];
  /** Why the whole desk's switch is on; "" while it is off. */
  killed: string;
}) {
  return (
    <Panel title="Accounts">
      <Rows
        rows={accounts.map((row) => ({ ...row, deskKilled: killed }))}
        columns={columns}
        keyOf={(row) => row.account}
        empty="No account is connected"
        label="accounts"
      />
    </Panel>
  );
}

function Deeds({ row }: { row: AccountRisk }) {
  const [asked, setAsked] = useState(false);
  const mayKill = useMay("trader");
  const mayRelease = useMay("risk");
  const account = row.account;
  const resume = useDeed(
    () => told(api.POST("/api/v1/venues/{account}/resume", { params: { path: { account } } })),
    { done: `${account} trades again`, renews: ["risk"] },
  );
  if (!mayKill) return null;
  return (
    <>
      <Menu position="bottom-end" withArrow>
        <Menu.Target>
          <ActionIcon variant="subtle" color="gray" aria-label={`switches of ${account}`}>
            <IconDots size={15} />
          </ActionIcon>
        </Menu.Target>
        <Menu.Dropdown>
          {!row.killed && (
            <Menu.Item color="red" onClick={() => setAsked(true)}>
              Kill this account
            </Menu.Item>
          )}
          {row.killed && (
            <Menu.Item disabled={!mayRelease} onClick={() => setAsked(true)}>
              Release it
            </Menu.Item>
          )}
          {row.halted && (
            <Menu.Item disabled={!mayRelease} onClick={() => void resume.run()}>
              Lift the halt
            </Menu.Item>
          )}
        </Menu.Dropdown>
      </Menu>
      <KillSwitch
        opened={asked}
        killed={Boolean(row.killed)}
        account={account}
        onClose={() => setAsked(false)}
      />
    </>
  );
}
