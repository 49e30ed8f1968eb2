/** What the dashboard pushes to this page. */
import { io } from "socket.io-client";
import { base } from "../api/client";
import { Pushed } from "./pushed";

export const pushed = new Pushed(
  io({
    path: `${base}/socket.io`,
    transports: ["websocket", "polling"],
    autoConnect: false,
    reconnectionDelayMax: 5_000,
  }),
  () => window.dispatchEvent(new Event("signed-out")),
);
