import { Anchor } from "@mantine/core";
import { createRootRoute, createRoute, createRouter, Link } from "@tanstack/react-router";
import { base } from "./api/client";
import { pages } from "./pages";
import { Empty } from "./parts/States";
import { Door } from "./shell/Door";

const root = createRootRoute({
  component: Door,
  notFoundComponent: () => (
    <Empty title="There is no such page">
      <Anchor component={Link} to="/" inherit>
        Go to the overview
      </Anchor>
    </Empty>
  ),
});

const routes = pages.map((page) =>
  createRoute({
    getParentRoute: () => root,
    path: page.path,
    component: page.view,
    validateSearch: (search: Record<string, unknown>) => search,
  }),
);

export const router = createRouter({
  routeTree: root.addChildren(routes),
  basepath: base || "/",
  defaultPreload: "intent",
});
