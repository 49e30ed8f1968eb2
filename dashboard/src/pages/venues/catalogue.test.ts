import { expect, test } from "vitest";
import { anything, type Entry, values, wantedOf } from "./catalogue";

function entry(id: string, more: Partial<Entry> = {}): Entry {
  return {
    id,
    name: id,
    kind: "exchange",
    status: "open",
    since: "",
    successor: "",
    why: "",
    advice: "",
    aliases: [],
    asset_classes: ["crypto"],
    tier: null,
    adapters: [],
    fees: null,
    facts: [],
    capabilities: [],
    error: null,
    ...more,
  };
}

const known = [
  entry("binance", { adapters: ["binance", "binanceusdm"], aliases: ["binance futures"] }),
  entry("ftx", { status: "closed", why: "it filed for bankruptcy" }),
  entry("oanda", { kind: "broker", asset_classes: ["forex", "cfd"] }),
];
const ids = (wanted: Partial<typeof anything>) =>
  wantedOf(known, { ...anything, ...wanted }).map((each) => each.id);

test.each([
  [{}, ["binance", "ftx", "oanda"]],
  [{ text: "BINANCE futures" }, ["binance"]],
  [{ text: "bankruptcy" }, ["ftx"]],
  [{ text: "usdm" }, ["binance"]],
  [{ status: "closed" }, ["ftx"]],
  [{ status: "connectable" }, ["binance"]],
  [{ kind: "broker" }, ["oanda"]],
  [{ asset: "cfd", text: "oan" }, ["oanda"]],
  [{ kind: "broker", status: "closed" }, []],
])("%o finds %o", (wanted, found) => {
  expect(ids(wanted)).toEqual(found);
});

test("values come once, the most frequent first", () => {
  expect(values(known, (each) => [each.kind])).toEqual(["exchange", "broker"]);
});
