/** What happened to a write, said in a corner. */
import { notifications } from "@mantine/notifications";
import { Problem } from "../../api/client";
import { worded } from "../../parts/worded";
import { readable } from "./reasons";

/** Where nothing is that a trader needs next: the ticket's button is at the bottom right. */
const position = "top-center";

export function say(title: string, message: string): void {
  notifications.show({ title, message, color: "teal", autoClose: 4_000, position });
}

/** Say what was refused and why. It stays until it is read. */
export function complain(title: string, error: unknown): void {
  const words = error instanceof Error ? error.message : String(error);
  const reasons = error instanceof Problem ? error.reasons.map(([, why]) => why) : [];
  const hint = error instanceof Problem ? error.hint : "";
  notifications.show({
    title,
    message: worded(
      [words, ...reasons.filter((why) => !words.includes(why)), hint]
        .filter(Boolean)
        .map(readable)
        .join(" · "),
    ),
    color: "red",
    autoClose: 12_000,
    position,
  });
}
