/** Switches, people, keys, webhooks, and how this installation is set up. */
import { SegmentedControl } from "@mantine/core";
import { useMay } from "../../api/session";
import { useAddress } from "../../parts/address";
import { Flags } from "./Flags";
import { Keys } from "./Keys";
import { Origins } from "./Origins";
import { Users } from "./Users";
import { Webhooks } from "./Webhooks";
import { You } from "./You";

export default function Settings() {
  const [said, say] = useAddress();
  const isAdmin = useMay("admin");
  const mayTrade = useMay("trader");
  const views = [
    { value: "you", label: "You" },
    { value: "flags", label: "Switches" },
    { value: "keys", label: "API keys" },
    ...(mayTrade ? [{ value: "webhooks", label: "Webhooks" }] : []),
    ...(isAdmin
      ? [
          { value: "users", label: "Users" },
          { value: "settings", label: "Settings" },
        ]
      : []),
  ];
  const view = views.find((each) => each.value === said.view)?.value ?? "flags";
  return (
    <>
      <SegmentedControl
        size="xs"
        mb="xs"
        value={view}
        onChange={(chosen) => say({ view: chosen })}
        data={views}
        aria-label="which settings"
        style={{ alignSelf: "flex-start", maxWidth: "100%", overflowX: "auto" }}
      />
      {view === "you" && <You />}
      {view === "flags" && <Flags />}
      {view === "keys" && <Keys />}
      {view === "webhooks" && <Webhooks />}
      {view === "users" && <Users />}
      {view === "settings" && <Origins />}
    </>
  );
}
