import { expect, test } from "vitest";
import { mostUsed, toneOf, worst } from "./sessions";

test.each([
  ["done", "well"],
  ["12 open orders", "well"],
  ["by another account", "well"],
  ["no", "waiting"],
  ["not known", "waiting"],
  ["refused: killed by alice", "ill"],
  ["halted", "ill"],
  ["2 unexplained", "ill"],
  ["mute", "ill"],
])("a step that says %s is %s", (word, tone) => {
  expect(toneOf(word)).toBe(tone);
});

test("the quota used most speaks for the account", () => {
  const usage = [{ quotas: [{ used_pct: 12 }] }, { quotas: [{ used_pct: 81 }] }, { quotas: [] }];
  expect(mostUsed({ usage })).toBe(0.81);
  expect(mostUsed({ usage: [] })).toBeNull();
});

test("one stream that is lost outweighs those that are well", () => {
  expect(worst({ a: { state: "ok" }, b: { state: "lost" }, c: { state: "quiet" } })).toBe("lost");
  expect(worst({})).toBe("");
});
