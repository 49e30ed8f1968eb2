/** Stop everything: cancel what is ours, refuse what is new, flatten if asked. */
import { Checkbox, List, Text, TextInput } from "@mantine/core";
import { useState } from "react";
import { api, told } from "../api/client";
import { TypedConfirm } from "../parts/TypedConfirm";

export function KillSwitch({
  opened,
  killed,
  onClose,
}: {
  opened: boolean;
  killed: boolean;
  onClose: () => void;
}) {
  const [flatten, setFlatten] = useState(false);
  const [reason, setReason] = useState("");

  if (killed) {
    return (
      <TypedConfirm
        opened={opened}
        title="Let trading begin again"
        word="RELEASE"
        deed="Release"
        onClose={onClose}
        onConfirm={() => told(api.POST("/api/v1/risk/release", { body: { account: "" } }))}
      >
        <Text size="sm">Strategies that run will order again at once.</Text>
      </TypedConfirm>
    );
  }
  return (
    <TypedConfirm
      opened={opened}
      title="Kill switch"
      word="KILL"
      deed="Kill"
      onClose={onClose}
      onConfirm={() =>
        told(
          api.POST("/api/v1/risk/kill", {
            body: { confirm: "KILL", reason, flatten, account: "" },
          }),
        )
      }
    >
      <List size="sm" spacing={2}>
        <List.Item>Every order of ours is cancelled, at every venue.</List.Item>
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
