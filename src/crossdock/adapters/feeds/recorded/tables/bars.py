"""A table of bars, read and checked as columns."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import compress
from typing import Any

from crossdock.adapters.feeds.recorded.names import RECORDED
from crossdock.adapters.feeds.recorded.tables.columns import Layout
from crossdock.adapters.feeds.recorded.tables.csv_text import CsvTable
from crossdock.adapters.feeds.recorded.tables.quick_csv import (
    QUICK_FROM_BYTES,
    QuickRead,
    read_quickly,
)
from crossdock.adapters.feeds.recorded.tables.source import Columns, Table
from crossdock.adapters.feeds.recorded.tables.steps import (
    decimals_of,
    is_whole,
    lot_of_bars,
    recorded_instrument,
)
from crossdock.adapters.feeds.recorded.tables.terms import (
    NEWEST_FIRST_NOTE,
    Terms,
    notes_on_columns,
    notes_on_width,
    numbers,
    symbol_rows,
)
from crossdock.adapters.feeds.recorded.tables.times import (
    Times,
    read_times,
    whole_nanoseconds,
)
from crossdock.analysis.bar_checks import (
    Fail,
    check_order,
    check_values,
    check_width,
    failing,
    width_between,
)
from crossdock.errors import DataError
from crossdock.model import Bars, Instrument, instrument_id, width_of
from crossdock.ports import MarketEvent, RecordingStats

_PRICES = ("open", "high", "low", "close")


@dataclass(frozen=True, slots=True)
class _Read:
    bars: Bars
    instrument: Instrument


class BarTable:
    """Implements `ports.BarRecording`. The file is read whole, once, when first asked.

    `notes` says, once it was read, what was assumed. A plain file of text of so many bytes
    is read quickly, which changes nothing else.
    """

    def __init__(
        self,
        table: Table,
        layout: Layout,
        terms: Terms,
        *,
        quick_from_bytes: int = QUICK_FROM_BYTES,
    ) -> None:
        self.format = f"{table.format}-bars"
        self.stats = RecordingStats()
        self.notes: list[str] = []
        self._table = table
        self._layout = layout
        self._terms = terms
        self._quick_from_bytes = quick_from_bytes
        self._read: _Read | None = None

    def in_timezone(self, name: str) -> BarTable:
        """Return the same recording with times that lack a zone read as local to `name`."""
        terms = self._terms.in_timezone(name, file=self._table.file)
        return BarTable(
            self._table, self._layout, terms, quick_from_bytes=self._quick_from_bytes
        )

    def instruments(self) -> Sequence[Instrument]:
        return [self._loaded().instrument]

    def bars(self) -> Sequence[Bars]:
        return [self._loaded().bars]

    def events(self) -> Iterator[MarketEvent]:
        yield from self._loaded().bars

    def _loaded(self) -> _Read:
        if self._read is None:
            self.notes.clear()
            self._read = self._load()
        return self._read

    def _load(self) -> _Read:
        read: QuickRead | _Reading | None = None
        if isinstance(self._table, CsvTable):
            read = read_quickly(
                self._table,
                self._layout,
                self._terms,
                from_bytes=self._quick_from_bytes,
            )
        read = read or _Reading(self._table, self._layout, self._terms)
        self.notes += read.notes
        bars = read.bars
        self.stats.messages = self.stats.events = len(bars)
        instrument = recorded_instrument(
            read.symbol,
            self._terms.venue or RECORDED,
            price_decimals=read.decimals,
            quantity_step=lot_of_bars(
                read.symbol,
                whole_volumes=read.whole_volumes,
                price=read.highest_close,
            ),
        )
        return _Read(bars, instrument)


class _Reading:
    """One pass over the file, and every check of it."""

    def __init__(self, table: Table, layout: Layout, terms: Terms) -> None:
        self.notes: list[str] = []
        self.decimals = 0
        self.columns: dict[str, list[float]] = {}
        self._table = table
        self._layout = layout
        self._terms = terms
        self._rows: Sequence[int] | None = None  # of the table, where some were left out
        self._fall = 0  # rows, where they were turned round
        self._fail: Fail = failing(table.file, lambda row: table.line_of(self._row(row)))
        times = self._times(self._gather())
        self.notes += times.notes
        self.times = times.ns
        self._turn()
        values = [self.columns[name] for name in (*_PRICES, "volume")]
        self.notes += check_values(*values, fail=self._fail)
        self.width_ns = self._width()

    @property
    def bars(self) -> Bars:
        return Bars(
            instrument=instrument_id(self.symbol, self._terms.venue or RECORDED),
            width_ns=self.width_ns,
            start_time_ns=self.times,
            **self.columns,
        )

    @property
    def whole_volumes(self) -> bool:
        return is_whole(self.columns["volume"])

    @property
    def highest_close(self) -> float:
        return max(self.columns["close"])

    def _times(self, raw: Sequence[Any]) -> Times:
        if self._table.nanoseconds(self._layout.at["time"]) and not isinstance(raw[0], str):
            return whole_nanoseconds(raw, fail=self._fail)
        zone = self._terms.zone or self._table.zone
        return read_times(raw, zone=zone, fail=self._fail)

    def _row(self, row: int) -> int:
        if self._fall:
            row = self._fall - 1 - row
        return row if self._rows is None else self._rows[row]

    def _gather(self) -> list[Any]:
        at, terms = self._layout.at, self._terms
        times: list[Any] = []
        names: list[str] = []
        self.columns = {name: [] for name in (*_PRICES, "volume")}
        for block in self._table.blocks(zone=terms.zone or self._table.zone):
            done = len(times)
            if "date" in at:
                days = zip(block[at["date"]], block[at["time"]], strict=True)
                times += [f"{day} {time}" for day, time in days]
            else:
                times += block[at["time"]]
            self._take(block, done, times)
            if "symbol" in at:
                names += map(str, block[at["symbol"]])
        if "volume" not in at:
            self.columns["volume"] = [0.0] * len(times)
        self.notes += notes_on_columns(self._layout)
        self.symbol, self._rows = symbol_rows(names, terms, self._table, self.notes)
        if self._rows is not None:
            kept = bytearray(len(times))
            for row in self._rows:
                kept[row] = 1
            times = list(compress(times, kept))
            self.columns = {n: list(compress(c, kept)) for n, c in self.columns.items()}
        return times

    def _take(self, block: Columns, done: int, times: Sequence[Any]) -> None:
        """Read the numbers of a block. Of several that are wrong the first row's is told."""
        at, wrong = self._layout.at, []
        for name in (*_PRICES, "volume"):
            if name not in at:
                continue
            raw = block[at[name]]
            try:
                self.columns[name] += numbers(raw, name, done, self._fail)
            except DataError as error:
                wrong.append(error)
                continue
            if name in _PRICES:
                self.decimals = max(self.decimals, decimals_of(raw))
        if wrong:
            first = min(wrong, key=lambda error: error.line)
            try:
                self._times(times)
            except DataError as error:
                first = min(error, first, key=lambda each: each.line)
            raise first

    def _turn(self) -> None:
        if not check_order(self.times, fail=self._fail):
            return
        self._fall = len(self.times)
        self.times.reverse()
        for column in self.columns.values():
            column.reverse()
        self.notes.append(NEWEST_FIRST_NOTE)

    def _width(self) -> int:
        said = self._terms.timeframe or self._table.timeframe
        try:
            width = width_of(said) if said else 0
        except ValueError as error:
            raise DataError(
                str(error), file=self._table.file, code="data-timeframe", hint="say another"
            ) from None
        if not width:
            named = self._terms.named_timeframe
            if len(self.times) == 1 and named:
                return width_of(named)
            width = width_between(self.times, fail=self._fail)
            self.notes += notes_on_width(self._terms, width)
        check_width(self.times, width, fail=self._fail)
        return width
