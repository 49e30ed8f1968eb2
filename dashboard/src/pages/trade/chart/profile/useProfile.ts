/** The volume profile of the bars in sight, made of narrower ones where the venue has them. */
import { type UseQueryResult, useQueries } from "@tanstack/react-query";
import { useCallback, useMemo, useState } from "react";
import { api, type Shapes, told } from "../../../../api/client";
import { type Bar, merged, startOf, type Timeframe, widthOf } from "../bars";
import { blocksOf, finerThan, inParts } from "./finer";
import { type Profile, profileOf } from "./profile";
import type { Sight } from "./sight";

/** `profile` is null when nothing is known to have been traded. */
export type Profiled = {
  profile: Profile | null;
  /** How many bars are in sight. */
  count: number;
  /** The widths of the bars it was made of, narrowest first. */
  widths: readonly Timeframe[];
};

/** Return what to tell when other bars are in sight, and the profile once some were told of. */
export function useProfile(
  isOn: boolean,
  instrument: string,
  timeframe: Timeframe,
  bars: readonly Bar[],
  tick: number,
): { onSight: ((sight: Sight) => void) | undefined; profiled: Profiled | null } {
  const [seen, setSeen] = useState<{ of: Timeframe; sight: Sight } | null>(null);
  const onSight = useCallback((sight: Sight) => setSeen({ of: timeframe, sight }), [timeframe]);
  // What was in sight of another width is none of this one's.
  const sight = isOn && seen?.of === timeframe ? seen.sight : null;
  const [from, to] = sight ?? [0, 0];
  const width = widthOf(timeframe);
  const isTold = bars.some((bar) => (bar[5] ?? 0) > 0); // else nobody has volumes of it
  const finer = sight && isTold ? finerThan(timeframe, to + width - from) : null;
  const closed = startOf(bars.at(-1) ?? []);
  const finerWidth = finer ? widthOf(finer) : 0;
  const blocks = finerWidth ? blocksOf(from, to + width, closed, finerWidth) : [];
  const answers = useQueries({
    queries: blocks.map(({ begin, end, full, last }) => ({
      queryKey: ["candles", "narrower", instrument, finer, begin],
      queryFn: () =>
        told(
          api.GET("/api/v1/market/candles/{symbol}", {
            params: {
              path: { symbol: instrument },
              query: { timeframe: finer ?? timeframe, last, end_ns: end * 1e9 },
            },
          }),
        ),
      staleTime: Number.POSITIVE_INFINITY,
      // One that was not full when it was asked for is asked for again as bars close.
      refetchInterval: (query: { state: { dataUpdatedAt: number } }) =>
        query.state.dataUpdatedAt < full * 1e3 ? width * 1e3 : false,
    })),
    combine: dataOf,
  });
  const narrower = useMemo(() => merged(...answers.map((each) => each?.bars ?? [])), [answers]);

  const profiled = useMemo(() => {
    if (!sight) return null;
    const inSight = bars.filter((bar) => startOf(bar) >= from && startOf(bar) <= to);
    const parts = inParts(inSight, width, narrower);
    const widths = [
      ...(finer && parts.parted ? [finer] : []),
      ...(parts.whole || !parts.parted ? [timeframe] : []),
    ];
    return { profile: profileOf(parts.bars, tick), count: inSight.length, widths };
  }, [bars, narrower, sight, from, to, width, tick, finer, timeframe]);
  return { onSight: isOn ? onSight : undefined, profiled };
}

/** What came of questions; the same as before, where nothing else did. */
function dataOf(asked: UseQueryResult<Shapes["Candles"]>[]) {
  return asked.map(({ data }) => data);
}
