/** Writes whose fate is not known, and a person's word on those no evidence settles. */
import { Button, Checkbox, Group, Radio, Stack, Text, TextInput } from "@mantine/core";
import { Link } from "@tanstack/react-router";
import { useState } from "react";
import { api, type Shapes, told } from "../../api/client";
import { useMay } from "../../api/session";
import { Ask } from "../../parts/Ask";
import { Num } from "../../parts/Num";
import { Panel } from "../../parts/Panel";
import { Empty, Waiting } from "../../parts/States";
import { span } from "../../parts/span";
import { useDeed } from "../../parts/useDeed";
import { useTopic } from "../../push/useTopic";
import classes from "./Risk.module.css";

type Doubt = Shapes["Doubt"];

export function Doubts() {
  const doubts = useTopic("doubts");
  const [chosen, setChosen] = useState<Doubt | null>(null);
  const may = useMay("risk");
  return (
    <Panel title="In doubt">
      {!doubts && <Waiting lines={2} />}
      {doubts?.length === 0 && (
        <Empty title="Every order's fate is known">
          An order whose answer is lost is never sent again before the venue says what became of it.
        </Empty>
      )}
      {doubts?.map((doubt) => (
        <div key={doubt.attempt_id} className={classes.doubt}>
          <Text size="sm">
            <span className={doubt.needs_person ? "down" : "warn"}>? </span>
            {doubt.kind} {doubt.side} <Num value={doubt.quantity} /> {doubt.instrument}{" "}
            <span className="faint">
              on {doubt.account}, {span(doubt.age_s)}
            </span>
          </Text>
          <Group gap="xs">
            <Button
              size="compact-xs"
              variant={doubt.needs_person ? "filled" : "light"}
              color="orange"
              disabled={!may}
              onClick={() => setChosen(doubt)}
            >
              Resolve
            </Button>
            {doubt.order_id && (
              <Button
                size="compact-xs"
                variant="subtle"
                component={Link}
                to="/audit"
                search={{ story: doubt.order_id } as never}
              >
                Story
              </Button>
            )}
            <Text size="xs" className={doubt.needs_person ? "down" : "faint"}>
              {doubt.needs_person ? "no evidence settles it" : "evidence is being asked for"}
            </Text>
          </Group>
        </div>
      ))}
      {chosen && <Resolve key={chosen.attempt_id} doubt={chosen} onClose={() => setChosen(null)} />}
    </Panel>
  );
}

export function Resolve({ doubt, onClose }: { doubt: Doubt; onClose: () => void }) {
  const [verdict, setVerdict] = useState<"live" | "absent" | "">("");
  const [words, setWords] = useState("");
  const [force, setForce] = useState(false);
  const deed = useDeed(
    (said: "live" | "absent") =>
      told(
        api.POST("/api/v1/doubts/{attempt}/resolve", {
          params: { path: { attempt: doubt.attempt_id } },
          body: { verdict: said, words, force },
        }),
      ),
    { done: "The doubt is ended", renews: ["doubts", "audit"], quiet: true, after: onClose },
  );
  return (
    <Ask
      opened
      title="End a doubt"
      deed="End it"
      color="orange"
      busy={deed.busy}
      error={deed.error}
      disabled={verdict === "" || words.trim() === ""}
      onYes={() => verdict && void deed.run(verdict)}
      onClose={onClose}
    >
      <Text size="sm">
        {doubt.kind} {doubt.side} {doubt.quantity} {doubt.instrument} on {doubt.account}. Look at
        the venue's own page first: what you say here is believed.
      </Text>
      <Radio.Group
        label="What is true at the venue"
        value={verdict}
        onChange={(value) => setVerdict(value as "live" | "absent")}
      >
        <Stack gap={6} mt={6}>
          <Radio value="live" label="live: the venue has it" />
          <Radio value="absent" label="absent: the venue never took it" />
        </Stack>
      </Radio.Group>
      <TextInput
        label="How you know, for the journal"
        withAsterisk
        value={words}
        onChange={(event) => setWords(event.currentTarget.value)}
      />
      {!doubt.needs_person && (
        <Checkbox
          label="Although evidence may still come"
          checked={force}
          onChange={(event) => setForce(event.currentTarget.checked)}
        />
      )}
    </Ask>
  );
}
