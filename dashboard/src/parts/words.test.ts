import { expect, it, test } from "vitest";
import { meaningOf, rankOf, tierOf } from "./words";

test.each(["replayed", "sandboxed", "proven"])(
  "%s is told in words that need no manual",
  (tier) => {
    const { words, hint } = tierOf(tier);
    expect(words).toMatch(/^tested /);
    expect(hint).not.toBe("");
    expect(words).not.toContain(tier);
  },
);

it("ranks what was tested farther before the rest, and what it does not know last", () => {
  const tiers = ["unheard of", "replayed", "proven", "sandboxed"];
  tiers.sort((one, other) => rankOf(one) - rankOf(other));
  expect(tiers).toEqual(["proven", "sandboxed", "replayed", "unheard of"]);
});

it("leaves another's own word as it is", () => {
  expect(tierOf("gold")).toEqual({ words: "gold", hint: "" });
  expect(meaningOf("Filled")).toBe("");
});
