/** The desk's own words as a trader would say them, the same on every page. */

export type Told = { words: string; hint: string };

/** How far an adapter has been tested, the farthest first. */
const tiers: Readonly<Record<string, Told>> = {
  proven: {
    words: "tested live",
    hint: "Run against the real venue, where it did what it should.",
  },
  sandboxed: {
    words: "tested in simulator",
    hint: "Run against our simulator of such an exchange, with lost replies and broken connections. The real venue may still differ.",
  },
  replayed: {
    words: "tested on recordings",
    hint: "Checked against recorded replies only, never against anything that trades. Real money needs your consent in the settings: accept_unproven.",
  },
};

/** Return in words how far an adapter has been tested; another's own word stays as it is. */
export function tierOf(tier: string): Told {
  return tiers[tier] ?? { words: tier, hint: "" };
}

/** Return where a tier stands among the others, the one that was tested farthest first. */
export function rankOf(tier: string): number {
  const place = Object.keys(tiers).indexOf(tier);
  return place < 0 ? Number.POSITIVE_INFINITY : place;
}

/** What the words for a state mean that do not say it by themselves. */
const states: Readonly<Record<string, string>> = {
  Journaled: "written down here, not sent yet",
  Sent: "on its way: the venue has not answered yet",
  PendingNew: "held back until what it waits for happens",
  NeverAccepted: "it never reached the venue, or the venue never took it",
  Unknown: "whether the venue took it is not known yet; it is being found out",
  down: "not connected",
  mute: "connected, and nothing comes where something should",
  stale: "what comes is too old to trade on",
  skewed: "the venue's clock and ours differ too much",
  expiring: "its session ends soon and has to be renewed",
  recovering: "what happened meanwhile is being read from the venue before anything trades",
  quarantined: "kept from trading until what is wrong is put right",
  halted: "stopped after trouble; a person lifts the halt",
  away: "it cannot be reached now",
};

export function meaningOf(state: string): string {
  return states[state] ?? "";
}
