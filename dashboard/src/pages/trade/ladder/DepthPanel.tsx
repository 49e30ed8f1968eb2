/** How much rests how far away. */
import { type PointerEvent, useState } from "react";
import { grouped } from "../../../parts/Num";
import { Panel } from "../../../parts/Panel";
import classes from "./Depth.module.css";
import { type Corner, type Depth, depthOf, type Sides } from "./levels";

const [WIDTH, HEIGHT] = [1_000, 400];

export function DepthPanel({ sides, places }: { sides: Sides | null; places: number }) {
  const depth = sides && depthOf(sides);
  return <Panel title="Depth">{depth ? <Drawing depth={depth} places={places} /> : null}</Panel>;
}

function Drawing({ depth, places }: { depth: Depth; places: number }) {
  const [at, setAt] = useState<number | null>(null);
  const x = (price: number) => ((price - depth.low) / (depth.high - depth.low)) * WIDTH;
  const y = (total: number) => HEIGHT - (total / depth.most) * HEIGHT * 0.92;
  const price = at === null ? null : depth.low + at * (depth.high - depth.low);
  const look = (event: PointerEvent) => {
    const { left, width } = event.currentTarget.getBoundingClientRect();
    setAt((event.clientX - left) / width);
  };
  return (
    <div className={classes.depth} onPointerMove={look} onPointerLeave={() => setAt(null)}>
      <svg viewBox={`0 0 ${WIDTH} ${HEIGHT}`} preserveAspectRatio="none" role="img">
        <title>what rests on each side of the middle</title>
        <path className={classes.bids} d={outline(depth.bids, 0, x, y)} />
        <path className={classes.asks} d={outline(depth.asks, WIDTH, x, y)} />
        {at !== null && (
          <line className={classes.looked} x1={at * WIDTH} x2={at * WIDTH} y1="0" y2={HEIGHT} />
        )}
      </svg>
      <div className={classes.words}>
        {price === null
          ? `${grouped(depth.most, 2)} on the deeper side`
          : `${grouped(upTo(depth, price), 4)} to ${grouped(price, places)}`}
      </div>
      <div className={classes.ends}>
        <span>{grouped(depth.low, places)}</span>
        <span>{grouped(depth.high, places)}</span>
      </div>
    </div>
  );
}

/** Return what an order that goes as far as a price would find. */
function upTo(depth: Depth, price: number): number {
  const [bid, ask] = [depth.bids[0]?.price ?? 0, depth.asks[0]?.price ?? 0];
  const side =
    price < (bid + ask) / 2
      ? depth.bids.filter((corner) => corner.price >= price)
      : depth.asks.filter((corner) => corner.price <= price);
  return side.at(-1)?.total ?? 0;
}

function outline(
  corners: readonly Corner[],
  edge: number,
  x: (price: number) => number,
  y: (total: number) => number,
): string {
  const first = corners[0];
  if (!first) return "";
  let path = `M${x(first.price)},${HEIGHT}`;
  for (const { price, total } of corners) path += `H${x(price)}V${y(total)}`;
  return `${path}H${edge}V${HEIGHT}Z`;
}
