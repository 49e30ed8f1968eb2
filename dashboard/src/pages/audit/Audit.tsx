/** All that ever happened, as the journal has it: searched, told in order, and explained. */

import { SegmentedControl } from "@mantine/core";
import { useAddress } from "../../parts/address";
import bars from "../../parts/bars.module.css";
import { useIsOn } from "../../parts/flags";
import { Empty } from "../../parts/States";
import classes from "./Audit.module.css";
import { DoubtsEnded } from "./DoubtsEnded";
import { Journal } from "./Journal";
import { Story } from "./Story";
import { Verify } from "./Verify";
import { Why } from "./Why";

const views = [
  { value: "journal", label: "Journal" },
  { value: "story", label: "Story" },
  { value: "why", label: "Why this position?" },
  { value: "doubts", label: "Doubts" },
];

export default function Audit() {
  const [said, say] = useAddress();
  const isShown = useIsOn("history") !== false;
  const view = said.view ?? (said.story ? "story" : said.why ? "why" : "journal");
  const tellStory = (id: string) => say({ view: null, story: id, why: null });
  if (!isShown) {
    return (
      <Empty title="The journal is not shown">
        History is switched off under Settings. What happens is written down all the same.
      </Empty>
    );
  }
  return (
    <>
      <div className={bars.bar}>
        <SegmentedControl
          size="xs"
          value={view}
          onChange={(chosen) => say({ view: chosen })}
          data={views}
          aria-label="what of the journal"
          className={classes.views ?? ""}
        />
        <Verify />
      </div>
      {view === "journal" && <Journal said={said} say={say} onStory={tellStory} />}
      {view === "story" && <Story id={said.story ?? ""} onId={tellStory} />}
      {view === "why" && (
        <Why
          instrument={said.why ?? ""}
          onInstrument={(why) => say({ view: null, why, story: null })}
          onStory={tellStory}
        />
      )}
      {view === "doubts" && <DoubtsEnded onStory={tellStory} />}
    </>
  );
}
