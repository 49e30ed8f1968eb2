/** Stop everything, or one account: cancel what is ours, refuse what is new, flatten if asked. */
import { Checkbox, List, Text, TextInput } from "@mantine/core";
import { useState } from "react";
import { api, told } from "../api/client";
import { TypedConfirm } from "../parts/TypedConfirm";

export function KillSwitch({
  opened,
  killed,
  account = "",
  onClose,
}: {
  opened: boolean;
  killed: boolean;
  /** Of this account alone. */
  account?: string;
  onClose: () => void;
}) {
  const [flatten, setFlatten] = useState(false);
  const [reason, setReason] = useState("");

  /** What was ticked and left is not to be confirmed by whoever opens it next. */
  function close() {
    setFlatten(false);
    setReason("");
    onClose();
  }

  if (killed) {
    return (
      <TypedConfirm
        opened={opened}
        title={account ? `Release ${account}` : "Let trading begin again"}
        word="RELEASE"
        deed="Release"
        onClose={close}
        onConfirm={() => told(api.POST("/api/v1/risk/release", { body: { account } }))}
      >
        <Text size="sm">
          Strategies that {account ? "use it" : "run"} will order again at once.
        </Text>
      </TypedConfirm>
    );
  }
  return (
    <TypedConfirm
      opened={opened}
      title={account ? `Kill ${account}` : "Kill switch"}
      word="KILL"
      deed="Kill"
      onClose={close}
      onConfirm={() =>
        told(api.POST("/api/v1/risk/kill", { body: { confirm: "KILL", reason, flatten, account } }))
      }
    >
      <List size="sm" spacing={2}>
        <List.Item>
          {account
            ? "Every order of ours on it is cancelled; other accounts go on."
            : "Every order of ours is cancelled, at every venue."}
        </List.Item>
        <List.Item>New orders are refused until somebody releases the switch.</List.Item>
        <List.Item>Orders that are not ours are left alone.</List.Item>
      </List>
      <Checkbox
        label="Flatten our positions too, at the market"
        checked={flatten}
        onChange={(event) => setFlatten(event.currentTarget.checked)}
      />
      <TextInput
        label="Reason, for the journal"
        value={reason}
        onChange={(event) => setReason(event.currentTarget.value)}
      />
    </TypedConfirm>
  );
}
