/** What it takes to connect an account. */
import type { Shapes } from "../../api/client";
import type { Texts } from "../../parts/form";

type Adapter = Pick<Shapes["Adapter"], "real_money" | "settings">;

/** What a person types to let an account trade real money; the desk asks for the same. */
export function phraseOf(account: string): string {
  return `trade ${account} for real`;
}

/** Tell whether an account made of these settings would reach a real market. */
export function reachesRealMoney(adapter: Adapter, texts: Texts): boolean {
  if (!adapter.real_money) return false;
  if (texts.url?.trim()) return false; // a simulator of one's own
  const place = adapter.settings.find((setting) => setting.name === "environment");
  return !place || (texts.environment || place.default || "live") === "live";
}

/** Return what is wrong with a name, "" where nothing is. */
export function nameFault(name: string, taken: readonly string[]): string {
  if (!/^[a-z0-9][a-z0-9_-]{0,30}$/.test(name)) {
    return "small letters, digits, - and _, at most 31 of them";
  }
  return taken.includes(name) ? "an account has this name already" : "";
}

/** Return a name that is free: the adapter's, or that with a number. */
export function freeName(adapter: string, taken: readonly string[]): string {
  if (!taken.includes(adapter)) return adapter;
  let number = 2;
  while (taken.includes(`${adapter}-${number}`)) number += 1;
  return `${adapter}-${number}`;
}
