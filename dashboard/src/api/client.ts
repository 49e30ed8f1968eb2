/** The way to the API: typed by its own description, errors in one shape. */
import createClient, { type Middleware } from "openapi-fetch";
import type { components, paths } from "./schema";

export type Shapes = components["schemas"];

/** Where the dashboard is mounted: everything is asked for beneath it. */
export const base = document.querySelector("base")?.getAttribute("href")?.replace(/\/$/, "") ?? "";

/** What the API says went wrong, and what to do (RFC 9457). */
export class Problem extends Error {
  readonly status: number;
  readonly code: string;
  readonly hint: string;
  readonly reasons: [string, string][];
  readonly allowedQuantity: string | null;

  constructor(told: Record<string, unknown>, status: number) {
    super(String(told.detail ?? told.title ?? `the dashboard answered ${status}`));
    this.status = status;
    this.code = String(told.code ?? "");
    this.hint = String(told.hint ?? "");
    this.reasons = (told.reasons as [string, string][] | undefined) ?? [];
    this.allowedQuantity = (told.allowed_quantity as string | null | undefined) ?? null;
  }
}

let csrf = "";

/** Keep the word that proves a write came from this page. */
export function rememberCsrf(word: string | null | undefined): void {
  csrf = word ?? "";
}

const guarded: Middleware = {
  onRequest({ request }) {
    if (request.method === "GET") return;
    request.headers.set("X-CSRF-Token", csrf);
    if (!request.headers.has("Idempotency-Key")) {
      request.headers.set("Idempotency-Key", newKey());
    }
  },
  async onResponse({ response }) {
    if (response.ok) return;
    let told: Record<string, unknown> = {};
    try {
      told = await response.clone().json();
    } catch {
      told = { detail: `the dashboard answered ${response.status} without a word` };
    }
    if (response.status === 401) window.dispatchEvent(new Event("signed-out"));
    throw new Problem(told, response.status);
  },
  onError() {
    throw new Problem(
      { detail: "the dashboard does not answer", hint: "is it running, and is the network up?" },
      0,
    );
  },
};

/** Return a key under which a write is done once, however often it is sent. */
export function newKey(): string {
  return Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) =>
    byte.toString(16).padStart(2, "0"),
  ).join("");
}

export const api = createClient<paths>({ baseUrl: base, credentials: "same-origin" });
api.use(guarded);

/** Return what was told; problems were thrown on the way. */
export async function told<T>(asked: Promise<{ data?: T }>): Promise<T> {
  const { data } = await asked;
  return data as T;
}
