/** What is at work, by symbol: to the right what is held, to the left what is owed. */
import { Text } from "@mantine/core";
import { Fragment } from "react";
import type { Shapes } from "../../api/client";
import { Num } from "../../parts/Num";
import { Panel } from "../../parts/Panel";
import { Empty } from "../../parts/States";
import { exposureBars } from "./limits";
import classes from "./Risk.module.css";

export function Exposure({
  exposure,
  currency,
}: {
  exposure: Shapes["Exposure"];
  currency: string;
}) {
  const bars = exposureBars(exposure.by_symbol);
  const unpriced = exposure.unpriced;
  return (
    <Panel title={`Exposure by symbol${currency ? `, ${currency}` : ""}`} padded>
      {bars.length === 0 && unpriced.length === 0 && <Empty title="Nothing is at work" />}
      <div className={classes.bars}>
        {bars.map((bar) => (
          <Fragment key={bar.symbol}>
            <span>{bar.symbol}</span>
            <div className={classes.track} aria-hidden>
              <div
                className={bar.share > 0 ? classes.long : classes.short}
                style={{ width: `${Math.abs(bar.share) * 50}%` }}
              />
            </div>
            <Num value={bar.value} places={2} least={2} />
          </Fragment>
        ))}
      </div>
      {unpriced.length > 0 && (
        <Text size="xs" className="warn" mt="xs">
          ! Without a price, so not counted: {unpriced.join(", ")}
        </Text>
      )}
    </Panel>
  );
}
