/** What to try, on which part of the past, with how much. */
import {
  Alert,
  Anchor,
  Button,
  Drawer,
  Group,
  NativeSelect,
  Stack,
  Text,
  TextInput,
} from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { useMemo, useState } from "react";
import { api, type Shapes, told } from "../../api/client";
import { Fields } from "../../parts/Fields";
import { changed, faults, fieldOf, startTexts } from "../../parts/form";
import { moment } from "../../parts/Num";
import { Asked, Empty, Failed } from "../../parts/States";
import { useDeed } from "../../parts/useDeed";
import { type Kind, useKinds } from "../strategies/kinds";

type Series = Shapes["Series"];
const FIRST = "sma_cross"; // goes by bars, which are all that is stored; others may ask for books

const terms = [
  fieldOf({ name: "start", help: "From this day on (UTC); empty: all there is" }),
  fieldOf({ name: "end", help: "Up to this day" }),
  fieldOf({ name: "capital", type: "decimal", default: "10000", least: 0, required: true }),
  fieldOf({
    name: "fee",
    type: "decimal",
    help: "Rate of maker and taker, like 0.001; empty: 0.001",
    least: 0,
  }),
  fieldOf({
    name: "slippage_bps",
    type: "decimal",
    default: "0",
    help: "How much worse each fill is, in hundredths of a percent",
    least: 0,
  }),
  fieldOf({
    name: "latency_ms",
    type: "int",
    default: "0",
    help: "From a decision to the market",
    least: 0,
    most: 60_000,
  }),
];

export function StartRun({ opened, onClose }: { opened: boolean; onClose: () => void }) {
  const kinds = useKinds(opened);
  const series = useQuery({
    queryKey: ["series"],
    queryFn: () => told(api.GET("/api/v1/data")),
    enabled: opened,
  });
  return (
    <Drawer opened={opened} onClose={onClose} position="right" size="lg" title="New backtest">
      <Asked query={kinds} lines={6}>
        {(all) => (
          <Asked query={series} lines={4}>
            {(stored) => {
              const bars = stored.filter((each) => each.kind === "bars");
              return bars.length === 0 ? (
                <Empty title="No bars are stored yet">
                  <Anchor component={Link} to="/data" inherit onClick={onClose}>
                    Download a venue's history
                  </Anchor>{" "}
                  on the page Data first.
                </Empty>
              ) : (
                <Form kinds={all} stored={bars} onBegun={onClose} />
              );
            }}
          </Asked>
        )}
      </Asked>
    </Drawer>
  );
}

function Form({
  kinds,
  stored,
  onBegun,
}: {
  kinds: readonly Kind[];
  stored: readonly Series[];
  onBegun: () => void;
}) {
  const [name, setName] = useState(() => {
    const able = kinds.filter((kind) => !kind.problem);
    return (able.find((kind) => kind.name === FIRST) ?? able[0])?.name ?? "";
  });
  const [seriesName, setSeriesName] = useState(stored[0]?.name ?? "");
  const [conditions, setConditions] = useState(() => startTexts(terms));
  const [typed, setTyped] = useState<Readonly<Record<string, Readonly<Record<string, string>>>>>(
    {},
  );
  const kind = kinds.find((each) => each.name === name);
  const series = stored.find((each) => each.name === seriesName);
  const fields = useMemo(() => kind?.fields ?? [], [kind]);
  const params = typed[name] ?? startTexts(fields);
  const wrong = faults(fields, params);
  const wrongTerms = faults(terms, conditions);
  const isFit = kind && !kind.problem && series && none(wrong) && none(wrongTerms);

  const deed = useDeed(
    () =>
      told(
        api.POST("/api/v1/backtests", {
          body: {
            strategy: name,
            symbol: series?.instrument ?? "",
            timeframe: series?.timeframe ?? "",
            start: conditions.start || null,
            end: conditions.end || null,
            params: changed(fields, params) as Record<string, string | number | boolean>,
            capital: conditions.capital ?? "",
            fee: conditions.fee || null,
            slippage_bps: conditions.slippage_bps || "0",
            latency_ms: Number(conditions.latency_ms || 0),
          },
        }),
      ),
    { done: `${name} is being tried`, renews: ["backtests"], quiet: true, after: onBegun },
  );
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        void deed.run();
      }}
    >
      <Stack gap="sm">
        <NativeSelect
          label="Strategy"
          description={kind?.words ?? ""}
          value={name}
          onChange={(event) => setName(event.currentTarget.value)}
          data={kinds.map((each) => ({
            value: each.name,
            label: each.problem ? `${each.name} (cannot be loaded)` : each.name,
          }))}
        />
        {kind?.problem && <Alert color="red">{kind.problem}</Alert>}
        <NativeSelect
          label="Series"
          description={
            series ? `${moment(series.first_ns, true)} to ${moment(series.last_ns, true)}` : ""
          }
          value={seriesName}
          onChange={(event) => setSeriesName(event.currentTarget.value)}
          data={stored.map((each) => each.name)}
        />
        <Group grow>
          <TextInput
            type="date"
            label="from"
            description="UTC; empty: all"
            value={conditions.start ?? ""}
            onChange={(event) => setConditions({ ...conditions, start: event.currentTarget.value })}
          />
          <TextInput
            type="date"
            label="to"
            description="this day not included"
            value={conditions.end ?? ""}
            onChange={(event) => setConditions({ ...conditions, end: event.currentTarget.value })}
          />
        </Group>
        <Fields
          fields={terms.slice(2)}
          texts={conditions}
          faults={wrongTerms}
          onChange={setConditions}
        />
        <Text size="sm" fw={600}>
          Parameters
        </Text>
        <Fields
          fields={fields}
          texts={params}
          faults={wrong}
          onChange={(next) => setTyped({ ...typed, [name]: next })}
        />
        {deed.error !== null && <Failed error={deed.error} />}
        <Group justify="flex-end">
          <Button type="submit" loading={deed.busy} disabled={!isFit}>
            Run
          </Button>
        </Group>
      </Stack>
    </form>
  );
}

function none(found: Readonly<Record<string, string>>): boolean {
  return Object.keys(found).length === 0;
}
