/** The portfolios of the desk: whose money an order trades, and whose profit it makes. */

export const MAIN = "main"; // always there
const EXTERNAL = "external"; // what nobody ordered here

/** Return every portfolio that is declared or has anything in it, the main one first. */
export function portfoliosOf(holdings: {
  declared: readonly string[];
  portfolios: readonly { portfolio: string }[];
}): string[] {
  const found = new Set([...holdings.declared, ...holdings.portfolios.map((row) => row.portfolio)]);
  for (const name of [MAIN, EXTERNAL, ""]) found.delete(name);
  return [MAIN, ...[...found].sort()];
}

/** Return the one an order belongs to: the one chosen before, unless the desk has it no more.
 * While the desk has not said which it has, nobody's choice is changed. */
export function portfolioOf(known: readonly string[] | undefined, chosen: string): string {
  return known && !known.includes(chosen) ? MAIN : chosen;
}
