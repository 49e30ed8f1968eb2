/** A panel for one subject: when it was last told of, and whether that is too long ago. */
import { Text } from "@mantine/core";
import type { ReactNode } from "react";
import { Age } from "../../parts/Age";
import { Panel } from "../../parts/Panel";
import { newestOf } from "./said";

export const STALE_S = 120;
const HIGH = "26rem";

export function Subject({
  title,
  rows,
  happens = false,
  padded = false,
  children,
}: {
  title: string;
  rows: readonly { at_ns: number }[];
  /** It tells of what happens now and then: that nothing does is no fault. */
  happens?: boolean;
  padded?: boolean;
  children: ReactNode;
}) {
  return (
    <Panel
      title={title}
      padded={padded}
      style={{ maxHeight: HIGH }}
      actions={
        <Text size="xs" component="div">
          <Age ns={newestOf(rows)} {...(happens ? {} : { staleAfterS: STALE_S })} />
        </Text>
      }
    >
      {children}
    </Panel>
  );
}
