/** One record of the journal: a line, and all of it when opened. */
import { Button, Group } from "@mantine/core";
import { useState } from "react";
import type { Shapes } from "../../api/client";
import { Facts } from "../../parts/Facts";
import { Moment } from "../../parts/Num";
import classes from "./Audit.module.css";
import { kindWords, markOf, opened } from "./records";

export type Record = Shapes["JournalEntry"];

export function Entry({ entry, onStory }: { entry: Record; onStory: (id: string) => void }) {
  const [isOpen, setOpen] = useState(false);
  const [mark, tone] = markOf(entry.kind);
  const id = entry.order_id ?? entry.correlation;
  return (
    <li>
      <button
        type="button"
        className={classes.line}
        aria-expanded={isOpen}
        onClick={() => setOpen(!isOpen)}
      >
        <Moment ns={entry.at} withDate />
        <span className={tone}>
          {mark} {kindWords(entry.kind)}
        </span>
        <span className={classes.words}>{entry.words}</span>
        <span className="faint">{entry.account}</span>
      </button>
      {isOpen && (
        <div className={classes.opened}>
          <Facts
            facts={[
              ["sequence", entry.sequence],
              ...opened(entry.record).map(
                ([name, value]) =>
                  [name, value.includes("\n") ? <pre key={name}>{value}</pre> : value] as const,
              ),
            ]}
          />
          {id && (
            <Group mt="xs">
              <Button size="compact-xs" variant="light" onClick={() => onStory(id)}>
                The whole story
              </Button>
            </Group>
          )}
        </div>
      )}
    </li>
  );
}
