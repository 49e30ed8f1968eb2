import { useQuery } from "@tanstack/react-query";
import { useCallback, useMemo } from "react";
import { api, type Shapes, told } from "../../../api/client";
import { Panel } from "../../../parts/Panel";
import { Asked, Empty } from "../../../parts/States";
import { useTopic } from "../../../push/useTopic";
import { placesOf } from "../decimal";
import { isOf } from "../markets";
import classes from "../Trade.module.css";
import { joinedFills, marksOf, type Timeframe, timeframes } from "./bars";
import { CandleChart, type Line } from "./CandleChart";
import { useCandles } from "./useCandles";

const FILLS = 500; // marked on the chart from before it was opened
type Order = Shapes["Order"];

export function ChartPanel({
  symbol,
  timeframe,
  tick,
  working,
  onTimeframe,
}: {
  symbol: string;
  timeframe: Timeframe;
  tick: string | null;
  working: readonly Order[];
  onTimeframe: (timeframe: Timeframe) => void;
}) {
  const { pages, bars, source } = useCandles(symbol, timeframe);
  const pushed = useTopic("fills");
  const asked = useQuery({
    queryKey: ["fills", "chart"],
    queryFn: () => told(api.GET("/api/v1/fills", { params: { query: { limit: FILLS } } })),
    staleTime: Number.POSITIVE_INFINITY, // newer ones are pushed
    gcTime: 0,
  });
  const marks = useMemo(
    () =>
      marksOf(
        joinedFills(asked.data ?? [], pushed ?? []).filter((fill) => isOf(symbol, fill.instrument)),
        bars,
      ),
    [asked.data, pushed, bars, symbol],
  );
  const lines = useMemo(() => linesOf(working, symbol), [working, symbol]);
  const { hasNextPage, isFetchingNextPage, fetchNextPage } = pages;
  const older = useCallback(() => {
    if (hasNextPage && !isFetchingNextPage) void fetchNextPage();
  }, [hasNextPage, isFetchingNextPage, fetchNextPage]);

  const title = (
    <>
      Chart{" "}
      {source === "desk" && (
        <span
          className={classes.note}
          title="The venue has no history: these bars are made of the prices that this desk saw"
        >
          prices seen here
        </span>
      )}
    </>
  );
  const choice = (
    <fieldset className={classes.choice} aria-label="timeframe">
      {timeframes.map((each) => (
        <button
          key={each}
          type="button"
          aria-pressed={each === timeframe}
          onClick={() => onTimeframe(each)}
        >
          {each}
        </button>
      ))}
    </fieldset>
  );
  return (
    <Panel title={title} actions={choice} id="chart">
      <Asked query={pages} lines={8}>
        {() =>
          bars.length ? (
            <CandleChart
              key={`${symbol} ${timeframe}`}
              bars={bars}
              marks={marks}
              lines={lines}
              places={tick ? placesOf(tick) : 2}
              onOlder={older}
              label={`candles of ${symbol}, ${timeframe}`}
            />
          ) : (
            <Empty title="No bar yet">
              The venue told no history; bars appear as soon as this desk has seen prices.
            </Empty>
          )
        }
      </Asked>
    </Panel>
  );
}

function linesOf(working: readonly Order[], symbol: string): Line[] {
  return working
    .filter((order) => isOf(symbol, order.instrument))
    .flatMap((order) => {
      const side = order.side.toLowerCase() === "buy" ? "buy" : "sell";
      const prices = [
        ["limit", order.limit_price],
        ["stop", order.stop_price],
      ] as const;
      return prices
        .filter(([, price]) => price !== null)
        .map(([name, price]) => ({
          key: `${order.order_id} ${name}`,
          price: Number(price),
          side: side as Line["side"],
          words: `${side} ${order.quantity}${name === "stop" ? " stop" : ""}`,
        }));
    });
}
