/** What can be done with one strategy: the likeliest as a button, the rest in a menu. */
import { ActionIcon, Button, Group, Menu, Text } from "@mantine/core";
import {
  IconDots,
  IconPlayerPause,
  IconPlayerPlay,
  IconPlayerStop,
  IconTrash,
} from "@tabler/icons-react";
import { useState } from "react";
import { api, told } from "../../api/client";
import { useMay } from "../../api/session";
import { Ask } from "../../parts/Ask";
import { useDeed } from "../../parts/useDeed";
import { type Action, actionsOf, type Row } from "./rows";

const icons = {
  start: IconPlayerPlay,
  resume: IconPlayerPlay,
  pause: IconPlayerPause,
  stop: IconPlayerStop,
  remove: IconTrash,
};
const done: Record<Action, string> = {
  start: "runs",
  resume: "runs again",
  pause: "is paused: it follows its orders and opens nothing",
  stop: "is stopped",
  remove: "is removed",
};

export function Steering({ row }: { row: Row }) {
  const may = useMay("trader");
  const [asking, setAsking] = useState<Action | null>(null);
  const deed = useDeed(
    (action: Action) =>
      told(
        api.POST("/api/v1/strategies/{name}/{action}", {
          params: { path: { name: row.name, action } },
        }),
      ).then(() => action),
    { done: (action) => `${row.name} ${done[action]}`, renews: ["strategies"] },
  );
  const [first, ...rest] = actionsOf(row.state);
  if (!may || !first) return null;
  const Icon = icons[first];
  const choose = (action: Action) =>
    action === "stop" || action === "remove" ? setAsking(action) : void deed.run(action);
  return (
    <>
      <Group gap={4} wrap="nowrap" justify="flex-end" onClick={(event) => event.stopPropagation()}>
        <Button
          size="compact-xs"
          variant="light"
          leftSection={<Icon size={13} />}
          loading={deed.busy}
          aria-label={`${first} ${row.name}`}
          onClick={() => choose(first)}
        >
          {first}
        </Button>
        <Menu position="bottom-end" withArrow>
          <Menu.Target>
            <ActionIcon variant="subtle" color="gray" aria-label={`more for ${row.name}`}>
              <IconDots size={15} />
            </ActionIcon>
          </Menu.Target>
          <Menu.Dropdown>
            {rest.map((action) => {
              const Mark = icons[action];
              return (
                <Menu.Item
                  key={action}
                  leftSection={<Mark size={14} />}
                  {...(action === "remove" ? { color: "red" } : {})}
                  onClick={() => choose(action)}
                >
                  {action}
                </Menu.Item>
              );
            })}
          </Menu.Dropdown>
        </Menu>
      </Group>
      <Ask
        opened={asking !== null}
        title={`${asking ?? ""} ${row.name}`}
        deed={asking ?? ""}
        color="red"
        busy={deed.busy}
        onYes={() => {
          if (asking) void deed.run(asking).then((ok) => ok && setAsking(null));
        }}
        onClose={() => setAsking(null)}
      >
        <Text size="sm">
          Its open orders ({row.orders}) and positions ({row.positions.length}) stay as they are.
          Cancel and close them where you want them gone.
        </Text>
        {asking === "remove" && (
          <Text size="sm">How it was set up is forgotten; what it did stays in the journal.</Text>
        )}
      </Ask>
    </>
  );
}
