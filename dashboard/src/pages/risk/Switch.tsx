/** The kill switch, as large as it is important. */
import { Button, Text } from "@mantine/core";
import { IconPower } from "@tabler/icons-react";
import { useState } from "react";
import { useMay } from "../../api/session";
import { becauseOf } from "../../parts/killed";
import { Panel } from "../../parts/Panel";
import { KillSwitch } from "../../shell/KillSwitch";

export function Switch({ killed }: { killed: string }) {
  const [opened, setOpened] = useState(false);
  const isKilled = Boolean(killed);
  const may = useMay(isKilled ? "risk" : "trader");
  return (
    <Panel title="Kill switch" padded>
      <Text size="sm" mb="sm" className={isKilled ? "down" : ""} role="status">
        {isKilled
          ? `! It is on${becauseOf(killed)}. New orders are refused.`
          : "It is off. It cancels every order of ours and refuses new ones."}
      </Text>
      <Button
        fullWidth
        size="md"
        color="red.8"
        variant={isKilled ? "outline" : "filled"}
        leftSection={<IconPower size={18} />}
        disabled={!may}
        onClick={() => setOpened(true)}
      >
        {isKilled ? "Let trading begin again" : "Stop everything"}
      </Button>
      {!may && (
        <Text size="xs" className="faint" mt={4}>
          {isKilled ? "A risk officer releases it." : "Traders and above may use it."}
        </Text>
      )}
      <KillSwitch opened={opened} killed={isKilled} onClose={() => setOpened(false)} />
    </Panel>
  );
}
