/** Own orders and fills, of this symbol or of all. */
import { useState } from "react";
import { api } from "../../../api/client";
import { Awaited } from "../../../parts/Awaited";
import { AsOf, useFromFiles } from "../../../parts/FromFiles";
import { Panel } from "../../../parts/Panel";
import { useTopic } from "../../../push/useTopic";
import { Choice } from "../Choice";
import { isOf, type Listed } from "../markets";
import classes from "../Trade.module.css";
import { Ended } from "./Ended";
import { Fills } from "./Fills";
import { isByHand, isWorking, newestFirst, type Order, oldestFirst } from "./orders";
import type { useWrites } from "./useWrites";
import { Working } from "./Working";

const NEWEST = 100; // of what is over: Audit has all of it
const views = ["Working", "Fills", "Ended"] as const;

export function OrdersPanel({
  symbol,
  orders,
  listed,
  writes,
  isCareful = false,
  chosen,
  onChoose,
}: {
  /** Null: of all symbols, without a choice. */
  symbol: string | null;
  orders: readonly Order[] | undefined;
  listed: readonly Listed[];
  /** Without it, who looks only watches. */
  writes: ReturnType<typeof useWrites> | null;
  isCareful?: boolean;
  chosen: string | null;
  onChoose: (id: string | null) => void;
}) {
  const pushed = useTopic("fills");
  const filed = useFromFiles("fills", () => api.GET("/api/v1/fills"));
  const fills = pushed ?? filed?.rows;
  const [view, setView] = useState<(typeof views)[number]>("Working");
  const [isAll, setAll] = useState(false);
  const [isHand, setHand] = useState(false);
  const isEvery = isAll || symbol === null;
  const isShown = (row: { instrument: string; strategy: string | null }) =>
    (symbol === null || isAll || isOf(symbol, row.instrument)) && (!isHand || isByHand(row));
  const shown = newestFirst((orders ?? []).filter(isShown));
  const working = oldestFirst(shown.filter(isWorking));

  const title = (
    <Choice
      label="what to show"
      of={views}
      chosen={view}
      onChoose={setView}
      wordsOf={(each) => (each === "Working" ? `${each} ${working.length}` : each)}
    />
  );
  const scope = (
    <div className={classes.notes}>
      {!pushed && <AsOf filed={filed} />}
      <Tick words="by hand only" isOn={isHand} onChange={setHand} />
      {symbol !== null && <Tick words="all symbols" isOn={isAll} onChange={setAll} />}
    </div>
  );
  return (
    <Panel title={title} actions={scope} id="orders">
      {view === "Fills" ? (
        fills ? (
          <Fills rows={fills.filter(isShown).slice(0, NEWEST)} isAll={isEvery} />
        ) : (
          <Awaited />
        )
      ) : !orders ? (
        <Awaited />
      ) : view === "Working" ? (
        <Working
          rows={working}
          known={orders}
          isAll={isEvery}
          listed={listed}
          writes={writes}
          isCareful={isCareful}
          chosen={chosen}
          onChoose={onChoose}
        />
      ) : (
        <Ended rows={shown.filter((order) => !isWorking(order)).slice(0, NEWEST)} isAll={isEvery} />
      )}
    </Panel>
  );
}

function Tick({
  words,
  isOn,
  onChange,
}: {
  words: string;
  isOn: boolean;
  onChange: (isOn: boolean) => void;
}) {
  return (
    <label className={classes.note}>
      <input
        type="checkbox"
        checked={isOn}
        onChange={(event) => {
          onChange(event.currentTarget.checked);
          event.currentTarget.blur(); // the keys that trade are not for a box that is ticked
        }}
      />{" "}
      {words}
    </label>
  );
}
