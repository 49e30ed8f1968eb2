/** Connecting an account: choose how, fill in what it asks, look, and only then connect. */
import { Text } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { api, told } from "../../api/client";
import { ChoiceDrawer } from "../../parts/ChoiceDrawer";
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
    <ChoiceDrawer
      opened={opened}
      onClose={() => onClose()}
      title="Connect an account"
      query={adapters}
      label="Adapter"
      about={() => "What speaks with the venue. The tier says how far it has been proven."}
      choiceOf={(each) => ({ value: each.id, label: `${each.name} (${each.tier})` })}
      chosen={adapter}
      onChoose={onAdapter}
      form={(chosen) => (
        <ConnectForm
          key={chosen.id}
          adapter={chosen}
          taken={(accounts.data ?? []).map((each) => each.account)}
          onConnected={onClose}
        />
      )}
      none={(all) => (
        <Text size="sm" className="faint">
          {all.length} adapters are installed here.
        </Text>
      )}
    />
  );
}
