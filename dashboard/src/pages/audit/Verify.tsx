/** Whether the journal is whole, byte by byte. */
import { Button, Group, Text } from "@mantine/core";
import { useState } from "react";
import { api, type Shapes, told } from "../../api/client";
import { grouped } from "../../parts/Num";
import { useDeed } from "../../parts/useDeed";
import { worded } from "../../parts/worded";

export function Verify() {
  const [found, setFound] = useState<Shapes["Verified"] | null>(null);
  const deed = useDeed(() => told(api.GET("/api/v1/audit/verify")), { after: setFound });
  return (
    <Group gap="xs">
      {found && (
        <Text size="xs" className={found.whole ? "up" : "down"} role="status">
          {found.whole
            ? `✓ whole: ${grouped(found.entries)} records in ${found.segments} files`
            : worded(`! ${found.bad?.words ?? "not whole"}. ${found.bad?.hint ?? ""}`)}
        </Text>
      )}
      <Button size="compact-xs" variant="light" loading={deed.busy} onClick={() => void deed.run()}>
        Check every byte
      </Button>
    </Group>
  );
}
