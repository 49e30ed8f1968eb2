/** Bars of one chart: history asked for page by page, then what is pushed. */
import { useInfiniteQuery } from "@tanstack/react-query";
import { useEffect, useMemo, useRef } from "react";
import { api, told } from "../../../api/client";
import { useTopic } from "../../../push/useTopic";
import { type Bar, hasGap, merged, startOf, type Timeframe, widthOf } from "./bars";
import { joinedLines, keyOf } from "./indicators";

const PAGE = 500;

export function useCandles(symbol: string, timeframe: Timeframe) {
  const pages = useInfiniteQuery({
    queryKey: ["candles", symbol, timeframe],
    initialPageParam: null as number | null,
    queryFn: ({ pageParam }) =>
      told(
        api.GET("/api/v1/market/candles/{symbol}", {
          params: { path: { symbol }, query: { timeframe, last: PAGE, end_ns: pageParam } },
        }),
      ),
    getNextPageParam: (last) => {
      const first = last.bars[0];
      return first ? startOf(first) * 1e9 : null;
    },
    staleTime: Number.POSITIVE_INFINITY,
    gcTime: 0, // a chart opened again asks again: what was pushed meanwhile was not kept
  });
  const pushed = useTopic(`candle:${symbol}:${timeframe}`);

  const history = useMemo(
    () => merged(...(pages.data?.pages.map((page) => page.bars) ?? []).reverse()),
    [pages.data],
  );
  // What was pushed since the history was read, kept while the history stays the same.
  const since = useRef<{ history: Bar[]; bars: Bar[] }>({ history, bars: [] });
  const bars = useMemo(() => {
    const forming = pushed?.forming ?? pages.data?.pages[0]?.forming;
    const news = [...(pushed?.bars ?? []), ...(forming ? [forming] : [])];
    const before = since.current.history === history ? since.current.bars : history;
    since.current = { history, bars: merged(before, news) };
    return since.current.bars;
  }, [history, pushed, pages.data]);

  const { refetch } = pages;
  const isGap = hasGap(history, bars, widthOf(timeframe)) && isFarApart(bars, widthOf(timeframe));
  useEffect(() => {
    if (isGap) void refetch();
  }, [isGap, refetch]);

  const newest = pushed ?? pages.data?.pages[0];
  const drawn = newest?.indicators;
  const indicators = useMemo(
    () =>
      joinedLines(drawn ?? [], (pages.data?.pages.map((page) => page.indicators) ?? []).reverse()),
    [drawn, pages.data],
  );
  // A strategy that was started since has no points on the older pages that are there.
  const asked = pages.data?.pages;
  const isNew =
    (asked?.length ?? 0) > 1 &&
    indicators.some((row) => !asked?.[0]?.indicators.some((each) => keyOf(each) === keyOf(row)));
  useEffect(() => {
    if (isNew) void refetch();
  }, [isNew, refetch]);
  return {
    pages,
    bars,
    indicators,
    elsewhere: newest?.indicator_timeframes ?? [],
    instrument: pages.data?.pages[0]?.instrument ?? symbol,
    source: pushed?.source || pages.data?.pages[0]?.source || "",
  };
}

/** Markets close: only a gap among the newest bars is one that history may fill. */
function isFarApart(bars: readonly Bar[], width: number): boolean {
  const [one, other] = bars.slice(-2);
  return Boolean(one && other && startOf(other) - startOf(one) > 2 * width);
}
