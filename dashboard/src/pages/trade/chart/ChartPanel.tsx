import { useLocalStorage, useMediaQuery } from "@mantine/hooks";
import { IconAlignRight, IconChartLine } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { useCallback, useMemo, useState } from "react";
import { api, type Shapes, told } from "../../../api/client";
import { Panel } from "../../../parts/Panel";
import { Asked, Empty } from "../../../parts/States";
import { useTopic } from "../../../push/useTopic";
import { Choice } from "../Choice";
import { placesOf } from "../decimal";
import { isOf } from "../markets";
import classes from "../Trade.module.css";
import { type Timeframe, timeframes, widthOf } from "./bars";
import { CandleChart, type Hovered, type Line } from "./CandleChart";
import { FillsTip } from "./FillsTip";
import { MOST_PANES, type Shown, shownOf } from "./indicators";
import { Legend } from "./Legend";
import legend from "./Legend.module.css";
import { joinedFills, marksOf } from "./marks";
import { ProfileWords } from "./profile/ProfileWords";
import { useProfile } from "./profile/useProfile";
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
  const { pages, bars, indicators, elsewhere, instrument, source } = useCandles(symbol, timeframe);
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
  const places = tick ? placesOf(tick) : 2;
  const [isDrawn, setDrawn] = useRemembered("trade-indicators", true);
  const [hidden, setHidden] = useRemembered<string[]>("trade-indicators-hidden", []);
  const [hovered, setHovered] = useState<Hovered | null>(null);
  const onHover = useCallback(
    (now: Hovered | null) =>
      setHovered((before) =>
        before?.second === now?.second && before?.x === now?.x ? before : now,
      ),
    [],
  );
  const mostPanes = useMediaQuery("(max-width: 48em)") ? 1 : MOST_PANES;
  const shown = useMemo(
    () => shownOf(indicators, hidden, places, mostPanes),
    [indicators, hidden, places, mostPanes],
  );
  const seen = useMemo(
    () => (isDrawn ? shown.filter(({ key }) => !hidden.includes(key)) : nothing),
    [isDrawn, shown, hidden],
  );
  const [isProfiled, setProfiled] = useRemembered("trade-volume-profile", false);
  const { onSight, profiled } = useProfile(isProfiled, instrument, timeframe, bars, Number(tick));
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
    <Choice label="timeframe" of={timeframes} chosen={timeframe} onChoose={onTimeframe}>
      <button
        type="button"
        aria-label="volume profile"
        title={`${isProfiled ? "Hide" : "Show"} how much was traded at which price`}
        aria-pressed={isProfiled}
        onClick={() => setProfiled(!isProfiled)}
      >
        <IconAlignRight size={13} style={{ verticalAlign: "-2px" }} />
      </button>
      {(shown.length > 0 || elsewhere.length > 0) && (
        <button
          type="button"
          aria-label="indicators of strategies"
          title={`${isDrawn ? "Hide" : "Show"} what strategies go by`}
          aria-pressed={isDrawn}
          onClick={() => setDrawn(!isDrawn)}
        >
          <IconChartLine size={13} style={{ verticalAlign: "-2px" }} />
        </button>
      )}
    </Choice>
  );
  return (
    <Panel title={title} actions={choice} id="chart">
      <Asked query={pages} lines={8}>
        {() =>
          bars.length ? (
            <div className={legend.stage}>
              <CandleChart
                key={`${symbol} ${timeframe}`}
                bars={bars}
                marks={marks}
                lines={lines}
                indicators={seen}
                profile={profiled?.profile ?? null}
                places={places}
                widthS={widthOf(timeframe)}
                onOlder={older}
                onHover={onHover}
                onSight={onSight}
                label={`candles of ${symbol}, ${timeframe}`}
              />
              <FillsTip marks={marks} hovered={hovered} places={places} />
              <div className={legend.over}>
                {isDrawn && (
                  <Legend
                    shown={shown}
                    hidden={hidden}
                    onToggle={(key) => setHidden(toggled(hidden, key))}
                    elsewhere={elsewhere}
                    onTimeframe={(wanted) => {
                      const offered = timeframes.find((each) => each === wanted);
                      return offered && (() => onTimeframe(offered));
                    }}
                    second={hovered?.second ?? null}
                  />
                )}
                {profiled && (
                  <ProfileWords profiled={profiled} tick={Number(tick)} places={places} />
                )}
              </div>
            </div>
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

const nothing: Shown[] = [];

function useRemembered<T>(key: string, defaultValue: T) {
  return useLocalStorage<T>({ key, defaultValue, getInitialValueInEffect: false });
}

function toggled(hidden: readonly string[], key: string): string[] {
  return hidden.includes(key) ? hidden.filter((each) => each !== key) : [...hidden, key];
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
