/** The bounds of a new webhook: what is set here, no alert can change. */
import { NativeSelect, SimpleGrid, TextInput } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { type ReactNode, useState } from "react";
import { api, told } from "../../api/client";
import { Ask } from "../../parts/Ask";
import { Names } from "../../parts/Names";
import { MAIN } from "../../parts/portfolios";
import { useDeed } from "../../parts/useDeed";
import { usePortfolios } from "../../parts/usePortfolios";
import { useTopic } from "../../push/useTopic";
import { askedOf, blank, type Draft, faultsOf } from "./webhooks";

export function NewWebhook({
  opened,
  onClose,
  onMade,
}: {
  opened: boolean;
  onClose: () => void;
  onMade: (path: string) => void;
}) {
  const [draft, setDraft] = useState(blank);
  const faults = faultsOf(draft);
  const deed = useDeed(() => told(api.POST("/api/v1/signals/webhooks", { body: askedOf(draft) })), {
    renews: ["webhooks"],
    quiet: true,
    after: (made) => {
      close();
      onMade(made.path);
    },
  });
  // What was typed leaves with the form: the next one begins empty.
  const close = () => {
    setDraft(blank);
    deed.clear();
    onClose();
  };
  return (
    <Ask
      opened={opened}
      title="Make a webhook"
      deed="Make it"
      busy={deed.busy}
      error={deed.error}
      disabled={Object.keys(faults).length > 0}
      onYes={() => void deed.run()}
      onClose={close}
    >
      <Bounds draft={draft} change={(part) => setDraft((before) => ({ ...before, ...part }))} />
    </Ask>
  );
}

function Bounds({ draft, change }: { draft: Draft; change: (part: Partial<Draft>) => void }) {
  const portfolios = usePortfolios() ?? [MAIN];
  const books = useTopic("books") ?? [];
  const known = [...new Set(books.map((book) => book.instrument.split("@")[0] ?? ""))].sort();
  const venues = useQuery({
    queryKey: ["venues"],
    queryFn: () => told(api.GET("/api/v1/venues")),
  });
  const accounts = (venues.data ?? []).filter((each) => each.mode !== "data");
  const faults = faultsOf(draft);
  const text = (label: string, field: Typed) => ({
    label,
    value: draft[field],
    autoComplete: "off",
    spellCheck: false,
    // An empty field says itself that it waits; it is no fault yet.
    error: draft[field] !== "" && faults[field] ? `${label} ${faults[field]}` : null,
    onChange: (event: { currentTarget: { value: string } }) =>
      change({ [field]: event.currentTarget.value }),
  });
  return (
    <>
      <Pair>
        <TextInput
          {...text("Name", "name")}
          description="What you know it by"
          data-autofocus
          withAsterisk
          maxLength={64}
        />
        <TextInput {...text("Strategy", "strategy")} description="Whom its orders belong to" />
      </Pair>
      <Names
        label="Symbols"
        description="It trades these and no others; none: any that the desk knows"
        known={known}
        onNames={(symbols) => change({ symbols })}
      />
      <TextInput
        {...text("Most quantity", "mostQuantity")}
        description="Of one order, also when the desk sizes it; closing is not bounded. Empty: the desk's limits alone"
        inputMode="decimal"
        placeholder="no bound"
      />
      <Pair>
        <NativeSelect
          label="Account"
          description="Where its orders go"
          value={draft.account}
          onChange={(event) => change({ account: event.currentTarget.value })}
          data={[{ value: "", label: "Router" }, ...accounts.map((each) => each.account)]}
        />
        <NativeSelect
          label="Portfolio"
          description="Whose money it trades"
          value={draft.portfolio}
          onChange={(event) => change({ portfolio: event.currentTarget.value })}
          data={portfolios}
        />
        <TextInput
          {...text("Horizon, seconds", "horizonS")}
          description="How long a signal matters"
          inputMode="numeric"
        />
        <TextInput
          {...text("Window, seconds", "windowS")}
          description="A repetition within it does nothing"
          inputMode="numeric"
        />
      </Pair>
    </>
  );
}

type Typed = "name" | "strategy" | "mostQuantity" | "horizonS" | "windowS";

function Pair({ children }: { children: ReactNode }) {
  return (
    <SimpleGrid cols={{ base: 1, xs: 2 }} spacing="sm" style={{ alignItems: "end" }}>
      {children}
    </SimpleGrid>
  );
}
