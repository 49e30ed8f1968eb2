"""Rows of each kind of series as frames, and how two frames become one."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from crossdock.model import InstrumentId, Quote, Side, Trade
from crossdock.ports import Appended
from crossdock.ports.extras import load

if TYPE_CHECKING:
    import polars as pl

_TICK_TIMES = ("venue_time_ns", "received_time_ns")
VALUES = {
    "bars": ("open", "high", "low", "close", "volume"),
    "trades": ("price", "quantity", "side", *_TICK_TIMES),
    "quotes": ("bid", "bid_quantity", "ask", "ask_quantity", *_TICK_TIMES),
}
# What tells two rows apart that have the same time. `same` numbers those nothing tells apart.
_KEYS = {
    "bars": ("time",),
    "trades": ("time", "trade_id", "told_by", "same"),
    "quotes": ("time", "told_by", "same"),
}


def trades_frame(trades: Sequence[Trade]) -> pl.DataFrame:
    """Return trades as columns; prices and quantities keep their digits as text."""
    polars = _polars()
    frame: pl.DataFrame = polars.DataFrame(
        {
            "time": [trade.venue_time_ns or trade.received_time_ns for trade in trades],
            "trade_id": [trade.trade_id for trade in trades],
            "price": [str(trade.price) for trade in trades],
            "quantity": [str(trade.quantity) for trade in trades],
            "side": [trade.side.value for trade in trades],
            "venue_time_ns": [trade.venue_time_ns for trade in trades],
            "received_time_ns": [trade.received_time_ns for trade in trades],
        },
        schema_overrides={"trade_id": polars.String, "price": polars.String},
    )
    return _timed(frame)


def quotes_frame(quotes: Sequence[Quote]) -> pl.DataFrame:
    polars = _polars()
    names = ("bid", "bid_quantity", "ask", "ask_quantity")
    frame: pl.DataFrame = polars.DataFrame(
        {
            "time": [quote.venue_time_ns or quote.received_time_ns for quote in quotes],
            **{name: [float(getattr(quote, name)) for quote in quotes] for name in names},
            "venue_time_ns": [quote.venue_time_ns for quote in quotes],
            "received_time_ns": [quote.received_time_ns for quote in quotes],
        }
    )
    return _timed(frame)


def trades_of(frame: pl.DataFrame, instrument: InstrumentId) -> Iterator[Trade]:
    sides = {side.value: side for side in Side}
    names = ("trade_id", "price", "quantity", "side", "venue_time_ns", "received_time_ns")
    for number, price, quantity, side, venue_ns, received_ns in frame.select(
        names
    ).iter_rows():
        yield Trade(
            instrument,
            number,
            Decimal(price),
            Decimal(quantity),
            sides[side],
            venue_ns,
            received_ns,
        )


def quotes_of(frame: pl.DataFrame, instrument: InstrumentId) -> Iterator[Quote]:
    for row in frame.select(VALUES["quotes"]).iter_rows():
        yield Quote(instrument, *row)


def merge(
    old: pl.DataFrame | None, new: pl.DataFrame, kind: str
) -> tuple[pl.DataFrame, Appended]:
    """Return one frame in order of time; of equal keys the new row counts.

    Rows without a key of their own (trades without an id, quotes) are told apart by all
    they say and, where that is equal too, by how many of them there are.
    """
    if old is None:
        kept = _in_order(new, kind)
        return kept, Appended(added=len(kept), known=0, changed=0)
    if kind == "bars" and old["time"][-1] < new["time"][0]:
        joined = old.vstack(new.select(old.columns))
        return joined, Appended(added=len(new), known=0, changed=0)
    polars = _polars()
    key, values = list(_KEYS[kind]), VALUES[kind]
    before, after = _keyed(old, kind), _keyed(new, kind)
    added = after.join(before, on=key, how="anti", nulls_equal=True)
    both = after.join(before, on=key, how="inner", suffix="_before", nulls_equal=True)
    differs = polars.any_horizontal(
        *(polars.col(name) != polars.col(f"{name}_before") for name in values)
    )
    changed = both.filter(differs).select(after.columns)
    kept = before.join(changed, on=key, how="anti", nulls_equal=True, maintain_order="left")
    merged = polars.concat([kept.select(after.columns), changed, added])
    told = Appended(added=len(added), known=len(both) - len(changed), changed=len(changed))
    return _in_order(merged.select(new.columns), kind), told


def _keyed(frame: pl.DataFrame, kind: str) -> pl.DataFrame:
    if kind == "bars":
        return frame
    polars = _polars()
    said = polars.concat_str(
        [polars.col(n).cast(polars.String) for n in VALUES[kind]], separator="|"
    )
    if kind == "trades":
        said = (
            polars.when(polars.col("trade_id") == "").then(said).otherwise(polars.lit(""))
        )
    keyed: pl.DataFrame = frame.with_columns(told_by=said)
    apart = [name for name in _KEYS[kind] if name != "same"]
    return keyed.with_columns(same=polars.int_range(polars.len()).over(apart))


def _in_order(frame: pl.DataFrame, kind: str) -> pl.DataFrame:
    """Sort by time; trades of one time by their numbers, as they were made."""
    if kind != "trades":
        return frame.sort("time", maintain_order=True)
    polars = _polars()
    number = polars.col("trade_id")
    return frame.sort("time", number.str.len_bytes(), number, maintain_order=True)


def _timed(frame: pl.DataFrame) -> pl.DataFrame:
    polars = _polars()
    return frame.with_columns(polars.col("time").cast(polars.Datetime("ns", "UTC")))


def _polars() -> Any:
    return load("polars", extra="research", what="the bar store")
