"""The numbers a report's charts draw, thinned to what a page can hold."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from crossdock.analysis.drawdown import underwater
from crossdock.analysis.trades import RoundTrip
from crossdock.app.backtest.report.thinning import candle_levels, telling
from crossdock.model import Bars, symbol_of

if TYPE_CHECKING:
    from crossdock.app.replay.run import Run

POINTS = 6000  # of a line
CANDLES = (1500, 8000, 40_000)  # of the three levels a zoom goes through
TRADES = 10_000
_NS_PER_MS = 1_000_000

Line = dict[str, list[Any]]


def series_of(run: Run) -> dict[str, Any]:
    """Return everything the page's script draws. Times are milliseconds, UTC."""
    curve, bars = run.curve, run.bars
    main = bars.instrument if bars is not None else next(iter(run.instruments), None)
    return {
        "currency": str(run.currency),
        "timeframe": bars.timeframe if bars is not None else "",
        "several": len({trade.instrument for trade in run.trades}) > 1,
        "equity": _line(curve.time_ns, curve.equity),
        "underwater": _line(curve.time_ns, [-depth for depth in underwater(curve)]),
        "exposure": _line(curve.time_ns, curve.exposure),
        "hold": hold(run),
        "candles": [_candles(level) for level in candle_levels(bars, CANDLES)]
        if bars is not None and len(bars)
        else [],
        "charted": symbol_of(main) if main is not None else "",
        "trades": _trade_columns(shown_trades(run)),
    }


def shown_trades(run: Run) -> Sequence[RoundTrip]:
    """Return the trades that the page lists: the last ones where there are too many."""
    return run.trades[-TRADES:]


def hold(run: Run) -> Line | None:
    """Return what the initial equity had been, put into the first close and left there."""
    bars = run.bars
    if bars is None or not len(bars) or bars.close[0] <= 0:
        return None
    initial = float(run.initial_equity)
    first = bars.close[0]
    ends = [int(start) + bars.width_ns for start in bars.start_time_ns]
    return _line(ends, [initial * close / first for close in bars.close])


def _line(times: Sequence[int], values: Sequence[float]) -> Line:
    kept = telling(values, POINTS)
    return {
        "time": [int(times[place]) // _NS_PER_MS for place in kept],
        "value": [_short(values[place]) for place in kept],
    }


def _candles(bars: Bars) -> dict[str, Any]:
    first = int(bars.start_time_ns[0])
    return {
        "label": bars.timeframe,
        "first": first // _NS_PER_MS,
        "step": bars.width_ns // _NS_PER_MS,
        # Whole steps from the first: a third of the size of the times themselves.
        "index": [(int(start) - first) // bars.width_ns for start in bars.start_time_ns],
        **{
            name: [_short(value) for value in getattr(bars, name)]
            for name in ("open", "high", "low", "close")
        },
    }


def _trade_columns(trades: Sequence[RoundTrip]) -> dict[str, list[Any]]:
    return {
        "instrument": [symbol_of(each.instrument) for each in trades],
        "side": [str(each.side) for each in trades],
        "quantity": [_plain(each.quantity) for each in trades],
        "entry": [each.entry_time_ns // _NS_PER_MS for each in trades],
        "entry_price": [_plain(each.entry_price) for each in trades],
        "exit": [
            None if each.exit_time_ns is None else each.exit_time_ns // _NS_PER_MS
            for each in trades
        ],
        "exit_price": [
            None
            if each.exit_price is None or each.exit_time_ns is None
            else _plain(each.exit_price)
            for each in trades
        ],
        "fees": [_short(float(each.fees)) for each in trades],
        "pnl": [_short(float(each.pnl)) for each in trades],
    }


def _short(value: float) -> float:
    """Return a float to ten figures: nobody sees more on a chart."""
    return float(f"{value:.10g}")


def _plain(value: Any) -> str:
    """Return an average price or a quantity as text, to twelve figures at most."""
    text = f"{float(value):.12g}"
    return text if "e" not in text else f"{value:f}"
