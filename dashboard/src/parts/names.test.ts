import { expect, test } from "vitest";
import { namesIn } from "./Names";

test.each([
  ["", []],
  ["BTC/USDT", ["BTC/USDT"]],
  ["BTC/USDT, ETH/USDT;SOL/USDT  ", ["BTC/USDT", "ETH/USDT", "SOL/USDT"]],
  ["a,a b", ["a", "b"]],
])("%j holds %o", (text, names) => {
  expect(namesIn(text)).toEqual(names);
});
