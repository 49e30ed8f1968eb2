/** Letting an account go, knowing what stays at the venue. */
import { List, Text } from "@mantine/core";
import { api, told } from "../../api/client";
import { Ask } from "../../parts/Ask";
import { Num } from "../../parts/Num";
import { useDeed } from "../../parts/useDeed";
import { useTopic } from "../../push/useTopic";
import type { Account } from "./Accounts";

export function Disconnect({
  account,
  opened,
  onClose,
}: {
  account: Account;
  opened: boolean;
  onClose: () => void;
}) {
  const name = account.account;
  const deed = useDeed(
    () => told(api.DELETE("/api/v1/venues/{account}", { params: { path: { account: name } } })),
    {
      done: (left) =>
        `${name} is disconnected${left.comes_back ? "; the settings bring it back at the next start" : ""}`,
      renews: ["venues"],
      quiet: true,
      after: onClose,
    },
  );
  return (
    <Ask
      opened={opened}
      title={`Disconnect ${name}`}
      deed="Disconnect"
      color="red"
      busy={deed.busy}
      error={deed.error}
      onYes={() => void deed.run()}
      onClose={onClose}
    >
      <Text size="sm">
        The desk lets go of {account.venue}. What it has there stays there, and nobody watches it:
      </Text>
      {opened && <Staying account={name} />}
      <Text size="sm" className="faint">
        The journal keeps all that happened. Its key and secrets are forgotten.
      </Text>
    </Ask>
  );
}

function Staying({ account }: { account: string }) {
  const orders = useTopic("orders") ?? [];
  const positions = useTopic("positions") ?? [];
  const open = orders.filter(
    (order) =>
      order.account === account && ["New", "PartiallyFilled", "Unknown"].includes(order.status),
  );
  const held = positions.filter(
    (row) => row.account === account && Number(row.quantity ?? 0) !== 0,
  );
  return (
    <List size="sm">
      {open.map((order) => (
        <List.Item key={order.order_id}>
          order: {order.side} <Num value={order.quantity} /> {order.symbol} {order.status}
        </List.Item>
      ))}
      {held.map((row) => (
        <List.Item key={`${row.instrument} ${row.portfolio} ${row.strategy}`}>
          position: <Num value={row.quantity} /> {row.instrument}
        </List.Item>
      ))}
      {open.length + held.length === 0 && <List.Item>no open order, no position</List.Item>}
    </List>
  );
}
