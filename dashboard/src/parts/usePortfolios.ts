import type { Shapes } from "../api/client";
import { useTopic } from "../push/useTopic";
import { portfoliosOf } from "./portfolios";

/** Return the portfolios of the desk, undefined until it has told of any. */
export function usePortfolios(): string[] | undefined {
  const holdings = useTopic("portfolio");
  const strategies: readonly Shapes["Strategy"][] = useTopic("strategies") ?? [];
  const risk = useTopic("risk");
  return holdings && portfoliosOf(holdings.portfolios, strategies, risk?.limits ?? []);
}
