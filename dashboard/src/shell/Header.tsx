/** Always in sight: what desk this is, whether money is real, whether anything is wrong. */
import {
  ActionIcon,
  Button,
  Group,
  Menu,
  Text,
  Tooltip,
  useComputedColorScheme,
  useMantineColorScheme,
} from "@mantine/core";
import {
  IconKeyboard,
  IconLogout,
  IconMoon,
  IconPower,
  IconSun,
  IconUser,
} from "@tabler/icons-react";
import { useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { api } from "../api/client";
import { useMay, useSession } from "../api/session";
import { Signed } from "../parts/Num";
import { useSinceToday } from "../parts/useDay";
import { useLine, useTopic } from "../push/useTopic";
import { KeysHelp } from "./KeysHelp";
import { KillSwitch } from "./KillSwitch";
import { useKey } from "./keys";
import classes from "./Shell.module.css";

export function Header() {
  const session = useSession();
  const status = useTopic("status");
  const doubts = useTopic("doubts");
  const portfolio = useTopic("portfolio");
  const mode = String(status?.mode ?? session.mode ?? "");
  const killed = Boolean(status?.killed);
  const since = useSinceToday();

  return (
    <Group justify="space-between" wrap="nowrap" flex={1} gap="sm" miw={0}>
      <div className={classes.status}>
        {mode && (
          <span
            className={`mode ${mode === "live" ? "mode-live" : "mode-paper"}`}
            data-testid="mode"
          >
            {mode.toUpperCase()}
          </span>
        )}
        <Text size="sm" fw={600} truncate className={classes.desk ?? ""}>
          {String(status?.desk ?? session.desk ?? "no desk")}
        </Text>
        <Line />
        {killed && <span className="mode mode-live">KILLED</span>}
        {doubts && doubts.length > 0 && (
          <Text size="sm" className="warn">
            ? {doubts.length} in doubt
          </Text>
        )}
      </div>
      <Group gap="xs" wrap="nowrap">
        <Text
          size="sm"
          visibleFrom="sm"
          component="div"
          title={`change of equity of all accounts, ${since || "since the UTC day began"}`}
        >
          <span className="faint">today</span>{" "}
          <Signed value={portfolio?.day_pnl ?? null} unit={portfolio?.currency ?? ""} />
        </Text>
        <Kill killed={killed} />
        <Scheme />
        <Person />
      </Group>
    </Group>
  );
}

function Line() {
  const line = useLine();
  const desk = useTopic("desk");
  const isAway = line === "live" && desk?.is_connected === false;
  const words = {
    live: ["●", "up", "live"],
    connecting: ["◌", "warn", "connecting"],
    lost: ["○", "down", "not connected: what you see is not fresh"],
    "desk away": ["○", "down", `the desk does not answer: ${desk?.words ?? ""}`],
  } as const;
  const standing = isAway ? "desk away" : line;
  const [mark, name, why] = words[standing];
  return (
    <Tooltip label={why} multiline maw={360}>
      <Text
        size="xs"
        className={name}
        data-testid="line"
        role="status"
        aria-label={why}
        style={{ whiteSpace: "nowrap" }}
      >
        {mark}
        {standing !== "live" && ` ${standing}`}
      </Text>
    </Tooltip>
  );
}

function Kill({ killed }: { killed: boolean }) {
  const [opened, setOpened] = useState(false);
  const may = useMay(killed ? "risk" : "trader");
  return (
    <>
      <Button
        size="compact-sm"
        color={killed ? "red" : "red.8"}
        variant={killed ? "outline" : "filled"}
        leftSection={<IconPower size={14} />}
        onClick={() => setOpened(true)}
        disabled={!may}
      >
        {killed ? "Release" : "Kill"}
      </Button>
      <KillSwitch opened={opened} killed={killed} onClose={() => setOpened(false)} />
    </>
  );
}

function Scheme() {
  const { setColorScheme } = useMantineColorScheme();
  const dark = useComputedColorScheme("dark") === "dark";
  return (
    <ActionIcon
      variant="subtle"
      color="gray"
      aria-label={dark ? "Light theme" : "Dark theme"}
      onClick={() => setColorScheme(dark ? "light" : "dark")}
      visibleFrom="xs"
    >
      {dark ? <IconSun size={17} /> : <IconMoon size={17} />}
    </ActionIcon>
  );
}

function Person() {
  const session = useSession();
  const queries = useQueryClient();
  const [keys, setKeys] = useState(false);
  useKey("?", () => setKeys(true));

  async function leave() {
    await api.POST("/api/v1/session/sign-out");
    queries.clear();
    window.location.reload();
  }

  return (
    <>
      <Menu position="bottom-end" withArrow>
        <Menu.Target>
          <ActionIcon variant="subtle" color="gray" aria-label="You">
            <IconUser size={17} />
          </ActionIcon>
        </Menu.Target>
        <Menu.Dropdown>
          <Menu.Label>
            {session.user} ({session.role})
          </Menu.Label>
          <Menu.Item leftSection={<IconKeyboard size={15} />} onClick={() => setKeys(true)}>
            Keys
          </Menu.Item>
          <Menu.Item leftSection={<IconLogout size={15} />} onClick={() => void leave()}>
            Sign out
          </Menu.Item>
        </Menu.Dropdown>
      </Menu>
      <KeysHelp opened={keys} onClose={() => setKeys(false)} />
    </>
  );
}
