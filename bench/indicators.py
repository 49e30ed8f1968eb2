"""Indicators: bar by bar beside NautilusTrader, whole columns beside pandas and vectorbt.

Incremental is one closed bar into an indicator that has warmed up and its value read, in
nanoseconds. Over columns is a million float64 closes into the indicator's values, in
milliseconds; vectorbt is compiled beforehand, and its cache is off. `last` is what each came
to in the end. NautilusTrader's relative strength is from 0 to 1 and its MACD has no signal
line; vectorbt smooths the relative strength by a span where others take Wilder's average.

    python bench/indicators.py [--bars 100000] [--column 1000000] [--only NAME]
"""

from __future__ import annotations

import argparse
import gc
from collections.abc import Callable, Iterator, Mapping
from time import perf_counter
from typing import Any

from _contest import OURS, Contender, Figures, beside, run
from _market import MINUTE_NS, minutes

from crossdock.model import Bar, InstrumentId

ROUNDS = 5
ID = InstrumentId("BTC/USDT@bench")
Steps = Mapping[str, tuple[Callable[[Any], object], Callable[[], Any]]]
"""By row: feed a bar, and read the value."""
Columns = Mapping[str, Callable[[], Any]]
"""By row: compute all values."""
ROWS = {
    "sma": "SMA 20",
    "ema": "EMA 20",
    "rsi": "RSI 14",
    "macd": "MACD 12/26/9",
}


def ours_steps() -> tuple[Steps, Callable[[Any], Any]]:
    from crossdock.analysis import indicators as ta

    made = {
        "sma": ta.sma(20).stream(),
        "ema": ta.ema(20).stream(),
        "rsi": ta.rsi(14).stream(),
        "macd": ta.macd(12, 26, 9).stream(),
    }
    steps = {row: (each.update, lambda each=each: each.value) for row, each in made.items()}

    def bar(row: Any) -> Bar:
        return Bar(
            ID, row.start_ns, MINUTE_NS, row.open, row.high, row.low, row.close, row.volume
        )

    return steps, bar


def nautilus_steps() -> tuple[Steps, Callable[[Any], Any]]:
    from nautilus_trader.indicators import (
        ExponentialMovingAverage,
        MovingAverageConvergenceDivergence,
        RelativeStrengthIndex,
        SimpleMovingAverage,
    )
    from nautilus_trader.model.data import Bar as Peer
    from nautilus_trader.model.data import BarType
    from nautilus_trader.model.objects import Price, Quantity

    made = {
        "sma": SimpleMovingAverage(20),
        "ema": ExponentialMovingAverage(20),
        "rsi": RelativeStrengthIndex(14),
        "macd": MovingAverageConvergenceDivergence(12, 26),
    }
    steps = {
        row: (each.handle_bar, lambda each=each: each.value) for row, each in made.items()
    }
    kind = BarType.from_str("BTCUSDT.BENCH-1-MINUTE-LAST-EXTERNAL")

    def bar(row: Any) -> Peer:
        prices = (Price(value, 4) for value in (row.open, row.high, row.low, row.close))
        end_ns = row.start_ns + MINUTE_NS
        return Peer(kind, *prices, Quantity(row.volume, 0), end_ns, end_ns)

    return steps, bar


def ours_columns(closes: Any) -> Columns:
    from crossdock.analysis import indicators as ta

    frame = {"close": closes}
    made = {
        "sma": ta.sma(20),
        "ema": ta.ema(20),
        "rsi": ta.rsi(14),
        "macd": ta.macd(12, 26, 9),
    }
    return {row: lambda each=each: each.over(frame) for row, each in made.items()}


