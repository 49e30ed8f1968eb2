/** One socket, a room per topic, the newest of each kept. */
import type { Socket } from "socket.io-client";
import { fold, type Message } from "./fold";

/** Why a topic cannot be told of now. */
export type Trouble = { code: string; message: string; hint: string };

export type Line = "connecting" | "live" | "lost";
type Heard = () => void;

const AGAIN_MS = 2_000;

/** Everything pushed, and who looks at it. */
export class Pushed {
  readonly #socket: Socket;
  readonly #onLeft: () => void;
  #again: ReturnType<typeof setTimeout> | undefined;
  readonly #values = new Map<string, unknown>();
  readonly #heard = new Map<string, Set<Heard>>();
  readonly #troubles = new Map<string, Trouble>();
  #line: Line = "connecting";
  readonly #lineHeard = new Set<Heard>();

  /** `onLeft` is told when the server has ended the line: who was signed in may be no more. */
  constructor(socket: Socket, onLeft: () => void) {
    this.#socket = socket;
    this.#onLeft = onLeft;
    this.#socket.on("connect", () => {
      this.#setLine("live");
      this.#subscribe([...this.#heard.keys()]);
    });
    this.#socket.on("disconnect", (reason) => {
      this.#setLine("lost");
      if (reason === "io server disconnect") this.#comeBack();
    });
    this.#socket.on("connect_error", () => {
      this.#setLine("lost");
      if (!this.#socket.active) this.#comeBack();
    });
    this.#socket.onAny((_event: string, message: Message) => {
      if (message && typeof message === "object" && "topic" in message) this.#take(message);
    });
  }

  open(): void {
    if (!this.#socket.active) this.#socket.connect();
  }

  /** Come in anew, as who one has become; what is known stays in sight. */
  renew(): void {
    clearTimeout(this.#again);
    this.#socket.disconnect().connect();
  }

  close(): void {
    this.#socket.disconnect();
    clearTimeout(this.#again);
    this.#values.clear();
    this.#troubles.clear();
  }

  /** Try again later: a line that the server ends or refuses, socket.io leaves as it is. */
  #comeBack(): void {
    this.#onLeft();
    clearTimeout(this.#again);
    this.#again = setTimeout(() => this.open(), AGAIN_MS);
  }

  #take(message: Message): void {
    if (message.kind === "error") {
      this.#troubles.set(message.topic, message.data as Trouble);
    } else {
      this.#troubles.delete(message.topic);
      this.#values.set(message.topic, fold(this.#values.get(message.topic), message));
    }
    for (const heard of this.#heard.get(message.topic) ?? []) heard();
  }

  #setLine(line: Line): void {
    this.#line = line;
    for (const heard of this.#lineHeard) heard();
  }

  #subscribe(rooms: string[]): void {
    if (rooms.length > 0 && this.#socket.connected) this.#socket.emit("subscribe", { rooms });
  }

  /** Listen to a topic; the first listener enters its room, the last one leaves it. */
  listen(topic: string, heard: Heard): () => void {
    const all = this.#heard.get(topic) ?? new Set<Heard>();
    if (all.size === 0) {
      this.#heard.set(topic, all);
      this.#subscribe([topic]);
    }
    all.add(heard);
    return () => {
      all.delete(heard);
      if (all.size === 0) {
        this.#heard.delete(topic);
        this.#values.delete(topic);
        this.#troubles.delete(topic);
        if (this.#socket.connected) this.#socket.emit("unsubscribe", { rooms: [topic] });
      }
    };
  }

  listenToLine(heard: Heard): () => void {
    this.#lineHeard.add(heard);
    return () => this.#lineHeard.delete(heard);
  }

  value(topic: string): unknown {
    return this.#values.get(topic);
  }

  /** Return why a topic cannot be told of, undefined while it can. */
  trouble(topic: string): Trouble | undefined {
    return this.#troubles.get(topic);
  }

  line(): Line {
    return this.#line;
  }
}
