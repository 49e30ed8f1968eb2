/** The desk's switches in plain words: what each does, on and off. */

export type Words = { title: string; on: string; off: string };

const known: Readonly<Record<string, Words>> = {
  trading: {
    title: "Trading",
    on: "orders go out, each within its limits.",
    off: "no order that may add risk goes out; cancels and what makes a position smaller still do.",
  },
  paper_only: {
    title: "Paper only",
    on: "accounts with real money take on no new risk; paper accounts trade on.",
    off: "accounts with real money trade too, within their limits.",
  },
  max_order_size: {
    title: "Largest order",
    on: "What one order may be worth at most, in the desk's currency. Empty: only the limits under Risk hold.",
    off: "",
  },
  risk_override: {
    title: "Risk override",
    on: "whoever has the role risk can set another limit under Risk, with a reason, until it is given back.",
    off: "limits stay as they are; those overridden before hold until they are given back.",
  },
  strategy_control: {
    title: "Strategy control",
    on: "traders start, resume, set up and remove strategies here.",
    off: "nobody does; stopping and pausing always work.",
  },
  history: {
    title: "History",
    on: "Audit shows the journal.",
    off: "Audit shows nothing of it. The journal is written all the same, and programs may read it.",
  },
  notifications: {
    title: "Notifications",
    on: "messages go out to Telegram and webhooks, where the settings name any.",
    off: "nobody is told of anything outside these pages, not even of a kill.",
  },
};

/** Return a switch in words. One that is not known here speaks for itself. */
export function switchOf(name: string, help: string): Words {
  const words = name.replaceAll("_", " ");
  const title = words.charAt(0).toUpperCase() + words.slice(1);
  return known[name] ?? { title, on: help, off: "" };
}
