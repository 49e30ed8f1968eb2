/** Connecting an account: choose how, fill in what it asks, look, and only then connect. */
import { Text } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { api, told } from "../../api/client";
import { ChoiceDrawer } from "../../parts/ChoiceDrawer";
import { tierOf } from "../../parts/words";
import { AdapterPicker } from "./AdapterPicker";
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
    refetchInterval: 3_000, // one that could not connect at once may do so by and by
  });
  return (
    <ChoiceDrawer
      opened={opened}
      onClose={() => onClose()}
      title="Connect an account"
      query={adapters}
      label="Adapter"
      about={(kind) => (kind ? aboutOf(kind.tier) : "What speaks with the venue")}
      choiceOf={({ id, name }) => ({ value: id, label: name })}
      picker={(all, about) => (
        <AdapterPicker adapters={all} about={about} chosen={adapter} onChoose={onAdapter} />
      )}
      chosen={adapter}
      onChoose={onAdapter}
      form={(chosen) => (
        <ConnectForm
          key={chosen.id}
          adapter={chosen}
          accounts={accounts.data ?? []}
          onConnected={onClose}
        />
      )}
      none={(all) => (
        <Text size="sm" className="faint">
          {all.length} adapters are installed here: type a part of a name to find one.
        </Text>
      )}
    />
  );
}

function aboutOf(tier: string): string {
  const { words, hint } = tierOf(tier);
  return hint ? `${words}: ${hint}` : words;
}
