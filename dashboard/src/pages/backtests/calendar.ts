/** Profit by day laid out as a calendar: a month is rows of weeks, Monday first. */
export type Day = { date: string; day: number; pnl: number | null };
export type Month = { name: string; weeks: (Day | null)[][]; pnl: number };

const DAY_MS = 86_400_000;

/** Return every month from the first day to the last, days without a result among them. */
export function months(days: Readonly<Record<string, number>>): Month[] {
  const dates = Object.keys(days).sort();
  const first = dates[0];
  const last = dates.at(-1);
  if (!first || !last) return [];
  const found: Month[] = [];
  let [year, month] = [Number(first.slice(0, 4)), Number(first.slice(5, 7))];
  while (nameOf(year, month) <= last.slice(0, 7)) {
    found.push(monthOf(year, month, days));
    [year, month] = month === 12 ? [year + 1, 1] : [year, month + 1];
  }
  return found;
}

function nameOf(year: number, month: number): string {
  return `${year}-${String(month).padStart(2, "0")}`;
}

function monthOf(year: number, month: number, days: Readonly<Record<string, number>>): Month {
  const name = nameOf(year, month);
  const begins = Date.UTC(year, month - 1, 1);
  const count = (Date.UTC(year, month, 1) - begins) / DAY_MS;
  const cells: (Day | null)[] = Array.from(
    { length: (new Date(begins).getUTCDay() + 6) % 7 },
    () => null,
  );
  let sum = 0;
  for (let day = 1; day <= count; day += 1) {
    const date = `${name}-${String(day).padStart(2, "0")}`;
    const pnl = days[date] ?? null;
    sum += pnl ?? 0;
    cells.push({ date, day, pnl });
  }
  while (cells.length % 7 !== 0) cells.push(null);
  const weeks: (Day | null)[][] = [];
  for (let at = 0; at < cells.length; at += 7) weeks.push(cells.slice(at, at + 7));
  return { name, weeks, pnl: sum };
}

/** Return the largest result of a day, of either sign: what is darkest. */
export function largest(days: Readonly<Record<string, number>>): number {
  return Object.values(days).reduce((most, pnl) => Math.max(most, Math.abs(pnl)), 0);
}
