/** What was filled in the bar under the pointer: all that its mark has no room for. */
import type { CSSProperties } from "react";
import { grouped, Moment } from "../../../parts/Num";
import type { Hovered } from "./CandleChart";
import classes from "./FillsTip.module.css";
import { averageOf, type Mark } from "./marks";

const MOST = 3; // lines of one side: the panel of own fills has them all

export function FillsTip({
  marks,
  hovered,
  places,
}: {
  marks: readonly Mark[];
  hovered: Hovered | null;
  places: number;
}) {
  const here = hovered ? marks.filter((mark) => mark.time === hovered.second) : [];
  if (!hovered || here.length === 0) return null;
  return (
    <div
      className={classes.tip}
      style={{ "--x": `${hovered.x}px` } as CSSProperties}
      role="tooltip"
    >
      {here.map((mark) => (
        <Side key={mark.side} mark={mark} places={places} />
      ))}
    </div>
  );
}

function Side({ mark: { side, words, fills }, places }: { mark: Mark; places: number }) {
  const price = (value: string | number) => grouped(value, places, places);
  return (
    <section>
      <b className={side === "buy" ? "up" : "down"}>
        {fills.length > 1
          ? `${words}, on average at ${price(averageOf(fills))}`
          : `${side === "buy" ? "Bought" : "Sold"} ${words}`}
      </b>
      {fills.slice(-MOST).map((fill) => (
        <div key={`${fill.account} ${fill.venue_order_id} ${fill.execution_id}`}>
          <Moment ns={fill.at} /> {grouped(fill.quantity)} at {price(fill.price)}{" "}
          <span className="faint">{fill.strategy ?? fill.portfolio ?? fill.account}</span>
        </div>
      ))}
      {fills.length > MOST && <div className="faint">and {fills.length - MOST} before them</div>}
    </section>
  );
}
