"""Bars of a large text file, read by polars where nothing at all is in doubt.

The exact way, row by row, is the truth and tells what is wrong and where. This one knows
only the plainest files and returns None for every other one, so that the exact way decides;
what it does return is equal to the last bit and the last note.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from crossdock.adapters.feeds.recorded.names import RECORDED
from crossdock.adapters.feeds.recorded.tables.columns import Layout
from crossdock.adapters.feeds.recorded.tables.csv_text import CsvTable
from crossdock.adapters.feeds.recorded.tables.steps import MOST_DECIMALS, decimals_of
from crossdock.adapters.feeds.recorded.tables.terms import (
    NEWEST_FIRST_NOTE,
    Terms,
    notes_on_columns,
    notes_on_width,
    symbol_rows,
)
from crossdock.adapters.feeds.recorded.tables.times import (
    UTC_NOTE,
    epoch_unit,
    unused_zone,
)
from crossdock.analysis.bar_checks import DAY_NS, failing, least_step, width_between
from crossdock.analysis.frame_bars import FrameBars, is_sound
from crossdock.model import instrument_id, width_of
from crossdock.ports.extras import load

if TYPE_CHECKING:
    import polars as pl

# polars takes as long to import as the exact way takes for so many bytes.
QUICK_FROM_BYTES = 1 << 22

_PRICES = ("open", "high", "low", "close")
_MINUTE_NS = 60 * 10**9
_SAMPLE = 512
_FEWEST = 3  # of fewer rows not even the order is certain
_EPOCH = re.compile(r"[1-9]\d{8,18}")
_ISO = re.compile(
    r"\d{4}-\d\d-\d\d(?:(?P<gap>[ T])\d\d:\d\d(?P<second>:\d\d)?"
    r"(?P<fraction>(?<=:\d\d:\d\d)\.(?:000){1,2})?(?P<offset>Z|[+-]\d\d:\d\d)?)?",
    re.ASCII,
)
# Every decimal of so many digits is a float of its own, which no other such decimal shares.
_DIGITS_TOLD_APART = 15


@dataclass(frozen=True, slots=True, kw_only=True)
class QuickRead:
    """What the exact way would have read. `decimals` are those of the prices."""

    symbol: str
    bars: FrameBars
    decimals: int
    whole_volumes: bool
    highest_close: float
    notes: list[str]


class _Doubt(Exception):
    """The file is not of the plainest kind."""


def read_quickly(
    table: CsvTable, layout: Layout, terms: Terms, *, from_bytes: int
) -> QuickRead | None:
    """Return the bars of a file of so many bytes or more, or None where in doubt."""
    body = table.plain_body(from_bytes)
    if body is None:
        return None
    try:
        polars = load("polars", extra="research", what="large files of text")
        return _Quick(polars, table, layout, terms).read(body)
    except Exception:  # noqa: BLE001 - whatever it is, the exact way decides
        return None


class _Quick:
    def __init__(self, polars: Any, table: CsvTable, layout: Layout, terms: Terms) -> None:
        self._pl = polars
        self._table = table
        self._at = layout.at
        self._terms = terms
        self._notes: list[str] = notes_on_columns(layout)

    def read(self, body: bytes) -> QuickRead:
        cells = self._cells(body)
        symbol = self._symbol(cells)
        texts = cells.select(self._named(name) for name in _PRICES)
        frame = texts.cast(self._pl.Float64).select(
            self._times(cells, body).alias("time"), *_PRICES, self._volume(cells)
        )
        decimals = self._decimals(texts, frame)
        if frame["time"][0] > frame["time"][1]:
            frame = frame.reverse()
            self._notes.append(NEWEST_FIRST_NOTE)
        _sure(is_sound(frame))
        width_ns = self._width(frame["time"])
        venue = self._terms.venue or RECORDED
        stamp = self._pl.col("time").cast(self._pl.Datetime("ns", "UTC"))
        volume = self._pl.col("volume")
        return QuickRead(
            symbol=symbol,
            bars=FrameBars.over(
                frame.with_columns(stamp),
                instrument=instrument_id(symbol, venue),
                width_ns=width_ns,
            ),
            decimals=decimals,
            highest_close=frame["close"].max(),  # type: ignore[arg-type]
            whole_volumes=frame.select((volume == volume.floor()).all()).item(),
            notes=self._notes,
        )

    def _cells(self, body: bytes) -> pl.DataFrame:
        """Return prices as text, and of the rest what has a kind. No cell is empty."""
        polars, at = self._pl, self._at
        schema = {str(n): polars.String for n in range(len(self._table.header))}
        if "volume" in at:
            schema[str(at["volume"])] = polars.Float64
        if "date" not in at and _EPOCH.fullmatch(self._first_time(body)):
            schema[str(at["time"])] = polars.Int64
        cells: pl.DataFrame = polars.read_csv(
            body,
            has_header=False,
            schema=schema,
            separator=self._table.delimiter,
            quote_char=None,
        )
        # A row that is short of cells lacks the last one.
        _sure(len(cells) >= _FEWEST)
        _sure(not any(cells.null_count().row(0)))
        return cells

    def _named(self, name: str) -> pl.Expr:
        column: pl.Expr = self._pl.col(str(self._at[name])).alias(name)
        return column

    def _first_time(self, body: bytes) -> str:
        row = body[: body.find(b"\n") + 1].decode().rstrip("\n")
        cells = row.split(self._table.delimiter)
        _sure(len(cells) == len(self._table.header))
        time = cells[self._at["time"]]
        return f"{cells[self._at['date']]} {time}" if "date" in self._at else time

    def _symbol(self, cells: pl.DataFrame) -> str:
        names: Sequence[str] = ()
        if "symbol" in self._at:
            names = cells[str(self._at["symbol"])].unique().to_list()
            _sure(len(names) == 1)
        return symbol_rows(names, self._terms, self._table, self._notes)[0]

    def _volume(self, cells: pl.DataFrame) -> pl.Series:
        if "volume" in self._at:
            return cells[str(self._at["volume"])].alias("volume")
        zeros: pl.Series = self._pl.zeros(len(cells), self._pl.Float64, eager=True)
        return zeros.alias("volume")

    def _times(self, cells: pl.DataFrame, body: bytes) -> pl.Series:
        first = self._first_time(body)
        if (found := _ISO.fullmatch(first)) is not None:
            return self._iso(cells, found)
        times = cells[str(self._at["time"])]
        _sure(times.dtype == self._pl.Int64)
        unit = epoch_unit(int(first))
        _sure(unit is not None)
        self._notes += unused_zone(self._terms.zone)
        # All of one unit: their ends are a unit's least and most.
        _sure(epoch_unit(times.min()) == unit == epoch_unit(times.max()))  # type: ignore[arg-type]
        return times * unit

    def _iso(self, cells: pl.DataFrame, first: re.Match[str]) -> pl.Series:
        """Read times that are all written as the first one is."""
        polars = self._pl
        gap, offset = first["gap"] or "", first["offset"] or ""
        clock = "([01][0-9]|2[0-3]):[0-5][0-9]" + (":[0-5][0-9]" if first["second"] else "")
        ends = re.escape((first["fraction"] or "") + offset)
        # polars would count seconds up to 60, and nanoseconds beyond 2262 are no 64 bits.
        days = "(19[7-9]|20[0-9])[0-9]-[0-9]{2}-[0-9]{2}"
        column = self._named("time")
        if "date" in self._at:
            column = polars.concat_str(self._named("date"), column, separator=" ")
        written = column.str.contains(f"^{days}{gap}{clock if gap else ''}{ends}$").all()
        _sure(cells.select(written).item())
        form = f"%Y-%m-%d{gap}{'%H:%M' if gap else ''}{':%S' if first['second'] else ''}"
        plain = column.str.head(len(first[0]) - len((first["fraction"] or "") + offset))
        moments = plain.str.to_datetime(form, time_unit="us", strict=True)
        times = cells.select(moments.dt.epoch("us") * 1000).to_series()
        if offset:
            self._notes += unused_zone(self._terms.zone)
            return times - _nanoseconds(offset)
        _sure(self._terms.zone is None)  # polars has a list of zones of its own
        if (times.head(1000) % DAY_NS >= _MINUTE_NS).any():
            self._notes.append(UTC_NOTE)
        return times

    def _decimals(self, texts: pl.DataFrame, frame: pl.DataFrame) -> int:
        """Return the most decimals of any price, as `decimals_of` would count them.

        A value has k decimals and no more when it is the float nearest to some whole
        number divided by 10**k. Looking at the text instead takes twenty times as long.
        """
        polars = self._pl
        prices = polars.col(_PRICES)
        longest = texts.select(polars.max_horizontal(prices.str.len_bytes().max())).item()
        _sure(longest <= _DIGITS_TOLD_APART + 1)
        head = texts.head(_SAMPLE)
        least = max(decimals_of(head[name].to_list()) for name in _PRICES)
        for decimals in range(least, MOST_DECIMALS + 1):
            if all(self._has_decimals(frame[name], decimals) for name in _PRICES):
                return decimals
        raise _Doubt

    def _has_decimals(self, prices: pl.Series, most: int) -> bool:
        scaled = (prices * 10**most).round()
        _sure(scaled.abs().max() < 10**_DIGITS_TOLD_APART)
        # By a column: polars divides by one number as it multiplies by its reciprocal.
        scales = self._pl.repeat(float(10**most), len(prices), eager=True)
        return bool((scaled / scales == prices).all())

    def _width(self, times: pl.Series) -> int:
        steps = times.diff().drop_nulls().rename("step")
        told = self._terms.timeframe or self._table.timeframe
        if told:
            width = width_of(told)
        else:
            counts = steps.value_counts().sort("count", "step", descending=[True, False])
            usual = counts["step"][0]
            fail = failing(self._table.file, lambda _: 0)
            width = width_between([0, usual], fail=fail)
            self._notes += notes_on_width(self._terms, width)
        _sure(steps.min() >= least_step(width))  # type: ignore[operator]
        return width


def _sure(so: object) -> None:
    if so is not True:
        raise _Doubt


def _nanoseconds(offset: str) -> int:
    if offset == "Z":
        return 0
    hours, minutes = offset[1:].split(":")
    _sure(int(hours) < 24 and int(minutes) < 60)
    past = (int(hours) * 60 + int(minutes)) * _MINUTE_NS
    return -past if offset[0] == "-" else past
