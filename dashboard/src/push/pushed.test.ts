import type { Socket } from "socket.io-client";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { Pushed } from "./pushed";

/** A line whose other end is the test. */
class Wire {
  connected = false;
  active = false;
  connects = 0;
  readonly sent: unknown[] = [];
  readonly #heard = new Map<string, (given: never) => void>();
  #any: (event: string, message: unknown) => void = () => undefined;

  on(event: string, heard: (given: never) => void) {
    this.#heard.set(event, heard);
  }
  onAny(heard: (event: string, message: unknown) => void) {
    this.#any = heard;
  }
  emit(_event: string, payload: unknown) {
    this.sent.push(payload);
  }
  connect() {
    this.connects += 1;
    this.active = true;
    return this;
  }
  disconnect() {
    this.#end("io client disconnect", false);
    return this;
  }

  letIn() {
    this.connected = true;
    this.#tell("connect");
  }
  push(topic: string, data: unknown) {
    this.#any("pushed", { topic, kind: "snapshot", data });
  }
  serverEnds() {
    this.#end("io server disconnect", false);
  }
  breaks() {
    this.#end("transport close", true);
  }
  refuses() {
    this.active = false;
    this.#tell("connect_error");
  }
  #end(reason: string, active: boolean) {
    const was = this.connected;
    this.connected = false;
    this.active = active;
    if (was) this.#tell("disconnect", reason);
  }
  #tell(event: string, given?: string) {
    this.#heard.get(event)?.(given as never);
  }
}

let wire: Wire;
let left: number;
let pushed: Pushed;

beforeEach(() => {
  vi.useFakeTimers();
  wire = new Wire();
  left = 0;
  pushed = new Pushed(wire as unknown as Socket, () => {
    left += 1;
  });
  pushed.open();
  wire.letIn();
});
afterEach(() => void vi.useRealTimers());

it("comes back to its rooms after the server has ended the line, and says that it did", () => {
  pushed.listen("orders", () => undefined);
  wire.sent.length = 0;
  wire.serverEnds();
  expect([pushed.line(), left]).toEqual(["lost", 1]);
  vi.runAllTimers();
  wire.letIn();
  expect([pushed.line(), wire.sent]).toEqual(["live", [{ rooms: ["orders"] }]]);
});

it("asks again and again while the server refuses", () => {
  wire.serverEnds();
  for (let refusal = 1; refusal <= 3; refusal++) {
    vi.runAllTimers();
    expect(wire.connects).toBe(1 + refusal);
    wire.refuses();
  }
  vi.runAllTimers();
  wire.letIn();
  expect(pushed.line()).toBe("live");
});

it("leaves to the socket what that mends by itself", () => {
  wire.breaks();
  vi.runAllTimers();
  expect([pushed.line(), left, wire.connects]).toEqual(["lost", 0, 1]);
});

it("does not come back once nobody is signed in", () => {
  wire.serverEnds();
  pushed.close();
  vi.runAllTimers();
  expect(wire.connects).toBe(1);
});

it("comes in once, however it had meant to come back", () => {
  wire.serverEnds();
  pushed.renew();
  vi.runAllTimers();
  pushed.open();
  expect(wire.connects).toBe(2);
});

it("comes in anew at once, and keeps what it knows", () => {
  pushed.listen("desk", () => undefined);
  wire.push("desk", { words: "well" });
  pushed.renew();
  expect([wire.connects, left, pushed.value("desk")]).toEqual([2, 0, { words: "well" }]);
});
