/** All that is known of one venue, each fact with where it is from. */
import { Alert, Anchor, Badge, Button, Drawer, Group, Stack, Text } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { api, told } from "../../api/client";
import { useMay } from "../../api/session";
import { Facts, plain } from "../../parts/Facts";
import { Standing } from "../../parts/Standing";
import { Asked } from "../../parts/States";
import { Tier } from "../../parts/Tier";
import { words } from "./Catalogue";
import type { Entry } from "./catalogue";

export function Venue({
  id,
  onClose,
  onConnect,
  onVenue,
}: {
  id: string;
  onClose: () => void;
  onConnect: (adapter: string) => void;
  onVenue: (id: string) => void;
}) {
  const query = useQuery({
    queryKey: ["catalogue", id],
    queryFn: () => told(api.GET("/api/v1/catalogue/{name}", { params: { path: { name: id } } })),
    enabled: id !== "",
  });
  return (
    <Drawer
      opened={id !== ""}
      onClose={onClose}
      position="right"
      size="lg"
      title={query.data?.name ?? id}
    >
      <Asked query={query} lines={10}>
        {(entry) => <Known entry={entry} onConnect={onConnect} onVenue={onVenue} />}
      </Asked>
    </Drawer>
  );
}

function Known({
  entry,
  onConnect,
  onVenue,
}: {
  entry: Entry;
  onConnect: (adapter: string) => void;
  onVenue: (id: string) => void;
}) {
  const may = useMay("admin");
  return (
    <Stack gap="md">
      <Group gap="xs">
        <Standing word={entry.status} />
        <Text size="sm">{words(entry.kind)}</Text>
        {entry.tier && (
          <Badge variant="outline" tt="none">
            <Tier tier={entry.tier} />
          </Badge>
        )}
        {entry.asset_classes.map((asset) => (
          <Badge key={asset} variant="light" color="gray" tt="none">
            {asset}
          </Badge>
        ))}
      </Group>
      {entry.status !== "open" && (entry.why || entry.successor || entry.advice) && (
        <Alert
          color="yellow"
          title={`${entry.name} is ${entry.status}${entry.since ? ` since ${entry.since}` : ""}`}
        >
          {entry.why && <Text size="sm">{sentence(entry.why)}</Text>}
          {entry.advice && <Text size="sm">{sentence(entry.advice)}</Text>}
          {entry.successor && (
            <Anchor
              component="button"
              type="button"
              size="sm"
              onClick={() => onVenue(entry.successor)}
            >
              {entry.successor} came after it
            </Anchor>
          )}
        </Alert>
      )}
      {entry.adapters.length > 0 && (
        <Group gap="xs">
          {entry.adapters.map((adapter) => (
            <Button
              key={adapter}
              size="compact-sm"
              disabled={!may}
              onClick={() => onConnect(adapter)}
            >
              Connect by {adapter}
            </Button>
          ))}
        </Group>
      )}
      {entry.aliases.length > 0 && <Facts facts={[["also called", entry.aliases.join(", ")]]} />}
      <Facts
        facts={entry.facts
          .filter((fact) => fact.fact !== "status")
          .map((fact) => [words(String(fact.fact)), <Told key="fact" fact={fact} />])}
      />
    </Stack>
  );
}

function Told({ fact }: { fact: Record<string, unknown> }) {
  const source = String(fact.source ?? "");
  return (
    <>
      {Array.isArray(fact.value) ? (
        fact.value.map((each) => <div key={plain(each)}>{plain(each)}</div>)
      ) : (
        <div>{plain(fact.value)}</div>
      )}
      <Text size="xs" className="faint">
        {/^https?:/.test(source) ? (
          <Anchor href={source} target="_blank" rel="noreferrer" size="xs">
            {new URL(source).host}
          </Anchor>
        ) : (
          source
        )}{" "}
        {String(fact.day ?? "")}
      </Text>
    </>
  );
}

function sentence(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
