/** Why a position is what it is: every fill and event that made it, and where each came from. */

import { Button, TextInput } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { type FormEvent, useEffect, useState } from "react";
import { api, type Shapes, told } from "../../api/client";
import bars from "../../parts/bars.module.css";
import { Moment, Num, Signed } from "../../parts/Num";
import { Panel } from "../../parts/Panel";
import { type Column, Rows } from "../../parts/Rows";
import { Asked, Empty } from "../../parts/States";
import { useInstruments } from "../../parts/useInstruments";

type Step = Shapes["Step"];
const NEWEST = 100;
const PLACES = 8;
const WIDE = 260; // on a phone a table is wider than the screen, not words one above the other

function columns(onStory: (id: string) => void): Column<Step>[] {
  return [
    { name: "at", title: "Time", cell: (row) => <Moment ns={row.at} withDate /> },
    { name: "account", title: "Account", cell: (row) => row.account, by: (row) => row.account },
    {
      name: "change",
      title: "Change",
      cell: (row) => <Signed value={row.change} places={PLACES} />,
      isNumber: true,
    },
    {
      name: "after",
      title: "Position after",
      cell: (row) => <Num value={row.quantity_after} />,
      isNumber: true,
    },
    { name: "price", title: "Price", cell: (row) => <Num value={row.price} />, isNumber: true },
    {
      name: "words",
      title: "What",
      cell: (row) => <span className="small">{row.words}</span>,
      width: WIDE,
    },
    {
      name: "because",
      title: "Because",
      width: WIDE,
      cell: (row) => (
        <span className="small">
          {row.because || <span className="faint">{row.strategy ?? row.portfolio ?? ""}</span>}{" "}
          {row.order_id && (
            <Button
              size="compact-xs"
              variant="subtle"
              aria-label={`story of ${row.order_id}`}
              onClick={() => onStory(row.order_id ?? "")}
            >
              story
            </Button>
          )}
        </span>
      ),
    },
  ];
}

export function Why({
  instrument,
  onInstrument,
  onStory,
}: {
  instrument: string;
  onInstrument: (instrument: string) => void;
  onStory: (id: string) => void;
}) {
  const [typed, setTyped] = useState(instrument);
  useEffect(() => setTyped(instrument), [instrument]);
  const known = useInstruments();
  const query = useQuery({
    queryKey: ["why", instrument],
    queryFn: () =>
      told(
        api.GET("/api/v1/audit/why/{instrument}", {
          params: { path: { instrument }, query: { limit: NEWEST } },
        }),
      ),
    enabled: instrument !== "",
  });
  return (
    <Panel
      title={instrument ? `Why the position in ${instrument} is this` : "Why is my position this?"}
    >
      <form
        className={bars.filters}
        onSubmit={(event: FormEvent) => {
          event.preventDefault();
          onInstrument(typed.trim());
        }}
      >
        <TextInput
          aria-label="Instrument"
          placeholder="An instrument, like BTC/USDT@alpha"
          list="instruments"
          value={typed}
          onChange={(event) => setTyped(event.currentTarget.value)}
          style={{ flex: "1 1 16rem" }}
        />
        <datalist id="instruments">
          {known.map((name) => (
            <option key={name} value={name} />
          ))}
        </datalist>
        <Button type="submit" size="xs" disabled={typed.trim() === ""}>
          Explain it
        </Button>
      </form>
      {instrument === "" ? (
        <Empty title="Choose an instrument">
          Each step is told with the position after it, and the signal or person it came from.
        </Empty>
      ) : (
        <Asked query={query} lines={8}>
          {(steps) => (
            <Rows
              rows={steps}
              columns={columns(onStory)}
              keyOf={(row) => `${row.sequence} ${row.account}`}
              empty={
                <Empty title="Nothing ever moved it">
                  No fill and no event in the journal is of this instrument.
                </Empty>
              }
              label={`what made the position in ${instrument}`}
            />
          )}
        </Asked>
      )}
    </Panel>
  );
}
