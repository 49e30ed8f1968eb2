import { AppShell, Burger, Group, Text, Tooltip, UnstyledButton } from "@mantine/core";
import { useDisclosure, useMediaQuery } from "@mantine/hooks";
import { Link, Outlet, useRouterState } from "@tanstack/react-router";
import { Suspense } from "react";
import { pages } from "../pages";
import { Waiting } from "../parts/States";
import { Header } from "./Header";
import { useKeys } from "./keys";
import classes from "./Shell.module.css";

export function Shell() {
  const [opened, { toggle, close }] = useDisclosure(false);
  const here = useRouterState({ select: (state) => state.location.pathname });
  const isPhone = useMediaQuery("(max-width: 48em)") ?? false;
  useKeys();

  return (
    <AppShell
      header={{ height: 48 }}
      navbar={{ width: 168, breakpoint: "sm", collapsed: { mobile: !opened } }}
      footer={{ height: isPhone ? 54 : 0, collapsed: !isPhone }}
      padding="xs"
    >
      <AppShell.Header className={classes.header}>
        <Burger opened={opened} onClick={toggle} hiddenFrom="sm" size="sm" aria-label="Pages" />
        <Header />
      </AppShell.Header>
      <AppShell.Navbar className={classes.rail} aria-label="Pages">
        {pages.map((page) => (
          <Tooltip key={page.path} label={`g then ${page.letter}`} position="right" openDelay={600}>
            <UnstyledButton
              component={Link}
              to={page.path}
              onClick={close}
              className={classes.link ?? ""}
              data-active={here === page.path || undefined}
              aria-current={here === page.path ? "page" : undefined}
            >
              <page.icon size={18} stroke={1.6} />
              <Text size="sm">{page.title}</Text>
            </UnstyledButton>
          </Tooltip>
        ))}
      </AppShell.Navbar>
      <AppShell.Main className={classes.main}>
        <Suspense fallback={<Waiting lines={8} />}>
          <Outlet />
        </Suspense>
      </AppShell.Main>
      {isPhone && (
        <AppShell.Footer className={classes.bar}>
          <Group justify="space-around" h="100%" gap={0} wrap="nowrap">
            {pages
              .filter((page) => page.onPhone)
              .map((page) => (
                <UnstyledButton
                  key={page.path}
                  component={Link}
                  to={page.path}
                  className={classes.stop ?? ""}
                  data-active={here === page.path || undefined}
                  aria-current={here === page.path ? "page" : undefined}
                >
                  <page.icon size={20} stroke={1.6} />
                  {page.title}
                </UnstyledButton>
              ))}
          </Group>
        </AppShell.Footer>
      )}
    </AppShell>
  );
}
