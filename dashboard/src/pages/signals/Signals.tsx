/** What strategies said, how sure they were, and what became of it. */
import { NativeSelect } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useMemo, useState } from "react";
import { api, told } from "../../api/client";
import { Panel } from "../../parts/Panel";
import { Rows } from "../../parts/Rows";
import { Empty, Failed, Waiting } from "../../parts/States";
import { useTopic } from "../../push/useTopic";
import { Certainty } from "./Certainty";
import { columns } from "./columns";
import classes from "./Signals.module.css";
import { chosen, joined, keyOf, valuesOf } from "./signals";

const KEPT = 500;

export default function Signals() {
  const pushed = useTopic("signals");
  const asked = useQuery({
    queryKey: ["signals"],
    queryFn: () => told(api.GET("/api/v1/signals", { params: { query: { limit: KEPT } } })),
  });
  const [strategy, setStrategy] = useState("");
  const [symbol, setSymbol] = useState("");
  const [looked, setLooked] = useState<string | null>(null);
  const rows = useMemo(() => joined(pushed ?? [], asked.data ?? []), [pushed, asked.data]);
  const shown = useMemo(() => chosen(rows, { strategy, symbol }), [rows, strategy, symbol]);

  if (!pushed && asked.isPending) return <Waiting lines={10} />;
  if (!pushed && asked.isError) {
    return <Failed error={asked.error} retry={() => void asked.refetch()} />;
  }
  const filters = (
    <div className={classes.filters}>
      <Filter
        label="strategy"
        all="every strategy"
        value={strategy}
        values={valuesOf(rows, "strategy")}
        onChange={setStrategy}
      />
      <Filter
        label="symbol"
        all="every symbol"
        value={symbol}
        values={valuesOf(rows, "symbol")}
        onChange={setSymbol}
      />
    </div>
  );
  return (
    <div className={classes.page}>
      <Panel title="Confidence" actions={filters}>
        <Certainty rows={shown} looked={looked} onLook={setLooked} />
      </Panel>
      <Panel title="Signals">
        <Rows
          rows={shown}
          columns={columns}
          keyOf={keyOf}
          onRow={(row) => setLooked(keyOf(row))}
          chosen={looked}
          empty={
            rows.length ? (
              <Empty title="No signal of these">Choose another strategy or symbol.</Empty>
            ) : (
              <Empty title="No signal yet">
                Strategies that run tell here what they think, since this desk began.
              </Empty>
            )
          }
          label="signals"
        />
      </Panel>
    </div>
  );
}

function Filter({
  label,
  all,
  value,
  values,
  onChange,
}: {
  label: string;
  all: string;
  value: string;
  values: readonly string[];
  onChange: (value: string) => void;
}) {
  return (
    <NativeSelect
      size="xs"
      aria-label={label}
      value={value}
      onChange={(event) => onChange(event.currentTarget.value)}
      data={[{ value: "", label: all }, ...values]}
    />
  );
}
