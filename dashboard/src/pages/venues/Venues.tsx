/** Where the desk trades, how each session stands, and where else it could. */

import { Button, SegmentedControl } from "@mantine/core";
import { IconPlus } from "@tabler/icons-react";
import { useMay } from "../../api/session";
import { useAddress } from "../../parts/address";
import bars from "../../parts/bars.module.css";
import { Accounts } from "./Accounts";
import { Catalogue } from "./Catalogue";
import { Connect } from "./Connect";
import { LeftBehind } from "./LeftBehind";
import { Venue } from "./Venue";

const NEW = "new";

export default function Venues() {
  const [said, say] = useAddress();
  const mayConnect = useMay("admin");
  const isCatalogue = said.view === "catalogue";
  const connecting = said.connect ?? "";
  return (
    <>
      <div className={bars.bar}>
        <SegmentedControl
          size="xs"
          value={isCatalogue ? "catalogue" : "connected"}
          onChange={(view) => say({ view: view === "catalogue" ? view : null, venue: null })}
          data={[
            { value: "connected", label: "Connected" },
            { value: "catalogue", label: "Catalogue" },
          ]}
          aria-label="which venues"
        />
        <Button
          size="compact-sm"
          leftSection={<IconPlus size={14} />}
          disabled={!mayConnect}
          onClick={() => say({ connect: NEW })}
        >
          Connect an account
        </Button>
      </div>
      {isCatalogue ? (
        <Catalogue onVenue={(venue) => say({ venue })} />
      ) : (
        <>
          <Accounts
            chosen={said.account ?? ""}
            onChoose={(account) => say({ account })}
            onConnect={mayConnect ? () => say({ connect: NEW }) : null}
          />
          <LeftBehind />
        </>
      )}
      <Venue
        id={said.venue ?? ""}
        onClose={() => say({ venue: null })}
        onConnect={(connect) => say({ connect, venue: null })}
        onVenue={(venue) => say({ venue })}
      />
      <Connect
        opened={connecting !== ""}
        adapter={connecting === NEW ? "" : connecting}
        onAdapter={(connect) => say({ connect: connect || NEW })}
        onClose={(account) =>
          say(account ? { connect: null, view: null, account } : { connect: null })
        }
      />
    </>
  );
}
