/** The form of one adapter. Secrets live in its fields and nowhere else. */
import { Alert, Anchor, Button, Group, NativeSelect, Stack, Text, TextInput } from "@mantine/core";
import { useMemo, useState } from "react";
import { api, Problem, type Shapes, told } from "../../api/client";
import { useSession } from "../../api/session";
import { Fields } from "../../parts/Fields";
import { changed, faults, fieldOf, startTexts } from "../../parts/form";
import { Names } from "../../parts/Names";
import { Failed } from "../../parts/States";
import { useDeed } from "../../parts/useDeed";
import { freeName, nameFault, phraseOf, reachesRealMoney } from "./connecting";
import { Held } from "./Held";
import { Seen } from "./Seen";

function faultWords(wrong: Readonly<Record<string, string>>): string[] {
  return Object.entries(wrong).map(([name, words]) => `${name} ${words}`);
}

const treatments = [
  { value: "observe", label: "show them, never touch them" },
  { value: "adopt", label: "take them over" },
  { value: "halt", label: "stop trading here until a person looks" },
] as const;

export function ConnectForm({
  adapter,
  accounts,
  onConnected,
}: {
  adapter: Shapes["Adapter"];
  accounts: readonly Shapes["Account"][];
  onConnected: (account: string) => void;
}) {
  const session = useSession();
  const fields = useMemo(() => adapter.settings.map(fieldOf), [adapter]);
  const [mine, setMine] = useState(""); // what was connected from here, and may be again
  const taken = accounts.map((each) => each.account).filter((each) => each !== mine);
  const [name, setName] = useState(() => freeName(adapter.id, taken));
  const [texts, setTexts] = useState(() => startTexts(fields));
  const [symbols, setSymbols] = useState<string[]>([]);
  const [foreign, setForeign] = useState<(typeof treatments)[number]["value"]>("observe");
  const [use, setUse] = useState<"trade" | "data">("trade");
  const [typed, setTyped] = useState("");
  const [tried, setTried] = useState(false);
  const [seen, setSeen] = useState<Shapes["Connected"] | null>(null);
  const [held, setHeld] = useState<Shapes["Connected"] | null>(null);

  const body = () => ({
    name,
    adapter: adapter.id,
    venue: "",
    settings: changed(fields, texts) as Record<string, string>,
    symbols,
    foreign,
    use,
    market: "",
    confirm: typed,
  });
  const test = useDeed(() => told(api.POST("/api/v1/venues/test", { body: body() })), {
    quiet: true,
    after: setSeen,
  });
  const connect = useDeed(() => told(api.POST("/api/v1/venues", { body: body() })), {
    quiet: true,
    done: (got) => (got.standing === "ready" ? `${got.account} is ready` : ""),
    renews: ["venues"],
    after: (got) => {
      if (got.standing === "ready") return leave(got.account);
      setSeen(null);
      setMine(got.account);
      setHeld(got);
    },
  });

  function leave(account: string) {
    setTexts(startTexts(fields));
    onConnected(account);
  }

  const wrong = faults(fields, texts);
  const wrongName = nameFault(name, taken);
  const isFit = !wrongName && Object.keys(wrong).length === 0;
  const wasAsked = connect.error instanceof Problem && connect.error.code.startsWith("live");
  const isReal = reachesRealMoney(adapter, texts);
  const needsWords = wasAsked || (isReal && session.mode === "live");
  const phrase = phraseOf(name);
  const busy = test.busy || connect.busy;

  function look() {
    setTried(true);
    setSeen(null);
    connect.clear();
    if (isFit) void test.run();
  }

  return (
    <form
      autoComplete="off"
      onSubmit={(event) => {
        event.preventDefault();
        if (!held) look();
      }}
    >
      <Stack gap="sm">
        {adapter.keys_help && (
          <Alert color="gray" title="About its key">
            <Text size="sm">{adapter.keys_help}</Text>
            {adapter.keys_url && (
              <Anchor href={adapter.keys_url} target="_blank" rel="noreferrer" size="sm">
                Make a key at {new URL(adapter.keys_url).host}
              </Anchor>
            )}
          </Alert>
        )}
        <TextInput
          label="name"
          description="What this account is called here"
          withAsterisk
          value={name}
          error={tried || name !== "" ? wrongName : null}
          onChange={(event) => setName(event.currentTarget.value)}
        />
        <Fields
          fields={fields}
          texts={texts}
          faults={tried ? wrong : {}}
          onChange={(next) => {
            setTexts(next);
            setSeen(null);
          }}
        />
        <Names
          label="symbols"
          description="What it trades, with commas between. Empty: what strategies and people ask for."
          onNames={setSymbols}
        />
        <NativeSelect
          label="orders that are not ours"
          description="What becomes of orders in this account that somebody else made"
          value={foreign}
          onChange={(event) => {
            const chosen = treatments.find(({ value }) => value === event.currentTarget.value);
            setForeign(chosen?.value ?? "observe");
          }}
          data={[...treatments]}
        />
        <NativeSelect
          label="what for"
          description="For market data alone it signs in to no account and sends no order"
          value={use}
          onChange={(event) => setUse(event.currentTarget.value === "data" ? "data" : "trade")}
          data={[
            { value: "trade", label: "trading" },
            { value: "data", label: "market data only" },
          ]}
        />
        <Text size="xs" className="faint">
          Secrets go to the desk, which keeps them in files that only its user reads. This page
          keeps nothing.
        </Text>
        {test.error !== null && <Failed error={test.error} />}
        {seen && <Seen seen={seen} />}
        {connect.error !== null && <Failed error={connect.error} />}
        {isReal && (
          <Alert color="red" title="This account reaches a real market">
            {needsWords ? (
              <TextInput
                label={
                  <>
                    Type <b>{phrase}</b> to let it
                  </>
                }
                autoComplete="off"
                value={typed}
                onChange={(event) => setTyped(event.currentTarget.value)}
              />
            ) : (
              <Text size="sm">
                This desk trades on paper: orders go out for real only from a desk in live mode.
              </Text>
            )}
          </Alert>
        )}
        {tried && !isFit && (
          <Text size="sm" className="down" role="alert">
            ! {[wrongName && `name: ${wrongName}`, ...faultWords(wrong)].filter(Boolean).join("; ")}
          </Text>
        )}
        {held ? (
          <Held
            held={held}
            now={accounts.find((each) => each.account === held.account)}
            onKept={() => leave(held.account)}
            onLeft={() => setHeld(null)}
          />
        ) : (
          <>
            <Group justify="flex-end">
              <Button type="submit" variant="default" loading={test.busy} disabled={busy}>
                Test
              </Button>
              <Button
                loading={connect.busy}
                disabled={seen?.standing !== "ready" || busy || (needsWords && typed !== phrase)}
                color={isReal && needsWords ? "red" : "dock"}
                onClick={() => void connect.run()}
              >
                Connect
              </Button>
            </Group>
            {seen?.standing !== "ready" && (
              <Text size="xs" className="faint" ta="right">
                Test first: it looks at the account and keeps nothing.
              </Text>
            )}
          </>
        )}
      </Stack>
    </form>
  );
}
