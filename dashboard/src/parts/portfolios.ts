/** The portfolios of the desk: whose money an order trades, and whose profit it makes. */

export const MAIN = "main"; // always there
const EXTERNAL = "external"; // what nobody ordered here
const SCOPE = "portfolio:";

/** Return every portfolio that something belongs to or is bound by, the main one first. */
export function portfoliosOf(
  holdings: readonly { portfolio: string }[],
  strategies: readonly { portfolio: string }[],
  limits: readonly { scope: string }[],
): string[] {
  const found = new Set([...holdings, ...strategies].map((row) => row.portfolio));
  for (const { scope } of limits) {
    if (scope.startsWith(SCOPE)) found.add(scope.slice(SCOPE.length));
  }
  for (const name of [MAIN, EXTERNAL, ""]) found.delete(name);
  return [MAIN, ...[...found].sort()];
}

/** Return the one an order belongs to: the one chosen before, unless the desk has it no more.
 * While the desk has not said which it has, nobody's choice is changed. */
export function portfolioOf(known: readonly string[] | undefined, chosen: string): string {
  return known && !known.includes(chosen) ? MAIN : chosen;
}
