"""A run's series as polars frames. Floats, to compute with; the run itself is exact."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from crossdock.analysis.drawdown import underwater
from crossdock.core.projection import more_fees_words
from crossdock.ports.extras import load

if TYPE_CHECKING:
    import polars as pl

    from crossdock.app.replay.run import Run

_TIMES = {
    "fills": ("time",),
    "trades": ("entry_time", "exit_time"),
    "equity": ("time",),
}

Columns = Mapping[str, list[Any]]


def frame_of(run: Run, series: str) -> pl.DataFrame:
    """Return `fills`, `trades` or `equity`; times are UTC, to the nanosecond."""
    polars = load("polars", extra="research", what="frames")
    columns = COLUMNS[series](run)
    times = _TIMES[series]
    frame: pl.DataFrame = polars.DataFrame(
        columns, schema_overrides=dict.fromkeys(times, polars.Int64)
    )
    return frame.with_columns(
        polars.col(name).cast(polars.Datetime("ns", "UTC")) for name in times
    )


def fill_columns(run: Run) -> Columns:
    fills = run.fills
    return {
        "time": [each.venue_time_ns for each in fills],
        "instrument": [str(each.instrument) for each in fills],
        "side": [str(each.side) for each in fills],
        "price": [float(each.price) for each in fills],
        "quantity": [float(each.quantity) for each in fills],
        "fee": [float(each.fee) for each in fills],
        "fee_asset": [str(each.fee_asset) for each in fills],
        "more_fees": [more_fees_words(each) or "" for each in fills],
        "liquidity": [str(each.liquidity) for each in fills],
        "order": [str(each.venue_order_id) for each in fills],
    }


def trade_columns(run: Run) -> Columns:
    trades = run.trades
    return {
        "entry_time": [each.entry_time_ns for each in trades],
        "exit_time": [each.exit_time_ns for each in trades],
        "instrument": [str(each.instrument) for each in trades],
        "side": [str(each.side) for each in trades],
        "quantity": [float(each.quantity) for each in trades],
        "entry_price": [float(each.entry_price) for each in trades],
        "exit_price": [
            None if each.exit_price is None else float(each.exit_price) for each in trades
        ],
        "gross_pnl": [float(each.gross_pnl) for each in trades],
        "fees": [float(each.fees) for each in trades],
        "pnl": [float(each.pnl) for each in trades],
        "fills": [each.fills for each in trades],
    }


def equity_columns(run: Run) -> Columns:
    curve = run.curve
    return {
        "time": list(curve.time_ns),
        "equity": list(curve.equity),
        "exposure": list(curve.exposure),
        "drawdown": underwater(curve),
    }


COLUMNS = {"fills": fill_columns, "trades": trade_columns, "equity": equity_columns}
