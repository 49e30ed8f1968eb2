"""A table of quotes, trades or book changes, read block by block."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from decimal import Decimal
from itertools import chain
from typing import Any

from crossdock.adapters.feeds.recorded.names import RECORDED, pair_of
from crossdock.adapters.feeds.recorded.tables.columns import Kind, Layout
from crossdock.adapters.feeds.recorded.tables.source import Columns, Table
from crossdock.adapters.feeds.recorded.tables.steps import (
    MOST_DECIMALS,
    decimals_of,
    exact_of,
    recorded_instrument,
    step_of,
)
from crossdock.adapters.feeds.recorded.tables.terms import Terms, numbers, symbol_rows
from crossdock.adapters.feeds.recorded.tables.times import read_times, whole_nanoseconds
from crossdock.analysis.bar_checks import Fail, failing
from crossdock.errors import DataError
from crossdock.model import (
    BookChange,
    Instrument,
    InstrumentId,
    Level,
    Quote,
    Side,
    Trade,
)
from crossdock.ports import MarketEvent, RecordingStats

_BUYS = frozenset(("buy", "b", "bid", "1", "buyer", "long"))
_SELLS = frozenset(("sell", "s", "ask", "a", "2", "-1", "seller", "short"))
_YES, _NO = frozenset(("true", "1", "t")), frozenset(("false", "0", "f"))


class TickTable:
    """Implements `ports.Recording`. Rows are in order of time; equal times are allowed."""

    def __init__(self, table: Table, layout: Layout, terms: Terms) -> None:
        self.format = f"{table.format}-{layout.kind}"
        self.stats = RecordingStats()
        self.notes: list[str] = []
        self._table = table
        self._layout = layout
        self._terms = terms
        self._instrument: Instrument | None = None
        self._fail: Fail = failing(table.file, table.line_of)

    def in_timezone(self, name: str) -> TickTable:
        """Return the same recording with times that lack a zone read as local to `name`."""
        terms = self._terms.in_timezone(name, file=self._table.file)
        return TickTable(self._table, self._layout, terms)

    def instruments(self) -> Sequence[Instrument]:
        """Return the one instrument; reads the table once, for the finest steps."""
        if self._instrument is None:
            self._instrument = self._found()
        return [self._instrument]

    def events(self) -> Iterator[MarketEvent]:
        instrument = self.instruments()[0].id
        self.stats = stats = RecordingStats()
        events: Iterator[MarketEvent]
        if self._layout.kind is Kind.QUOTES:
            events = self._quotes(instrument, stats)
        elif self._layout.kind is Kind.TRADES:
            events = self._trades(instrument, stats)
        else:
            events = self._book(instrument, stats)
        for event in events:
            stats.events += 1
            yield event

    def _found(self) -> Instrument:
        prices = ("bid", "ask") if self._layout.kind is Kind.QUOTES else ("price",)
        sizes = ("bid_quantity", "ask_quantity", "quantity")
        price_decimals = size_decimals = 0
        names: set[str] = set()
        at = self._layout.at
        for block in self._table.blocks(zone=self._zone):
            for role in prices:
                price_decimals = max(price_decimals, _decimals(block[at[role]]))
            for role in sizes:
                if role in at:
                    size_decimals = max(size_decimals, _decimals(block[at[role]]))
            if "symbol" in at:
                names.update(map(str, block[at["symbol"]]))
        symbol, _ = symbol_rows(sorted(names), self._terms, self._table, self.notes)
        return recorded_instrument(
            symbol,
            self._terms.venue or RECORDED,
            price_decimals=price_decimals,
            quantity_step=step_of(size_decimals or MOST_DECIMALS),
        )

    @property
    def _zone(self) -> Any:
        return self._terms.zone or self._table.zone

    def _blocks(self, stats: RecordingStats) -> Iterator[tuple[int, list[int], Columns]]:
        """Yield (rows before, times, columns); times never fall. Leaves out other symbols."""
        at, last = self._layout.at, 0
        time_at = at["time"]
        for block in self._table.blocks(zone=self._zone):
            done, raw = stats.messages, block[time_at]
            fail = _behind(self._fail, done)
            if "date" in at:
                days = zip(block[at["date"]], raw, strict=True)
                raw = [f"{day} {time}" for day, time in days]
            if self._table.nanoseconds(time_at) and not isinstance(raw[0], str):
                times = whole_nanoseconds(raw, fail=fail)
            else:
                times = read_times(raw, zone=self._zone, fail=fail)
            self.notes += [note for note in times.notes if note not in self.notes]
            for row, time_ns in enumerate(times.ns):
                if time_ns < last:
                    raise fail(
                        row,
                        "out of order: its time is before the one of the row above",
                        code="data-order",
                        hint="sort the rows by time, oldest first",
                    )
                last = time_ns
            stats.messages += len(times.ns)
            yield done, times.ns, block

    def _mine(self, block: Columns) -> Iterator[bool]:
        if "symbol" not in self._layout.at or not self._terms.symbol:
            return iter(())
        said = self._terms.symbol
        names = list(map(str, block[self._layout.at["symbol"]]))
        if len(set(names)) == 1:
            return iter(())
        return (said in (name, pair_of(name)) for name in names)

    def _received(self, block: Columns, times: list[int], done: int) -> list[int]:
        at = self._layout.at
        if "received" not in at:
            return times
        raw, fail = block[at["received"]], _behind(self._fail, done)
        if self._table.nanoseconds(at["received"]) and not isinstance(raw[0], str):
            return whole_nanoseconds(raw, fail=fail).ns
        return read_times(raw, zone=self._zone, fail=fail).ns

    def _prices(self, block: Columns, role: str, done: int) -> list[float]:
        values = numbers(block[self._layout.at[role]], role, done, self._fail)
        if values and min(values) < 0:
            row = next(n for n, value in enumerate(values) if value < 0)
            raise self._fail(
                done + row,
                f"{role} {values[row]!r} is negative",
                code="data-value",
                hint="correct the value, or remove the row",
            )
        return values

    def _quotes(self, instrument: InstrumentId, stats: RecordingStats) -> Iterator[Quote]:
        at = self._layout.at
        for done, times, block in self._blocks(stats):
            bids, asks = self._prices(block, "bid", done), self._prices(block, "ask", done)
            nothing = [0.0] * len(times)
            sizes = [
                self._prices(block, role, done) if role in at else nothing
                for role in ("bid_quantity", "ask_quantity")
            ]
            received = self._received(block, times, done)
            mine = chain(self._mine(block), iter(lambda: True, None))
            rows = zip(bids, sizes[0], asks, sizes[1], times, received, strict=True)
            for row, values in enumerate(rows):
                if not next(mine):
                    continue
                if values[0] > values[2]:
                    raise self._fail(
                        done + row,
                        f"bid {values[0]!r} is above ask {values[2]!r}",
                        code="data-value",
                        hint="correct the value, or remove the row",
                    )
                yield Quote(instrument, *values)

    def _trades(self, instrument: InstrumentId, stats: RecordingStats) -> Iterator[Trade]:
        at = self._layout.at
        before, side = Decimal(0), Side.BUY
        for done, times, block in self._blocks(stats):
            for role in ("price", "quantity"):
                self._prices(block, role, done)
            prices, sizes = _exact(block[at["price"]]), _exact(block[at["quantity"]])
            ids = map(str, block[at["trade_id"]]) if "trade_id" in at else [""] * len(times)
            received = self._received(block, times, done)
            mine = chain(self._mine(block), iter(lambda: True, None))
            rows = zip(ids, prices, sizes, times, received, strict=True)
            for row, (number, price, size, venue_ns, received_ns) in enumerate(rows):
                if not next(mine):
                    continue
                said = self._side(block, row, done)
                # Without a side the tick rule decides: up is bought, unchanged as before.
                side = said or (
                    side if price == before else Side.BUY if price > before else Side.SELL
                )
                before = price
                yield Trade(instrument, number, price, size, side, venue_ns, received_ns)

    def _side(self, block: Columns, row: int, done: int) -> Side | None:
        at = self._layout.at
        if "buyer_maker" in at:
            word = str(block[at["buyer_maker"]][row]).strip().lower()
            if word in _YES or word in _NO:
                return Side.SELL if word in _YES else Side.BUY
        elif "side" in at:
            word = str(block[at["side"]][row]).strip().lower()
            if word in _BUYS or word in _SELLS:
                return Side.BUY if word in _BUYS else Side.SELL
        else:
            return None
        raise self._fail(
            done + row,
            f"the side {word[:20]!r} is neither bought nor sold",
            code="data-value",
            hint="write buy or sell; true or false where the buyer was the maker",
        )

    def _book(
        self, instrument: InstrumentId, stats: RecordingStats
    ) -> Iterator[BookChange]:
        """Yield one change for the rows of one update id. An update may span blocks."""
        open_: list[Any] | None = None  # first, last, snapshot, bids, asks, time
        for done, times, block in self._blocks(stats):
            columns = [block[self._layout.at[role]] for role in _BOOK]
            self._prices(block, "price", done)
            self._prices(block, "quantity", done)
            mine = chain(self._mine(block), iter(lambda: True, None))
            for row, values in enumerate(zip(times, *columns, strict=True)):
                time_ns, first, last, side, update, price, size = values
                if not next(mine):
                    continue
                sided = _book_side(str(side))
                if sided is None or not (str(first).isdecimal() and str(last).isdecimal()):
                    raise self._fail(
                        done + row,
                        f"side {side!r} or update ids {first!r} and {last!r} do not read",
                        code="data-value",
                        hint="sides are a and b, update ids whole numbers",
                    )
                key = (int(first), int(last), str(update).lower().startswith("snap"))
                if open_ is None or open_[0] != key:
                    if open_ is not None:
                        yield _change(instrument, open_)
                    open_ = [key, {"b": [], "a": []}, time_ns]
                open_[1][sided].append((_plain(price), _plain(size)))
        if open_ is not None:
            yield _change(instrument, open_)


_BOOK = ("first", "last", "side", "update", "price", "quantity")


def _change(instrument: InstrumentId, gathered: list[Any]) -> BookChange:
    (first, last, snapshot), sides, time_ns = gathered
    bids: list[Level] = sides["b"]
    return BookChange(instrument, snapshot, bids, sides["a"], first, last, time_ns, time_ns)


def _book_side(word: str) -> str | None:
    low = word.strip().lower()
    return "b" if low in _BUYS else "a" if low in _SELLS else None


def _plain(value: Any) -> str:
    """Return a level's number as text, zero as "0" whichever way it is written."""
    text = value.strip() if isinstance(value, str) else repr(value)
    return text if float(text) else "0"


def _exact(values: Sequence[Any]) -> list[Decimal]:
    if isinstance(values[0], str):
        return [Decimal(value.strip()) for value in values]
    return [exact_of(value) for value in values]


def _decimals(values: Sequence[Any]) -> int:
    try:
        return decimals_of(values)
    except ArithmeticError:
        return 0  # no numbers: reading the events says which row


def _behind(fail: Fail, done: int) -> Fail:
    def later(row: int | None, words: str, *, code: str, hint: str) -> DataError:
        return fail(None if row is None else done + row, words, code=code, hint=hint)

    return later