def pandas_columns(closes: Any) -> Columns:
    import pandas as pd

    series = pd.Series(closes)

    def rsi() -> Any:
        moved = series.diff()
        gain, loss = moved.clip(lower=0), -moved.clip(upper=0)
        up = gain.ewm(alpha=1 / 14, adjust=False).mean()
        down = loss.ewm(alpha=1 / 14, adjust=False).mean()
        return 100 - 100 / (1 + up / down)

    def macd() -> Any:
        fast = series.ewm(span=12, adjust=False).mean()
        line = fast - series.ewm(span=26, adjust=False).mean()
        signal = line.ewm(span=9, adjust=False).mean()
        return line, signal, line - signal

    return {
        "sma": lambda: series.rolling(20).mean(),
        "ema": lambda: series.ewm(span=20, adjust=False).mean(),
        "rsi": rsi,
        "macd": macd,
    }


def vectorbt_columns(closes: Any) -> Columns:
    import pandas as pd
    import vectorbt as vbt

    vbt.settings.caching["enabled"] = False
    series = pd.Series(closes)

    def macd() -> Any:
        found = vbt.MACD.run(series, 12, 26, 9, macd_ewm=True, signal_ewm=True)
        return found.macd, found.signal, found.hist

    return {
        "sma": lambda: vbt.MA.run(series, 20).ma,
        "ema": lambda: vbt.MA.run(series, 20, ewm=True).ma,
        "rsi": lambda: vbt.RSI.run(series, 14, ewm=True).rsi,
        "macd": macd,
    }


def last(value: Any) -> float:
    """Return a single or first output's last value."""
    first = value[0] if isinstance(value, tuple) else value
    end = getattr(first, "iloc", first)
    return float(end[-1] if hasattr(end, "__getitem__") else end)


def contender(
    make_steps: Callable[[], tuple[Steps, Callable[[Any], Any]]] | None,
    make_columns: Callable[[Any], Columns] | None,
) -> Contender:
    def measure(given: argparse.Namespace) -> Mapping[str, Any]:
        figures: dict[str, Any] = {}
        if make_steps is not None:
            figures |= stepped(make_steps, given.bars)
        if make_columns is not None:
            import numpy as np

            closes = np.array([row.close for row in minutes(given.column)])
            for row, compute in make_columns(closes).items():
                figures[f"{row}_column_last"] = last(compute())
                gc.collect()
                figures[f"{row}_column"] = min(spent(compute) for _ in range(ROUNDS)) * 1e3
        return figures

    return measure


def stepped(make: Callable[[], Any], count: int) -> dict[str, float]:
    steps, bar_of = make()
    bars = [bar_of(row) for row in minutes(count)]
    figures = {}
    for row, (feed, value) in steps.items():

        def pass_all(feed: Any = feed, value: Any = value) -> None:
            for bar in bars:
                feed(bar)
                value()

        gc.collect()
        best = min(spent(pass_all) for _ in range(ROUNDS))
        figures[row] = best / count * 1e9
        figures[f"{row}_last"] = last(value())
    return figures


def spent(act: Callable[[], object]) -> float:
    began = perf_counter()
    act()
    return perf_counter() - began


CONTENDERS = {
    OURS: contender(ours_steps, ours_columns),
    "nautilus_trader": contender(nautilus_steps, None),
    "pandas": contender(None, pandas_columns),
    "vectorbt": contender(None, vectorbt_columns),
}


def lines(given: argparse.Namespace, figures: Figures) -> Iterator[dict[str, Any]]:
    for row, words in ROWS.items():
        for peer, theirs in figures.items():
            if peer == OURS:
                continue
            is_step = peer == "nautilus_trader"
            key = row if is_step else f"{row}_column"
            line = {
                "bench": "indicators",
                "row": f"{words}, bar by bar"
                if is_step
                else f"{words}, {given.column} closes",
                "unit": "ns/bar" if is_step else "ms",
                "peer": peer,
            }
            line = beside(line, figures[OURS], theirs, key)
            for whose, of in (("ours", figures[OURS]), ("theirs", theirs)):
                value = of.get(f"{key}_last")
                line[f"last_{whose}"] = None if value is None else round(value, 6)
            yield line


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--bars", type=int, default=100_000)
    options.add_argument("--column", type=int, default=1_000_000)
    run(options, CONTENDERS, lines)


if __name__ == "__main__":
    main()
