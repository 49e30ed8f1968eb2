/** A webhook as it is typed in, and what a charting service is to send to it. */
import type { Shapes } from "../../api/client";
import { DAY_S } from "../../parts/day";
import { type Field, fault, fieldOf } from "../../parts/form";
import { MAIN } from "../../parts/portfolios";

export type Webhook = Shapes["Webhook"];

export type Draft = {
  name: string;
  strategy: string;
  portfolio: string;
  account: string;
  symbols: readonly string[];
  mostQuantity: string;
  horizonS: string;
  windowS: string;
};

export const blank: Draft = {
  name: "",
  strategy: "webhook",
  portfolio: MAIN,
  account: "",
  symbols: [],
  mostQuantity: "",
  horizonS: "3600",
  windowS: "60",
};

const YEAR_S = 31_536_000;
const seconds = (name: string, most: number): Field =>
  fieldOf({ name, type: "float", required: true, least: 1, most });
const horizon = seconds("horizon", YEAR_S);
const period = seconds("window", DAY_S);
const STRATEGY = /^[a-z0-9][a-z0-9_-]{0,30}$/;
const BY_HAND = "manual";
const AMOUNT = /^\d{1,30}(\.\d{1,30})?$/;

export type Faults = Partial<Record<keyof Draft, string>>;

/** Return what is wrong with what was typed, by field. */
export function faultsOf(draft: Draft): Faults {
  const found: Faults = {};
  if (draft.name.trim() === "") found.name = "is needed";
  if (!STRATEGY.test(draft.strategy)) {
    found.strategy = "has lower-case letters, digits, - and _, 31 at most";
  } else if (draft.strategy === BY_HAND) {
    found.strategy = "is not manual: that is for orders placed by hand";
  }
  const most = draft.mostQuantity.trim();
  if (most !== "" && !(AMOUNT.test(most) && Number(most) > 0)) {
    found.mostQuantity = "is more than 0, like 0.5";
  }
  const [horizonFault, periodFault] = [
    fault(horizon, draft.horizonS),
    fault(period, draft.windowS),
  ];
  if (horizonFault) found.horizonS = horizonFault;
  if (periodFault) found.windowS = periodFault;
  return found;
}

/** Return what is asked for; the quantity stays text, so that no digit is lost. */
export function askedOf(draft: Draft): Shapes["NewWebhook"] {
  return {
    name: draft.name.trim(),
    strategy: draft.strategy,
    portfolio: draft.portfolio,
    account: draft.account,
    symbols: [...draft.symbols],
    most_quantity: draft.mostQuantity.trim() || null,
    horizon_s: Number(draft.horizonS),
    window_s: Number(draft.windowS),
  };
}

/** What TradingView fills in itself stands in double braces. */
export const MESSAGE = JSON.stringify(
  {
    ticker: "{{ticker}}",
    action: "{{strategy.order.action}}",
    quantity: "{{strategy.order.contracts}}",
    price: "{{close}}",
    market_position: "{{strategy.market_position}}",
    id: "{{strategy.order.id}} {{timenow}}",
  },
  null,
  1,
);

/** Tell whether a page at this host is on a machine that nobody else can reach by that name. */
export function isHere(hostname: string): boolean {
  return /^(localhost|127(\.\d+){3}|\[?::1\]?)$/.test(hostname);
}
