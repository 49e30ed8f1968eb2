import { expect, test } from "vitest";
import { isOlder } from "./Age";

const NOW_MS = 1_000_000;

test.each([
  [NOW_MS - 119_000, 120, false],
  [NOW_MS - 121_000, 120, true],
  [NOW_MS + 5_000, 120, false],
  [0, undefined, false],
])("what was so at %i ms is too old after %s s: %s", (ms, seconds, expected) => {
  expect(isOlder(ms * 1e6, seconds, NOW_MS)).toBe(expected);
});
