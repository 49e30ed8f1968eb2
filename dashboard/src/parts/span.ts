/** Lengths of time in words. */
const units: readonly [string, number][] = [
  ["y", 31_557_600],
  ["d", 86_400],
  ["h", 3_600],
  ["min", 60],
  ["s", 1],
];

/** Return seconds in their two largest units: 3 d 4 h. Below ten seconds, with a decimal. */
export function span(seconds: number | null | undefined): string {
  if (seconds === null || seconds === undefined || !Number.isFinite(seconds)) return "–";
  if (seconds < 0) return `−${span(-seconds)}`;
  if (seconds < 1) return `${Math.round(seconds * 1000)} ms`;
  if (seconds < 10) return `${seconds.toFixed(1).replace(/\.0$/, "")} s`;
  let left = Math.round(seconds);
  const parts: string[] = [];
  for (const [unit, size] of units) {
    const count = Math.floor(left / size);
    if (count > 0) {
      parts.push(`${count} ${unit}`);
      left -= count * size;
    } else if (parts.length > 0) break;
    if (parts.length === 2) break;
  }
  return parts.join(" ");
}

/** Return how long ago a moment (UTC nanoseconds) was. */
export function ago(ns: number | null | undefined, nowMs = Date.now()): string {
  if (!ns) return "–";
  return `${span(Math.max(nowMs - ns / 1e6, 0) / 1000)} ago`;
}
