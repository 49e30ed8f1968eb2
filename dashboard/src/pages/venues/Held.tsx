/** An account that the desk took and could not connect yet: to be kept so, or let go again. */
import { Button, Group, Text } from "@mantine/core";
import { api, type Shapes, told } from "../../api/client";
import { Failed } from "../../parts/States";
import { useDeed } from "../../parts/useDeed";
import { Seen } from "./Seen";

export function Held({
  held,
  now,
  onKept,
  onLeft,
}: {
  held: Shapes["Connected"];
  /** How it stands since. */
  now: Shapes["Account"] | undefined;
  onKept: () => void;
  onLeft: () => void;
}) {
  const account = held.account;
  const leave = useDeed(
    () => told(api.DELETE("/api/v1/venues/{account}", { params: { path: { account } } })),
    { renews: ["venues"], quiet: true, after: onLeft },
  );
  const { standing, reason, steps } = now ?? held;
  const isReady = standing === "ready";
  return (
    <>
      <Seen
        title={`${account} is ${isReady ? "connected" : "not connected yet"}`}
        seen={{ ...held, standing, reason, steps }}
      />
      {!isReady && (
        <Text size="sm">
          The desk goes on trying
          {held.kept ? ", after its next start too" : "; it has no settings file to keep it in"}. To
          correct what is typed here, disconnect it first.
        </Text>
      )}
      {leave.error !== null && <Failed error={leave.error} />}
      <Group justify="flex-end">
        {!isReady && (
          <Button variant="default" loading={leave.busy} onClick={() => void leave.run()}>
            Disconnect it
          </Button>
        )}
        <Button disabled={leave.busy} onClick={onKept}>
          {isReady ? "Done" : "Keep it"}
        </Button>
      </Group>
    </>
  );
}
