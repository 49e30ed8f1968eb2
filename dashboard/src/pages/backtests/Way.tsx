/** The way back to the list, and what else can be done with what is shown. */
import { Button } from "@mantine/core";
import { IconArrowLeft } from "@tabler/icons-react";
import type { ReactNode } from "react";
import bars from "../../parts/bars.module.css";

export function Way({ onBack, children }: { onBack: () => void; children?: ReactNode }) {
  return (
    <div className={bars.bar}>
      <Button
        size="compact-sm"
        variant="subtle"
        leftSection={<IconArrowLeft size={14} />}
        onClick={onBack}
      >
        All backtests
      </Button>
      {children}
    </div>
  );
}
