import { describe, expect, it } from "vitest";
import { fold, type Message } from "./fold";

const message = (topic: string, kind: Message["kind"], data: unknown): Message => ({
  topic,
  seq: 1,
  at: 1,
  kind,
  data,
});

describe("fold", () => {
  it("takes a snapshot as it is", () => {
    expect(fold([{ order_id: "1" }], message("orders", "snapshot", []))).toEqual([]);
  });

  it("passes over a change of a room that was left", () => {
    expect(fold(undefined, message("orders", "change", [{ order_id: "1" }]))).toBeUndefined();
  });

  it("changes rows in their place and puts new ones first", () => {
    const kept = [
      { order_id: "2", status: "New" },
      { order_id: "1", status: "New" },
    ];
    const change = [
      { order_id: "3", status: "New" },
      { order_id: "1", status: "Filled" },
    ];
    expect(fold(kept, message("orders", "change", change))).toEqual([
      { order_id: "3", status: "New" },
      { order_id: "2", status: "New" },
      { order_id: "1", status: "Filled" },
    ]);
  });

  it("tells a signal that is told again once", () => {
    const kept = [{ correlation: "c", outcome: "" }];
    const again = [{ correlation: "c", outcome: "ordered" }];
    expect(fold(kept, message("signals", "change", again))).toEqual(again);
  });

  it("keeps a working order however many came after it", () => {
    let kept: unknown = [{ order_id: "resting", status: "New" }];
    for (let number = 0; number < 600; number++) {
      const row = { order_id: String(number), status: "Filled" };
      kept = fold(kept, message("orders", "change", [row]));
    }
    const rows = kept as { order_id: string }[];
    expect(rows.some((row) => row.order_id === "resting")).toBe(true);
    expect(rows.length).toBeLessThanOrEqual(501);
  });

  it.each(["orders", "fills"])("keeps one's own %s however busy a strategy is", (topic) => {
    const row = (name: string, strategy: string) => {
      return { order_id: name, execution_id: name, status: "Filled", strategy };
    };
    let kept: unknown = [row("mine", "manual")];
    for (let number = 0; number < 600; number++)
      kept = fold(kept, message(topic, "change", [row(String(number), "maker")]));
    const rows = kept as { order_id: string }[];
    expect(rows.at(-1)?.order_id).toBe("mine");
    expect(rows).toHaveLength(501);
  });

  it("lets no subject of a platform push out another", () => {
    let kept: unknown = [{ subject: "portfolio", key: "", at_ns: 1 }];
    for (let number = 0; number < 600; number++) {
      const row = { subject: "fills", key: String(number), at_ns: 2 };
      kept = fold(kept, message("platform:mine", "change", [row]));
    }
    const rows = kept as { subject: string; key: string }[];
    expect(rows.filter((row) => row.subject === "fills")).toHaveLength(500);
    expect(rows.some((row) => row.subject === "portfolio")).toBe(true);
    expect(rows[0]?.key).toBe("599");
  });

  it("lays new bars on a chart by their time", () => {
    const kept = {
      symbol: "X",
      bars: [
        [60, 1],
        [120, 1],
      ],
    };
    const change = {
      bars: [
        [120, 2],
        [180, 3],
      ],
    };
    expect(fold(kept, message("candle:X:1m", "change", change))).toEqual({
      symbol: "X",
      bars: [
        [60, 1],
        [120, 2],
        [180, 3],
      ],
    });
  });

  it("lays new points on a chart's lines, and keeps them when a bar only forms", () => {
    const line = (name: string, ...points: number[][]) => ({ strategy: "s", name, points });
    const kept = { bars: [], indicators: [line("a", [60, 1], [120, 2])] };
    const forming = fold(kept, message("candle:X:1m", "change", { bars: [], forming: [180] }));
    expect((forming as typeof kept).indicators).toBe(kept.indicators);
    const change = { bars: [], indicators: [line("a", [120, 3], [180, 4]), line("b", [180, 9])] };
    expect(fold(forming, message("candle:X:1m", "change", change))).toEqual({
      bars: [],
      forming: [180],
      indicators: [line("a", [60, 1], [120, 3], [180, 4]), line("b", [180, 9])],
    });
  });
});
