/** Numbers as traders read them: grouped, aligned, signed where the sign matters. */
import { Text } from "@mantine/core";

type Value = string | number | null | undefined;

const NOTHING = "–";

/** Return a decimal text with groups of three, to at most `places` decimals; no digit is
 * made up, and one that is cut off is cut, not rounded up into a larger number. */
export function grouped(value: Value, places = 8, least = 0): string {
  if (value === null || value === undefined || value === "") return NOTHING;
  const text = typeof value === "number" ? plain(value, places) : value;
  const [, sign = "", whole = "0", part = ""] = /^(-?)(\d+)(?:\.(\d+))?/.exec(text) ?? [];
  if (!/^-?\d/.test(text)) return text;
  let kept = part.slice(0, places).replace(/0+$/, "");
  while (kept.length < least) kept += "0";
  const groups = whole.replace(/\B(?=(\d{3})+(?!\d))/g, "\u2009");
  return `${sign ? "\u2212" : ""}${groups}${kept ? `.${kept}` : ""}`;
}

function plain(value: number, places: number): string {
  if (!Number.isFinite(value)) return NOTHING;
  return value.toFixed(Math.min(places, 12));
}

/** An amount or a price. */
export function Num({
  value,
  places = 8,
  least = 0,
}: {
  value: Value;
  places?: number;
  least?: number;
}) {
  return <span className="number">{grouped(value, places, least)}</span>;
}

/** Profit or loss: colour, sign and arrow say the same. */
export function Signed({
  value,
  places = 2,
  unit = "",
  size,
}: {
  value: Value;
  places?: number;
  unit?: string;
  size?: string;
}) {
  const number = value === null || value === undefined || value === "" ? null : Number(value);
  if (number === null || Number.isNaN(number))
    return <span className="number faint">{NOTHING}</span>;
  const name = number > 0 ? "up" : number < 0 ? "down" : "faint";
  const mark = number > 0 ? "▲ +" : number < 0 ? "▼ " : "";
  return (
    <Text component="span" className={`number ${name}`} {...(size ? { size } : { inherit: true })}>
      {mark}
      {grouped(value, places, places)}
      {unit && <span className="faint"> {unit}</span>}
    </Text>
  );
}

export function Percent({
  value,
  places = 1,
}: {
  value: number | null | undefined;
  places?: number;
}) {
  if (value === null || value === undefined) return <span className="number faint">{NOTHING}</span>;
  return <span className="number">{grouped(value * 100, places, places)} %</span>;
}

/** Return a moment, UTC nanoseconds, in the reader's own clock. */
export function moment(ns: number | null | undefined, withDate = false): string {
  if (ns === null || ns === undefined) return NOTHING;
  const date = new Date(ns / 1e6);
  const time = date.toLocaleTimeString(undefined, { hourCycle: "h23" });
  return withDate ? `${date.toLocaleDateString()} ${time}` : time;
}

export function Moment({
  ns,
  withDate = false,
}: {
  ns: number | null | undefined;
  withDate?: boolean;
}) {
  if (ns === null || ns === undefined) return <span className="faint">{NOTHING}</span>;
  const exact = new Date(ns / 1e6).toISOString();
  return (
    <time className="number" dateTime={exact} title={exact}>
      {moment(ns, withDate)}
    </time>
  );
}
