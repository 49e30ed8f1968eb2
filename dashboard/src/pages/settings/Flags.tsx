/** What the desk is allowed to do, switched while it runs; and who switched it. */
import { Button, Group, Stack, Switch, Text, TextInput } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { api, told } from "../../api/client";
import { useMay } from "../../api/session";
import { type Flag, useFlags } from "../../parts/flags";
import { Moment } from "../../parts/Num";
import { Panel } from "../../parts/Panel";
import { Asked, Empty } from "../../parts/States";
import { useDeed } from "../../parts/useDeed";
import { isPositive } from "../trade/decimal";
import { switchOf } from "./switches";

const NEWEST = 30;

export function Flags() {
  const query = useFlags();
  return (
    <Stack gap="xs">
      <Panel title="Switches" padded>
        <Asked query={query} lines={6}>
          {(flags) => (
            <Stack gap="md">
              {flags.map((flag) => (
                <One key={flag.name} flag={flag} />
              ))}
            </Stack>
          )}
        </Asked>
      </Panel>
      <History />
    </Stack>
  );
}

function settingOf(value: Flag["value"]): string {
  if (typeof value === "boolean") return value ? "on" : "off";
  return value === null ? "no limit of its own" : String(value);
}

function One({ flag }: { flag: Flag }) {
  const may = useMay("admin");
  const words = switchOf(flag.name, flag.help);
  const deed = useDeed(
    (value: boolean | string | null) =>
      told(
        api.PUT("/api/v1/flags/{name}", {
          params: { path: { name: flag.name } },
          body: { value },
        }),
      ),
    {
      done: (flags) => {
        const now = flags.find(({ name }) => name === flag.name);
        return `${words.title}: ${settingOf(now?.value ?? null)}`;
      },
      renews: ["flags", "audit"],
    },
  );
  if (typeof flag.value === "boolean") {
    return (
      <Switch
        label={words.title}
        description={
          <>
            <Effect word="On" is={flag.value} says={words.on} />
            <Effect word="Off" is={!flag.value} says={words.off} />
          </>
        }
        checked={flag.value}
        disabled={!may || deed.busy}
        onChange={(event) => void deed.run(event.currentTarget.checked)}
      />
    );
  }
  return (
    <Amount key={flag.value ?? "none"} flag={flag} may={may} busy={deed.busy} onSet={deed.run} />
  );
}

function Amount({
  flag,
  may,
  busy,
  onSet,
}: {
  flag: Flag;
  may: boolean;
  busy: boolean;
  onSet: (value: string | null) => void;
}) {
  const words = switchOf(flag.name, flag.help);
  const now = flag.value === null ? "" : String(flag.value);
  const [typed, setTyped] = useState(now);
  const isWrong = typed !== "" && !isPositive(typed);
  return (
    <Group align="flex-end" gap="xs">
      <TextInput
        label={words.title}
        description={words.on}
        placeholder="none"
        inputMode="decimal"
        disabled={!may}
        value={typed}
        error={isWrong ? "a number above 0, like 5000; empty for none" : null}
        onChange={(event) => setTyped(event.currentTarget.value.trim())}
      />
      <Button
        size="sm"
        variant="light"
        loading={busy}
        disabled={!may || typed === now || isWrong}
        onClick={() => onSet(typed === "" ? null : typed)}
      >
        Set
      </Button>
    </Group>
  );
}

/** What a switch does that way round; of the two, the one that holds stands out. */
function Effect({ word, is, says }: { word: string; is: boolean; says: string }) {
  if (!says) return null;
  return (
    <span
      style={{
        display: "block",
        ...(is && { color: "var(--mantine-color-text)" }),
      }}
    >
      {word}: {says}
    </span>
  );
}

/** The journal's own word on every switch, so that nothing is told twice and differently. */
function History() {
  const query = useQuery({
    queryKey: ["audit", "flags"],
    queryFn: () =>
      told(api.GET("/api/v1/audit", { params: { query: { kinds: ["flag_set"], limit: NEWEST } } })),
  });
  return (
    <Panel title="Who switched what" padded>
      <Asked query={query} lines={3}>
        {(page) =>
          page.entries.length === 0 ? (
            <Empty title="Nobody has switched anything" />
          ) : (
            <Stack gap={4}>
              {page.entries.map((entry) => (
                <Text key={entry.sequence} size="sm">
                  <Moment ns={entry.at} withDate /> {entry.words}
                </Text>
              ))}
            </Stack>
          )
        }
      </Asked>
    </Panel>
  );
}
