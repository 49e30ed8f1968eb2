/** All venues' books of a symbol as one: a click on a price takes it into the ticket. */
import { IconX } from "@tabler/icons-react";
import { useState } from "react";
import type { Shapes } from "../../../api/client";
import { grouped } from "../../../parts/Num";
import { Panel } from "../../../parts/Panel";
import { Empty, Failed, Waiting } from "../../../parts/States";
import classes from "./Ladder.module.css";
import { type Level, placesFor, type Sides } from "./levels";

const CROSSED =
  "Best of several venues: bid above ask here is a price difference that fees may eat";
const DIGITS = 10; // of a price
const ROUGH_DIGITS = 6; // of a quantity: more would not fit, and the book moves faster

export function LadderPanel({
  ladder,
  sides,
  error,
  onPrice,
  onCancel,
}: {
  ladder: Shapes["Ladder"] | undefined;
  sides: Sides | null;
  error: unknown;
  onPrice?: ((price: string) => void) | undefined;
  onCancel?: ((orderId: string) => void) | undefined;
}) {
  const [looked, setLooked] = useState<{ side: "bids" | "asks"; index: number } | null>(null);
  const isSeveral = (ladder?.venues.length ?? 0) > 1;
  const title = ladder?.crossed ? (
    <span title={isSeveral ? CROSSED : "A bid is above an ask: the venue's book is behind"}>
      Book, crossed
    </span>
  ) : (
    "Book"
  );
  return (
    <Panel title={title} id="book">
      {!ladder || !sides ? (
        error ? (
          <Failed error={error} />
        ) : (
          <Waiting lines={12} />
        )
      ) : ladder.ready ? (
        <div className={classes.ladder}>
          <div className={`${classes.row} ${classes.head}`} aria-hidden="true">
            <span />
            <span>Price</span>
            <span>Quantity</span>
            <span>Total</span>
          </div>
          <Side
            name="asks"
            sides={sides}
            onLook={setLooked}
            onPrice={onPrice}
            onCancel={onCancel}
          />
          <div className={classes.middle}>
            <span className="faint">spread</span> {grouped(sides.spread)}
          </div>
          <Side
            name="bids"
            sides={sides}
            onLook={setLooked}
            onPrice={onPrice}
            onCancel={onCancel}
          />
          {isSeveral && <div className={classes.told}>{CROSSED}</div>}
          <Venues
            venues={ladder.venues}
            level={looked ? sides[looked.side][looked.index] : undefined}
          />
        </div>
      ) : (
        <Empty title="No good book">
          No venue's book of this can be trusted now; it comes back by itself.
        </Empty>
      )}
    </Panel>
  );
}

function Side({
  name,
  sides,
  onLook,
  onPrice,
  onCancel,
}: {
  name: "bids" | "asks";
  sides: Sides;
  onLook: (looked: { side: "bids" | "asks"; index: number } | null) => void;
  onPrice?: ((price: string) => void) | undefined;
  onCancel?: ((orderId: string) => void) | undefined;
}) {
  const all = [...sides.bids, ...sides.asks];
  const places = placesFor(
    all.map(({ price }) => price),
    DIGITS,
  );
  const fine = placesFor(
    all.flatMap(({ quantity, total }) => [quantity, total]),
    ROUGH_DIGITS,
  );
  return (
    <ul className={classes[name]} aria-label={name}>
      {sides[name].map((level, index) => (
        <li
          // biome-ignore lint/suspicious/noArrayIndexKey: a row is a place in the book, whatever the price
          key={index}
          className={classes.row}
          onPointerEnter={() => onLook({ side: name, index })}
          onPointerLeave={() => onLook(null)}
        >
          <span className={classes.bar} style={{ width: `${level.share * 100}%` }} />
          <span className={classes.own}>
            {level.own.map((own) => (
              <button
                key={own.order_id}
                type="button"
                disabled={!onCancel}
                onClick={() => onCancel?.(own.order_id)}
                title={`own order of ${own.quantity} at ${own.account}: cancel it`}
                aria-label={`cancel own order of ${own.quantity} at ${own.price}`}
              >
                <IconX size={10} stroke={3} />
                {grouped(own.quantity, 4)}
              </button>
            ))}
          </span>
          <button
            type="button"
            className={classes.price}
            disabled={!onPrice}
            onClick={() => onPrice?.(level.price)}
            onFocus={() => onLook({ side: name, index })}
            onBlur={() => onLook(null)}
            aria-label={`${level.price}, ${level.quantity} there`}
          >
            {grouped(level.price, places, places)}
          </button>
          <span>{grouped(level.quantity, fine, fine)}</span>
          <span className="faint">{grouped(level.total, fine, fine)}</span>
        </li>
      ))}
    </ul>
  );
}

/** Who stands behind the level that is looked at; else, whose books these are. */
function Venues({ venues, level }: { venues: readonly string[]; level: Level | undefined }) {
  return (
    <div className={classes.venues} aria-live="off">
      {level
        ? level.venues.map(([venue, quantity]) => (
            <span key={venue}>
              <span className="faint">{venue}</span> {grouped(quantity, ROUGH_DIGITS)}
            </span>
          ))
        : venues.map((venue) => (
            <span key={venue} className="faint">
              {venue}
            </span>
          ))}
    </div>
  );
}
