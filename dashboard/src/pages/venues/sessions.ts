/** What the steps of a session say, and how much of a venue's limits is used. */
export type Tone = "well" | "waiting" | "ill";

/** Every step of a session with a venue, in order, and what it proves. */
export const steps: readonly [name: string, title: string, proves: string][] = [
  ["authenticate", "Sign in", "the venue knows us by the key that was given"],
  ["read account", "Read account", "balances, positions and open orders are known"],
  ["subscribe", "Market data", "prices arrive, and are fresh"],
  ["signals", "Signals", "what strategies say is taken"],
  ["execute", "Orders", "orders may go out"],
  ["positions", "Positions", "what we count is what the venue counts"],
  ["risk", "Risk", "each order is checked before it goes out"],
  ["monitor", "Watch", "what is open is watched until its fate is proven"],
];

/** The standing of an account of which the files tell, not a desk. */
export const NO_DESK = "no desk";

const well = new Set(["done", "taken", "ready", "checked", "ok", "agreed", "by another account"]);
const waiting = new Set(["", "no", "not known", "quiet", "connecting"]);

/** Return how a step stands, by its word. */
export function toneOf(word: string): Tone {
  if (well.has(word) || /^\d+ open orders?$/.test(word)) return "well";
  if (waiting.has(word)) return "waiting";
  return /^(refused|halted|failed|lost|down|mute|stale|skewed|expiring)|unexplained|differ/.test(
    word,
  )
    ? "ill"
    : "well";
}

const NOT_ASKED = "not asked";

/** Return what a test saw, step by step. Of one that failed nothing is well, however far it got. */
export function triedSteps({
  standing,
  steps,
}: {
  standing: string;
  steps: Readonly<Record<string, string>>;
}): { name: string; word: string; tone: Tone }[] {
  return Object.entries(steps).map(([name, word]) => {
    const tone = word === NOT_ASKED ? "waiting" : toneOf(word);
    return { name, word, tone: tone === "well" && standing !== "ready" ? "waiting" : tone };
  });
}

type Used = { usage: readonly { quotas: readonly { used_pct: number | null }[] }[] };

/** Return the quota of an account that is used most, as a share; null where none is known. */
export function mostUsed(account: Used): number | null {
  const used = account.usage.flatMap((row) => row.quotas.map((quota) => quota.used_pct ?? 0));
  return used.length > 0 ? Math.max(...used) / 100 : null;
}

const order = ["down", "lost", "mute", "stale", "skewed", "expiring", "quiet", "connecting", "ok"];

/** Return the state of the worst of some streams; "" where there is none. */
export function worst(streams: Readonly<Record<string, { state: string }>>): string {
  const states = Object.values(streams).map((stream) => stream.state);
  return states.sort((one, other) => rank(one) - rank(other))[0] ?? "";
}

function rank(state: string): number {
  const at = order.indexOf(state);
  return at < 0 ? order.length - 1 : at;
}
