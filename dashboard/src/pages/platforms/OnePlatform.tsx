/** Everything that one platform tells, as it comes; what it does not tell takes no room. */
import { useMemo, useRef } from "react";
import { Waiting } from "../../parts/States";
import { useTopic } from "../../push/useTopic";
import { Charts } from "./Charts";
import { News, Predictions, Sentiment } from "./Expected";
import { MarketData } from "./MarketData";
import { Metrics } from "./Metrics";
import { Fills, Orders } from "./Orders";
import { RiskMetrics, Strategies } from "./Performance";
import classes from "./Platforms.module.css";
import { Portfolio, Positions } from "./Portfolio";
import { bySubject, type Everything } from "./said";

export function OnePlatform({ platform }: { platform: string }) {
  const rows = useTopic(`platform:${platform}`);
  const before = useRef<Everything>({});
  const told = useMemo(() => {
    before.current = bySubject(rows ?? [], before.current);
    return before.current;
  }, [rows]);

  if (!rows) return <Waiting lines={10} />;
  const trades = told["market-data"] || told.orders || told.fills || hasPositions(told);
  const thinks =
    told["strategy-performance"] ||
    told["risk-metrics"] ||
    told.metrics ||
    told.predictions ||
    told.sentiment ||
    told.news;
  return (
    <>
      {told.portfolio?.[0] && <Portfolio row={told.portfolio[0]} />}
      <div className={classes.columns}>
        {trades && (
          <div className={classes.column}>
            {told.portfolio?.[0] && hasPositions(told) && <Positions row={told.portfolio[0]} />}
            {told["market-data"] && <MarketData rows={told["market-data"]} />}
            {told.orders && <Orders rows={told.orders} />}
            {told.fills && <Fills rows={told.fills} />}
          </div>
        )}
        {thinks && (
          <div className={classes.column}>
            {told["strategy-performance"] && <Strategies rows={told["strategy-performance"]} />}
            {told["risk-metrics"]?.[0] && <RiskMetrics row={told["risk-metrics"][0]} />}
            {told.metrics && <Metrics platform={platform} rows={told.metrics} />}
            {told.predictions && <Predictions rows={told.predictions} />}
            {told.sentiment && <Sentiment rows={told.sentiment} />}
            {told.news && <News rows={told.news} />}
          </div>
        )}
      </div>
      {told.charts && <Charts rows={told.charts} />}
    </>
  );
}

function hasPositions(told: Everything): boolean {
  return (told.portfolio?.[0]?.value.positions?.length ?? 0) > 0;
}
