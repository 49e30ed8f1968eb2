/** One cycle from the signal, or the person, to the last fill, found by any id in it. */

import { Button, Text, TextInput } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { type FormEvent, useEffect, useState } from "react";
import { api, told } from "../../api/client";
import bars from "../../parts/bars.module.css";
import { Moment } from "../../parts/Num";
import { Panel } from "../../parts/Panel";
import { Asked, Empty } from "../../parts/States";
import { span } from "../../parts/span";
import classes from "./Audit.module.css";
import { kindWords, markOf, timed } from "./records";

export function Story({ id, onId }: { id: string; onId: (id: string) => void }) {
  const [typed, setTyped] = useState(id);
  useEffect(() => setTyped(id), [id]);
  const query = useQuery({
    queryKey: ["story", id],
    queryFn: () => told(api.GET("/api/v1/audit/story/{name}", { params: { path: { name: id } } })),
    enabled: id !== "",
  });

  function ask(event: FormEvent) {
    event.preventDefault();
    onId(typed.trim());
  }

  return (
    <Panel title={id ? `The story of ${id}` : "One order's story"}>
      <form className={bars.filters} onSubmit={ask}>
        <TextInput
          aria-label="An id"
          placeholder="An order, client order, venue order or correlation id"
          value={typed}
          onChange={(event) => setTyped(event.currentTarget.value)}
          style={{ flex: "1 1 20rem" }}
        />
        <Button type="submit" size="xs" disabled={typed.trim() === ""}>
          Tell it
        </Button>
      </form>
      {id === "" ? (
        <Empty title="Give any id of it">
          Whichever id a venue, a log or this page shows: the journal finds all that belongs to it.
        </Empty>
      ) : (
        <Asked query={query} lines={8}>
          {(lines) => (
            <ol className={classes.story}>
              {timed(lines).map((line) => {
                const [mark, tone] = markOf(line.record);
                return (
                  <li key={line.sequence} data-tone={tone}>
                    <Moment ns={line.at} withDate />
                    <Text span size="xs" className="faint" title="since the line before">
                      {line.sinceLast_s > 0 ? `+ ${span(line.sinceLast_s)}` : ""}
                    </Text>
                    <div className={classes.words}>
                      <span className={tone}>
                        {mark} {kindWords(line.record)}
                      </span>{" "}
                      <span className="faint">#{line.sequence}</span>
                      <div>{line.words}</div>
                    </div>
                  </li>
                );
              })}
            </ol>
          )}
        </Asked>
      )}
    </Panel>
  );
}
