/** Own orders and fills, of this symbol or of all. */
import { useState } from "react";
import { Panel } from "../../../parts/Panel";
import { Waiting } from "../../../parts/States";
import { useTopic } from "../../../push/useTopic";
import { isOf, type Listed } from "../markets";
import classes from "../Trade.module.css";
import { Ended } from "./Ended";
import { Fills } from "./Fills";
import { isWorking, newestFirst, type Order } from "./orders";
import type { useWrites } from "./useWrites";
import { Working } from "./Working";

const NEWEST = 100; // of what is over: Audit has all of it
const views = ["Working", "Fills", "Ended"] as const;

export function OrdersPanel({
  symbol,
  orders,
  listed,
  writes,
  chosen,
  onChoose,
}: {
  symbol: string;
  orders: readonly Order[] | undefined;
  listed: readonly Listed[];
  /** Without it, who looks only watches. */
  writes: ReturnType<typeof useWrites> | null;
  chosen: string | null;
  onChoose: (id: string | null) => void;
}) {
  const fills = useTopic("fills");
  const [view, setView] = useState<(typeof views)[number]>("Working");
  const [isAll, setAll] = useState(false);
  const isShown = (row: { instrument: string }) => isAll || isOf(symbol, row.instrument);
  const shown = newestFirst((orders ?? []).filter(isShown));
  const working = shown.filter(isWorking);

  const title = (
    <fieldset className={classes.choice} aria-label="what to show">
      {views.map((each) => (
        <button key={each} type="button" aria-pressed={each === view} onClick={() => setView(each)}>
          {each}
          {each === "Working" && ` ${working.length}`}
        </button>
      ))}
    </fieldset>
  );
  const scope = (
    <label className={classes.note}>
      <input
        type="checkbox"
        checked={isAll}
        onChange={(event) => {
          setAll(event.currentTarget.checked);
          event.currentTarget.blur(); // the keys that trade are not for a box that is ticked
        }}
      />{" "}
      all symbols
    </label>
  );
  return (
    <Panel title={title} actions={scope} id="orders">
      {view === "Fills" ? (
        fills ? (
          <Fills rows={fills.filter(isShown).slice(0, NEWEST)} isAll={isAll} />
        ) : (
          <Waiting />
        )
      ) : !orders ? (
        <Waiting />
      ) : view === "Working" ? (
        <Working
          rows={working}
          isAll={isAll}
          listed={listed}
          writes={writes}
          chosen={chosen}
          onChoose={onChoose}
        />
      ) : (
        <Ended rows={shown.filter((order) => !isWorking(order)).slice(0, NEWEST)} isAll={isAll} />
      )}
    </Panel>
  );
}
