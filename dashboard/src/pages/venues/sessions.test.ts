import { expect, test } from "vitest";
import { mostUsed, toneOf, triedSteps, worst } from "./sessions";

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
  ["down", "ill"],
  ["skewed", "ill"],
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
  expect(worst({ a: { state: "down" }, b: { state: "stale" } })).toBe("down");
  expect(worst({})).toBe("");
});

const asked = { "read account": "not asked" };

test.each([
  [
    "one that passed is well wherever something was asked",
    "ready",
    { connect: "done", instruments: "7 listed", ...asked },
    ["well", "well", "waiting"],
  ],
  [
    "a connection that fails is the failure",
    "away",
    { connect: "failed", instruments: "not asked", ...asked },
    ["ill", "waiting", "waiting"],
  ],
  [
    "a connection is not praised where a later step fails",
    "away",
    { connect: "reached", instruments: "7 listed", "read account": "failed" },
    ["waiting", "waiting", "ill"],
  ],
  [
    "nor is one that says it is done",
    "away",
    { connect: "done", instruments: "not asked", ...asked },
    ["waiting", "waiting", "waiting"],
  ],
])("of a test, %s", (_, standing, steps, tones) => {
  expect(triedSteps({ standing, steps }).map(({ tone }) => tone)).toEqual(tones);
});
