/** What happened to a write, said in a corner. */
import { notifications } from "@mantine/notifications";
import { worded } from "../../parts/worded";
import { reasonsIn } from "./reasons";

/** Where nothing is that a trader needs next: the ticket's button is at the bottom right. */
const position = "top-center";

export function say(title: string, message: string): void {
  notifications.show({ title, message, color: "teal", autoClose: 4_000, position });
}

/** Say what was refused and why. It stays until it is read. */
export function complain(title: string, error: unknown): void {
  notifications.show({
    title,
    message: worded(reasonsIn(error).join(" · ")),
    color: "red",
    autoClose: 12_000,
    position,
  });
}
