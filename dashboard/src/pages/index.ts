/** Every page, in the order of the rail. A new page is one entry here and one folder. */
import {
  IconAdjustments,
  IconArrowsExchange,
  IconBroadcast,
  IconBuildingBank,
  IconChartCandle,
  IconDatabase,
  IconFlask,
  IconGauge,
  IconHistory,
  IconRobot,
  IconShieldExclamation,
} from "@tabler/icons-react";
import { type ComponentType, type LazyExoticComponent, lazy, type ReactNode } from "react";

export type Page = {
  path: string;
  title: string;
  /** Pressed after g, goes there. */
  letter: string;
  icon: ComponentType<{ size?: number; stroke?: number }>;
  view: LazyExoticComponent<() => ReactNode>;
  /** Also in the bar at the bottom of a phone. */
  onPhone?: boolean;
};

export const pages: readonly Page[] = [
  {
    path: "/",
    title: "Overview",
    letter: "o",
    icon: IconGauge,
    view: lazy(() => import("./overview/Overview")),
    onPhone: true,
  },
  {
    path: "/trade",
    title: "Trade",
    letter: "t",
    icon: IconChartCandle,
    view: lazy(() => import("./trade/Trade")),
    onPhone: true,
  },
  {
    path: "/signals",
    title: "Signals",
    letter: "s",
    icon: IconArrowsExchange,
    view: lazy(() => import("./signals/Signals")),
  },
  {
    path: "/venues",
    title: "Venues",
    letter: "v",
    icon: IconBuildingBank,
    view: lazy(() => import("./venues/Venues")),
  },
  {
    path: "/strategies",
    title: "Strategies",
    letter: "y",
    icon: IconRobot,
    view: lazy(() => import("./strategies/Strategies")),
  },
  {
    path: "/backtests",
    title: "Backtests",
    letter: "b",
    icon: IconFlask,
    view: lazy(() => import("./backtests/Backtests")),
  },
  {
    path: "/risk",
    title: "Risk",
    letter: "r",
    icon: IconShieldExclamation,
    view: lazy(() => import("./risk/Risk")),
    onPhone: true,
  },
  {
    path: "/data",
    title: "Data",
    letter: "d",
    icon: IconDatabase,
    view: lazy(() => import("./data/Data")),
  },
  {
    path: "/platforms",
    title: "Platforms",
    letter: "p",
    icon: IconBroadcast,
    view: lazy(() => import("./platforms/Platforms")),
  },
  {
    path: "/audit",
    title: "Audit",
    letter: "a",
    icon: IconHistory,
    view: lazy(() => import("./audit/Audit")),
  },
  {
    path: "/settings",
    title: "Settings",
    letter: "e",
    icon: IconAdjustments,
    view: lazy(() => import("./settings/Settings")),
  },
];
