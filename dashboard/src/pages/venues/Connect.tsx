/** Connecting an account: choose how, fill in what it asks, look, and only then connect. */
import { Drawer, NativeSelect, Stack, Text } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { api, told } from "../../api/client";
import { Asked } from "../../parts/States";
import { ConnectForm } from "./ConnectForm";

export function Connect({
  adapter,
  opened,
  onAdapter,
  onClose,
}: {
  adapter: string;
  opened: boolean;
  onAdapter: (adapter: string) => void;
  onClose: (connected?: string) => void;
}) {
  const adapters = useQuery({
    queryKey: ["adapters"],
    queryFn: () => told(api.GET("/api/v1/adapters")),
    staleTime: Number.POSITIVE_INFINITY,
    enabled: opened,
  });
  const accounts = useQuery({
    queryKey: ["venues"],
    queryFn: () => told(api.GET("/api/v1/venues")),
    enabled: opened,
  });
  return (
    <Drawer
      opened={opened}
      onClose={() => onClose()}
      position="right"
      size="lg"
      title="Connect an account"
    >
      <Asked query={adapters} lines={10}>
        {(all) => {
          const chosen = all.find((each) => each.id === adapter);
          return (
            <Stack gap="md">
              <NativeSelect
                label="Adapter"
                description="What speaks with the venue. The tier says how far it has been proven."
                value={chosen?.id ?? ""}
                onChange={(event) => onAdapter(event.currentTarget.value)}
                data={[
                  { value: "", label: "choose one" },
                  ...all.map((each) => ({ value: each.id, label: `${each.name} (${each.tier})` })),
                ]}
              />
              {chosen ? (
                <ConnectForm
                  key={chosen.id}
                  adapter={chosen}
                  taken={(accounts.data ?? []).map((each) => each.account)}
                  onConnected={onClose}
                />
              ) : (
                <Text size="sm" className="faint">
                  {all.length} adapters are installed here.
                </Text>
              )}
            </Stack>
          );
        }}
      </Asked>
    </Drawer>
  );
}
