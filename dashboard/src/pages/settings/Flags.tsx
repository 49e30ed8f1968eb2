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

function One({ flag }: { flag: Flag }) {
  const may = useMay("admin");
  const deed = useDeed(
    (value: boolean | string | null) =>
      told(
        api.PUT("/api/v1/flags/{name}", {
          params: { path: { name: flag.name } },
          body: { value },
        }),
      ),
    { done: `${title(flag.name)} is switched`, renews: ["flags", "audit"] },
  );
  if (typeof flag.value === "boolean") {
    return (
      <Switch
        label={title(flag.name)}
        description={flag.help}
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
  const now = flag.value === null ? "" : String(flag.value);
  const [typed, setTyped] = useState(now);
  return (
    <Group align="flex-end" gap="xs">
      <TextInput
        label={title(flag.name)}
        description={flag.help}
        placeholder="none"
        inputMode="decimal"
        disabled={!may}
        value={typed}
        onChange={(event) => setTyped(event.currentTarget.value.trim())}
      />
      <Button
        size="sm"
        variant="light"
        loading={busy}
        disabled={!may || typed === now}
        onClick={() => onSet(typed === "" ? null : typed)}
      >
        Set
      </Button>
    </Group>
  );
}

function title(name: string): string {
  const words = name.replaceAll("_", " ");
  return words.charAt(0).toUpperCase() + words.slice(1);
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
