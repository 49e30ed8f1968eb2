/** Starting a strategy of a known kind: on what, where, and set to what. */
import { Alert, Button, Checkbox, Group, NativeSelect, Stack, Text } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useMemo, useState } from "react";
import { api, told } from "../../api/client";
import { ChoiceDrawer } from "../../parts/ChoiceDrawer";
import { Fields } from "../../parts/Fields";
import { changed, faults, startTexts } from "../../parts/form";
import { Names } from "../../parts/Names";
import { Failed } from "../../parts/States";
import { useDeed } from "../../parts/useDeed";
import { usePortfolios } from "../../parts/usePortfolios";
import { useTopic } from "../../push/useTopic";
import { type Kind, useKinds } from "./kinds";

export function Start({
  opened,
  onClose,
}: {
  opened: boolean;
  onClose: (started?: string) => void;
}) {
  const query = useKinds(opened);
  const [name, setName] = useState("");
  return (
    <ChoiceDrawer
      opened={opened}
      onClose={() => onClose()}
      title="Start a strategy"
      query={query}
      label="Kind"
      about={(kind) => kind?.words || "What decides"}
      choiceOf={(kind) => ({
        value: kind.name,
        label: kind.problem ? `${kind.name} (cannot be loaded)` : kind.name,
      })}
      chosen={name}
      onChoose={setName}
      form={(kind) => <Form key={kind.name} kind={kind} onStarted={onClose} />}
    />
  );
}

function Form({ kind, onStarted }: { kind: Kind; onStarted: (name: string) => void }) {
  const { fields } = kind;
  const [symbols, setSymbols] = useState<string[]>([]);
  const [brokers, setBrokers] = useState<string[]>([]);
  const [portfolio, setPortfolio] = useState("");
  const [texts, setTexts] = useState(() => startTexts(fields));
  const venues = useQuery({
    queryKey: ["venues"],
    queryFn: () => told(api.GET("/api/v1/venues")),
  });
  const accounts = useMemo(
    () => (venues.data ?? []).filter((each) => each.mode !== "data").map((each) => each.account),
    [venues.data],
  );
  const listed = useSymbols();
  const portfolios = usePortfolios() ?? [];
  const wrong = faults(fields, texts);
  const deed = useDeed(
    () =>
      told(
        api.POST("/api/v1/strategies/start-trading", {
          body: {
            strategy: kind.name,
            symbols,
            brokers,
            use_ml: false,
            params: changed(fields, texts),
            portfolio,
          },
        }),
      ),
    {
      done: (row) => `${row.name} is ${row.state}`,
      renews: ["strategies"],
      quiet: true,
      after: (row) => onStarted(row.name),
    },
  );
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        void deed.run();
      }}
    >
      <Stack gap="sm">
        {kind.problem && <Alert color="red">{kind.problem}</Alert>}
        <Names
          label="Symbols"
          description="What it trades, with commas between"
          known={listed}
          required
          onNames={setSymbols}
        />
        <Checkbox.Group
          label="Accounts"
          description="Where its orders go. None: the router chooses."
          value={brokers}
          onChange={setBrokers}
        >
          <Group gap="md" mt={6}>
            {accounts.map((account) => (
              <Checkbox key={account} value={account} label={account} />
            ))}
          </Group>
        </Checkbox.Group>
        <NativeSelect
          label="Portfolio"
          description="Whose profit it makes"
          value={portfolio}
          onChange={(event) => setPortfolio(event.currentTarget.value)}
          data={[{ value: "", label: "the desk's own choice" }, ...portfolios]}
        />
        <Fields fields={fields} texts={texts} faults={wrong} onChange={setTexts} />
        {deed.error !== null && <Failed error={deed.error} />}
        <Group justify="space-between">
          <Text size="xs" className="faint">
            Every order of it passes the same risk checks as one by hand.
          </Text>
          <Button
            type="submit"
            loading={deed.busy}
            disabled={symbols.length === 0 || Object.keys(wrong).length > 0 || kind.problem !== ""}
          >
            Start
          </Button>
        </Group>
      </Stack>
    </form>
  );
}

/** Symbols that have a book now: the likely ones; others can be typed. */
function useSymbols(): string[] {
  const books = useTopic("books");
  const names = (books ?? []).map((book) => book.instrument.split("@")[0] ?? book.instrument);
  return [...new Set(names)].sort();
}
