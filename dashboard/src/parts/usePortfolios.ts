import { useTopic } from "../push/useTopic";
import { portfoliosOf } from "./portfolios";

/** Return the portfolios of the desk, undefined until it has told of any. */
export function usePortfolios(): string[] | undefined {
  const holdings = useTopic("portfolio");
  return holdings && portfoliosOf(holdings);
}
