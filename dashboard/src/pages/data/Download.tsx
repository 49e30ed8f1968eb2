/** Fetching a venue's own history into the store. */
import { Text, TextInput } from "@mantine/core";
import { useState } from "react";
import { api, told } from "../../api/client";
import { Ask } from "../../parts/Ask";
import { useDeed } from "../../parts/useDeed";
import { useInstruments } from "../../parts/useInstruments";

const MONTH_MS = 30 * 86_400_000;
const isSymbol = (text: string) => /^[^@\s]+@[^@\s]+$/.test(text);
const isTimeframe = (text: string) => /^[1-9]\d{0,3}[smhdwM]$/.test(text);

export function Download({ opened, onClose }: { opened: boolean; onClose: () => void }) {
  const known = useInstruments();
  const [typed, setSymbol] = useState<string | null>(null);
  const symbol = typed ?? known[0] ?? "";
  const [timeframe, setTimeframe] = useState("1m");
  const [since, setSince] = useState(() =>
    new Date(Date.now() - MONTH_MS).toISOString().slice(0, 10),
  );
  const [until, setUntil] = useState("");
  const deed = useDeed(
    () =>
      told(
        api.POST("/api/v1/data/download", {
          body: { symbol, timeframe, since, until: until || null },
        }),
      ),
    { done: `${symbol} is being fetched`, renews: ["jobs"], quiet: true, after: onClose },
  );
  return (
    <Ask
      opened={opened}
      title="Download a venue's history"
      deed="Download"
      busy={deed.busy}
      error={deed.error}
      disabled={!isSymbol(symbol) || !isTimeframe(timeframe) || since === ""}
      onYes={() => void deed.run()}
      onClose={onClose}
    >
      <TextInput
        label="Instrument"
        description="A symbol and the venue it is of"
        placeholder="BTC/USDT@binance"
        list="downloads"
        data-autofocus
        withAsterisk
        value={symbol}
        error={symbol !== "" && !isSymbol(symbol) ? "like BTC/USDT@binance" : null}
        onChange={(event) => setSymbol(event.currentTarget.value.trim())}
      />
      <datalist id="downloads">
        {known.map((name) => (
          <option key={name} value={name} />
        ))}
      </datalist>
      <TextInput
        label="Timeframe"
        description="Like 1m, 5m, 1h, 1d"
        value={timeframe}
        error={isTimeframe(timeframe) ? null : "a number and s, m, h, d, w or M"}
        onChange={(event) => setTimeframe(event.currentTarget.value.trim())}
      />
      <TextInput
        type="date"
        label="Since"
        withAsterisk
        value={since}
        onChange={(event) => setSince(event.currentTarget.value)}
      />
      <TextInput
        type="date"
        label="Until"
        description="Empty: until now"
        value={until}
        onChange={(event) => setUntil(event.currentTarget.value)}
      />
      <Text size="xs" className="faint">
        Asked for again, it goes on where it was.
      </Text>
    </Ask>
  );
}
