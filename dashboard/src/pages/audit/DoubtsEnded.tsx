/** Writes whose fate was not known, and how each ended. */
import { useQuery } from "@tanstack/react-query";
import { api, told } from "../../api/client";
import { Panel } from "../../parts/Panel";
import { Asked, Empty } from "../../parts/States";
import { Doubts } from "../risk/Doubts";
import classes from "./Audit.module.css";
import { Entry } from "./Entry";
import { kinds } from "./records";

const NEWEST = 200;

export function DoubtsEnded({ onStory }: { onStory: (id: string) => void }) {
  const query = useQuery({
    queryKey: ["audit", "doubts"],
    queryFn: () =>
      told(
        api.GET("/api/v1/audit", {
          params: { query: { kinds: [...(kinds.Doubts ?? [])], limit: NEWEST } },
        }),
      ),
    refetchInterval: 10_000,
  });
  return (
    <>
      <Doubts />
      <div style={{ marginTop: "0.4rem" }}>
        <Panel title="How doubts ended">
          <Asked query={query}>
            {(page) =>
              page.entries.length === 0 ? (
                <Empty title="There has been no doubt to end">
                  An answer that is lost makes one; the venue's own word ends it.
                </Empty>
              ) : (
                <ol className={classes.list}>
                  {page.entries.map((entry) => (
                    <Entry key={entry.sequence} entry={entry} onStory={onStory} />
                  ))}
                </ol>
              )
            }
          </Asked>
        </Panel>
      </div>
    </>
  );
}
