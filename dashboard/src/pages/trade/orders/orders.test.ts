import { describe, expect, it, test } from "vitest";
import {
  amendmentOf,
  editOf,
  inPlace,
  isByHand,
  isWorking,
  joinedOrders,
  newestFirst,
  type Order,
  oldestFirst,
  refusalIn,
} from "./orders";

function order(change: Partial<Order> = {}): Order {
  return {
    order_id: "o1",
    quantity: "1.50",
    limit_price: "100",
    stop_price: null,
    proven_status: "New",
    in_doubt: [],
    created_time_ns: 1,
    ...change,
  } as Order;
}

test.each([
  ["New", [], true],
  ["PartiallyFilled", [], true],
  ["Sent", [], true],
  ["Filled", [], false],
  ["NeverAccepted", [], false],
  ["Rejected", ["cancel"], true],
])("an order that is %s with doubts %j works: %s", (proven_status, in_doubt, expected) => {
  expect(isWorking(order({ proven_status, in_doubt }))).toBe(expected);
});

it("puts the oldest order first, and two of one moment always the same way", () => {
  const rows = [
    order({ order_id: "o3", created_time_ns: 2 }),
    order({ order_id: "o2", created_time_ns: 1 }),
    order({ order_id: "o1", created_time_ns: 1 }),
  ];
  const names = (these: Order[]) => oldestFirst(these).map((each) => each.order_id);
  expect(names(rows)).toEqual(["o1", "o2", "o3"]);
  expect(names(rows.reverse())).toEqual(["o1", "o2", "o3"]);
});

it("keeps an order that has ended in its row, as it ended, and adds what is new below", () => {
  const [first, second, third] = ["o1", "o2", "o3"].map((order_id) => order({ order_id }));
  if (!first || !second || !third) throw new Error("three orders");
  const ended = { ...first, proven_status: "Filled" };
  const shown = inPlace([first, second], [second, third], [third, ended, second]);
  expect(shown).toEqual([ended, second, third]);
});

it("keeps a row of which nothing is told any longer as it was", () => {
  expect(inPlace([order()], [], [])).toEqual([order()]);
});

test.each([
  ["manual", true],
  ["maker", false],
  ["", false],
])("an order of %j was placed by hand: %s", (strategy, expected) => {
  expect(isByHand(order({ strategy }))).toBe(expected);
});

it("puts the newest order first and leaves the given row alone", () => {
  const rows = [order(), order({ order_id: "o2", created_time_ns: 2 })];
  expect(newestFirst(rows).map((each) => each.order_id)).toEqual(["o2", "o1"]);
  expect(rows[0]?.order_id).toBe("o1");
});

it("keeps of an order told twice what was told last, and one that only one of them knows", () => {
  const [old, news] = [order({ updated_time_ns: 1 }), order({ updated_time_ns: 2, quantity: "9" })];
  const alone = order({ order_id: "o2" });
  expect(joinedOrders([news, alone], [old])).toEqual([news, alone]);
  expect(joinedOrders([old, alone], [news])).toEqual([news, alone]);
});

describe("an amendment", () => {
  const given = order();
  it("is nothing where a number is only written differently", () => {
    expect(amendmentOf(given, { ...editOf(given), quantity: "1.5", limit: "100.00" })).toBeNull();
  });
  it("holds what differs, as typed, and nothing else", () => {
    expect(amendmentOf(given, { ...editOf(given), limit: "99.90" })).toEqual({ limit: "99.90" });
  });
  it("never gives an order a price that it did not have", () => {
    expect(amendmentOf(given, { ...editOf(given), stop: "5", quantity: "2" })).toEqual({
      quantity: "2",
    });
  });
  it("leaves the stop that follows the market alone, however far it has gone since", () => {
    const trailing = order({ type: "trailing_stop", limit_price: null, stop_price: "99" });
    const edit = { ...editOf(trailing), quantity: "2" };
    expect(amendmentOf({ ...trailing, stop_price: "98" }, edit)).toEqual({ quantity: "2" });
  });
  test.each(["", "0", "1,5", "-3"])("says of %j that it is no quantity", (quantity) => {
    expect(amendmentOf(given, { ...editOf(given), quantity })).toMatch(/quantity/);
  });
});

const started = { record: "attempt_started", words: "replace about to be sent" };
const accepted = { record: "attempt_ended", words: "attempt accepted" };
const rejected = { record: "attempt_ended", words: "attempt rejected: bad_tick: no such price" };
const reported = { record: "order_reported", words: "stream reports New" };

test.each([
  ["nothing was sent", [reported], undefined],
  ["the newest write is under way", [started, rejected, started], undefined],
  ["it was taken", [started, rejected, started, accepted, reported], null],
  ["it was refused", [started, accepted, started, rejected, reported], "bad_tick: no such price"],
])("where %s, the story says so", (_, story, expected) => {
  expect(refusalIn(story)).toBe(expected);
});
