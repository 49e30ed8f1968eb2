import { describe, expect, it } from "vitest";
import { found, groupsOf } from "./adapters";

function adapter(id: string, more: Partial<Parameters<typeof groupsOf>[0][number]> = {}) {
  return {
    id,
    name: id.toUpperCase(),
    tier: "replayed",
    real_money: true,
    can: ["submit"],
    ...more,
  };
}

const all = groupsOf([
  adapter("zaif"),
  adapter("aster"),
  adapter("okx", { tier: "sandboxed" }),
  adapter("gate", { tier: "proven" }),
  adapter("massive", { can: ["market_stream"] }),
  adapter("paper", { real_money: false, tier: "sandboxed" }),
]);
const ids = (groups: ReturnType<typeof found>) =>
  groups.map(({ group, items }) => [group, ...items.map(({ value }) => value)].join(" "));

it("puts each in one group, those tested farthest first", () => {
  expect(ids(all)).toEqual([
    "Without real money paper",
    "Orders and market data gate okx aster zaif",
    "Market data only massive",
  ]);
});

it("shows no group that is empty", () => {
  expect(ids(groupsOf([adapter("okx")]))).toEqual(["Orders and market data okx"]);
});

describe("what is typed", () => {
  it.each([
    ["ok", ["Orders and market data okx"]],
    ["OKX  sim", ["Orders and market data okx"]],
    ["simulator", ["Without real money paper", "Orders and market data okx"]],
    ["mass", ["Market data only massive"]],
    ["nobody", []],
  ])("%s finds %j", (search, groups) => {
    expect(ids(found(all, search))).toEqual(groups);
  });

  it("or not, no group is longer than there is room for", () => {
    expect(ids(found(all, "", 1))).toEqual([
      "Without real money paper",
      "Orders and market data gate",
      "Market data only massive",
    ]);
  });
});
