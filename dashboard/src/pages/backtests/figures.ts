/** Figures of a run as people read them, and which of several is best. */
import { grouped } from "../../parts/Num";
import { span } from "../../parts/span";

type Unit = "share" | "ratio" | "money" | "time" | "count";
type Kind = readonly [label: string, unit: Unit, lowIsBest?: boolean];

const figures: Readonly<Record<string, Kind>> = {
  total_return: ["Total return", "share"],
  pnl: ["Profit", "money"],
  cagr: ["Yearly growth", "share"],
  sharpe: ["Sharpe", "ratio"],
  sortino: ["Sortino", "ratio"],
  calmar: ["Calmar", "ratio"],
  volatility: ["Volatility", "share", true],
  max_drawdown: ["Max drawdown", "share", true],
  max_drawdown_duration_ns: ["Longest drawdown", "time", true],
  trades: ["Closed trades", "count"],
  win_rate: ["Win rate", "share"],
  profit_factor: ["Profit factor", "ratio"],
  expectancy: ["Expectancy", "money"],
  average_win: ["Average win", "money"],
  average_loss: ["Average loss", "money"],
  best: ["Best trade", "money"],
  worst: ["Worst trade", "money"],
  average_duration_ns: ["Average time in trade", "time", true],
  time_in_market: ["Time in market", "share", true],
  average_exposure: ["Average exposure", "share", true],
  var_95: ["Value at risk 95 %", "share", true],
  cvar_95: ["Expected shortfall 95 %", "share", true],
  skew: ["Skew", "ratio"],
  kurtosis: ["Kurtosis", "ratio", true],
  fees: ["Fees", "money", true],
  orders: ["Orders", "count", true],
  fills: ["Fills", "count", true],
  refused: ["Refused", "count", true],
  returns: ["Returns counted", "count"],
  periods_per_year: ["Periods per year", "ratio"],
};

/** Figures of which neither more nor less is better. */
const even = new Set([
  "orders",
  "fills",
  "trades",
  "returns",
  "periods_per_year",
  "time_in_market",
  "average_exposure",
  "average_duration_ns",
  "skew",
  "kurtosis",
]);

const order = Object.keys(figures);

/** Those that say most, for a row of large numbers. */
export const foremost = ["total_return", "sharpe", "max_drawdown", "trades", "win_rate", "fees"];

function kindOf(name: string): Kind {
  return (
    figures[name] ?? [name.charAt(0).toUpperCase() + name.slice(1).replaceAll("_", " "), "ratio"]
  );
}

export function labelOf(name: string): string {
  return kindOf(name)[0];
}

/** Return a figure in words; "–" for one that is not defined for its run. */
export function shown(name: string, value: unknown): string {
  if (value === null || value === undefined || value === "") return "–";
  const number = Number(value);
  if (!Number.isFinite(number)) return typeof value === "string" ? value : "–";
  switch (kindOf(name)[1]) {
    case "share":
      return `${grouped(number * 100, 2, 2)} %`;
    case "money":
      return grouped(number, Math.abs(number) >= 1 || number === 0 ? 2 : 6, 2);
    case "time":
      return span(number / 1e9);
    case "count":
      return grouped(number, 0);
    default:
      return grouped(number, 2, 2);
  }
}

/** Return names in the order that a reader expects, unknown ones last. */
export function ordered(names: Iterable<string>): string[] {
  const rank = (name: string) => {
    const at = order.indexOf(name);
    return at < 0 ? order.length : at;
  };
  return [...names].sort((one, other) => rank(one) - rank(other) || one.localeCompare(other));
}

/** Return which of some values is best; -1 where none is, or all are the same. */
export function bestOf(name: string, values: readonly unknown[]): number {
  if (even.has(name)) return -1;
  const numbers = values.map((value) =>
    value === null || value === undefined || value === "" ? Number.NaN : Number(value),
  );
  const known = numbers.filter((value) => Number.isFinite(value));
  if (known.length < 2 || new Set(known).size < 2) return -1;
  const kind = kindOf(name);
  // How deep it fell is told as a share below: nearer to nothing is better, whatever its sign.
  const better = kind[2] ? Math.min(...known.map(Math.abs)) : Math.max(...known);
  return numbers.findIndex((value) => (kind[2] ? Math.abs(value) : value) === better);
}

/** Return a curve as growth in percent since its first point, so that several compare. */
export function growth(equity: readonly (readonly number[])[]): [number, number][] {
  const first = equity[0]?.[1];
  if (!first) return [];
  return equity.map((point) => [point[0] ?? 0, ((point[1] ?? first) / first - 1) * 100]);
}
