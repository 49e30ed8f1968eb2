import { expect, test } from "vitest";
import { givable, validity } from "./scopes";

test.each([
  [null, []],
  ["viewer", ["view"]],
  ["trader", ["view", "trade", "push"]],
  ["risk", ["view", "trade", "risk", "push"]],
  ["admin", ["view", "trade", "risk", "admin", "push"]],
] as const)("a %s gives %o and no more", (role, scopes) => {
  expect(givable(role)).toEqual(scopes);
});

test.each([
  [0, "ended", true],
  [1e9, "1 day more", true],
  [86_400e9 * 14, "14 days more", true],
  [86_400e9 * 89.5, "90 days more", false],
])("a key that works %s ns more says so", (left, words, soon) => {
  const now = 1.7e18;
  expect(validity(now + left, now)).toEqual([words, soon]);
});
