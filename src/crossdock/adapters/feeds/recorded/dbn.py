"""Databento's DBN files. https://databento.com/docs/standards-and-conventions read 2026-11-21.

Bars, trades, quotes, and books of ten levels or of every order, as their schema says.
"""

from __future__ import annotations

import heapq
from collections.abc import Iterator, Sequence
from decimal import Decimal
from operator import attrgetter
from typing import Any

from crossdock.adapters.feeds.recorded.dbn_books import OrderByOrder
from crossdock.adapters.feeds.recorded.opening import open_bytes
from crossdock.adapters.feeds.recorded.tables.steps import recorded_instrument, step_of
from crossdock.analysis.bar_checks import check_order, check_values, check_width, failing
from crossdock.errors import DataError
from crossdock.model import (
    ONE,
    Bar,
    Bars,
    BookChange,
    Instrument,
    InstrumentId,
    Quote,
    Side,
    Trade,
    instrument_id,
    width_of,
)
from crossdock.ports import MarketEvent, RecordingStats
from crossdock.ports.extras import load

_MAGIC = b"DBN"
_BLOCK = 1 << 18
_UNDEFINED_PRICE = (1 << 63) - 1
_UNDEFINED_TIME = (1 << 64) - 1
_SCALE = Decimal("1e-9")
_DAY_NS = 86_400_000_000_000
_QUOTES = ("mbp-1", "tbbo", "bbo-1s", "bbo-1m", "cmbp-1", "cbbo-1s", "cbbo-1m", "tcbbo")
_TRADED = ("trades", "mbp-1", "tbbo", "mbp-10", "cmbp-1", "tcbbo", "mbo")
_OF_USE = (
    *_QUOTES,
    "trades",
    "mbp-10",
    "mbo",
    "ohlcv-1s",
    "ohlcv-1m",
    "ohlcv-1h",
    "ohlcv-1d",
)


class DbnRecording:
    """Trades, quotes and books of a DBN file. Implements `ports.Recording`."""

    format = "dbn"

    def __init__(self, file: str, metadata: Any, *, symbol: str, venue: str) -> None:
        self.stats = RecordingStats()
        self.notes: list[str] = []
        self._file = file
        self._schema = str(metadata.schema)
        self._names = _Names(metadata, file, symbol, venue)

    @classmethod
    def recognise(
        cls, file: str, head: bytes, *, symbol: str = "", venue: str = ""
    ) -> DbnRecording | None:
        """Return the recording a file holds, or None when it is no DBN file.

        Raises DataError for a schema that nothing can be replayed from.
        """
        if not head.startswith(_MAGIC):
            if ".dbn" in file and b"," not in head[:64] and b"{" not in head[:64]:
                raise DataError(
                    "begins with no DBN header",
                    file=file,
                    code="data-corrupt",
                    hint="a fragment lacks it: name a whole file",
                )
            return None
        first = next(_records(file), None)
        assert first is not None, "an empty file has no magic"
        schema = str(first.schema) if first.schema else "a mixed live stream"
        if schema not in _OF_USE:
            raise DataError(
                f"holds {schema}, which nothing can be replayed from",
                file=file,
                code="data-unusable",
                hint="of use are " + ", ".join(_OF_USE),
            )
        kind = DbnBars if schema.startswith("ohlcv") else cls
        return kind(file, first, symbol=symbol, venue=venue)

    def instruments(self) -> Sequence[Instrument]:
        """Return what the file is about; reads it whole, for the finest step of prices."""
        finest: dict[InstrumentId, int] = {}
        for event in self.events():
            finest[event.instrument] = max(
                finest.get(event.instrument, 0), _decimals_of(event)
            )
        return [_instrument(each, decimals) for each, decimals in finest.items()]

    def events(self) -> Iterator[MarketEvent]:
        stats = RecordingStats()
        self.stats = stats
        for record in self._data():
            stats.messages += 1
            for event in self._events_of(record):
                stats.events += 1
                yield event
        if not stats.events:
            raise DataError(
                f"none of {stats.messages} {self._schema} messages can be replayed: "
                "no trade, and no book to begin with",
                file=self._file,
                code="data-unusable",
                hint="get the recording from the snapshot at the day's start on",
            )

    def _data(self) -> Iterator[Any]:
        self._books: dict[InstrumentId, OrderByOrder] = {}
        self._last: dict[InstrumentId, tuple[Decimal, Side]] = {}
        records = _records(self._file)
        next(records)
        first = next(records, None)
        if first is None:
            raise DataError(
                f"there is a header of {self._schema}, but no message after it",
                file=self._file,
                code="data-empty",
                hint="download the file again, for a time at which there was trading",
            )
        yield first
        yield from records

    def _events_of(self, record: Any) -> Iterator[MarketEvent]:
        if not hasattr(record, "ts_recv"):
            return  # a message about the stream itself
        instrument = self._names.of(record)
        received = int(record.ts_recv)
        venue = received if record.ts_event == _UNDEFINED_TIME else int(record.ts_event)
        if self._schema in _TRADED and str(getattr(record, "action", "T")) == "T":
            yield self._trade(record, instrument, venue, received)
        if self._schema in _QUOTES:
            level = record.levels[0]
            if _UNDEFINED_PRICE not in (level.bid_px, level.ask_px):
                yield Quote(
                    instrument,
                    level.bid_px / 1e9,
                    float(level.bid_sz),
                    level.ask_px / 1e9,
                    float(level.ask_sz),
                    venue,
                    received,
                )
        elif self._schema == "mbp-10":
            yield BookChange(
                instrument,
                True,
                [(_text(it.bid_px), str(it.bid_sz)) for it in _defined(record, "bid_px")],
                [(_text(it.ask_px), str(it.ask_sz)) for it in _defined(record, "ask_px")],
                int(record.sequence),
                int(record.sequence),
                venue,
                received,
            )
        elif self._schema == "mbo":
            book = self._books.setdefault(instrument, OrderByOrder(instrument))
            if change := book.take(record, price=_text(record.price), venue_time_ns=venue):
                yield change

    def _trade(
        self, record: Any, instrument: InstrumentId, venue: int, received: int
    ) -> Trade:
        price = Decimal(int(record.price)).scaleb(-9).normalize()
        price = price.quantize(ONE) if price == price.to_integral_value() else price
        # Without an aggressor the tick rule decides: up is bought, unchanged is as before.
        before, last_side = self._last.get(instrument, (price, Side.BUY))
        side = {"A": Side.SELL, "B": Side.BUY}.get(str(record.side))
        if side is None:
            side = (
                last_side if price == before else Side.BUY if price > before else Side.SELL
            )
        self._last[instrument] = (price, side)
        quantity = Decimal(int(record.size))
        number = str(getattr(record, "sequence", ""))
        return Trade(instrument, number, price, quantity, side, venue, received)


class DbnBars(DbnRecording):
    """Bars of a DBN file. Implements `ports.BarRecording`."""

    def instruments(self) -> Sequence[Instrument]:
        return [
            _instrument(
                bars.instrument,
                max((_decimals(price) for price in (*bars.open, *bars.close)), default=0),
            )
            for bars in self.bars()
        ]

    def bars(self) -> Sequence[Bars]:
        rows: dict[InstrumentId, list[tuple[int, Any]]] = {}
        for number, record in enumerate(self._data(), 1):
            if hasattr(record, "open"):
                rows.setdefault(self._names.of(record), []).append((number, record))
        self.stats.messages = self.stats.events = sum(map(len, rows.values()))
        return [self._bars_of(instrument, mine) for instrument, mine in rows.items()]

    def events(self) -> Iterator[MarketEvent]:
        return iter(heapq.merge(*self.bars(), key=attrgetter("start_time_ns")))

    def _bars_of(self, instrument: InstrumentId, rows: list[tuple[int, Any]]) -> Bars:
        fail = failing(self._file, lambda row: rows[row][0])
        times = [int(record.ts_event) for _, record in rows]
        if check_order(times, fail=fail):
            rows.reverse()
            times.reverse()
        open_, high, low, close = (
            [getattr(record, name) / 1e9 for _, record in rows]
            for name in ("open", "high", "low", "close")
        )
        volume = [float(record.volume) for _, record in rows]
        width_ns = width_of(self._schema.partition("-")[2])
        check_width(times, width_ns, fail=fail)
        self.notes[:] = check_values(open_, high, low, close, volume, fail=fail)
        return Bars(
            instrument=instrument,
            width_ns=width_ns,
            start_time_ns=times,
            open=open_,
            high=high,
            low=low,
            close=close,
            volume=volume,
        )


class _Names:
    """Instruments by the numbers the file gives them, which may change from day to day."""

    def __init__(self, metadata: Any, file: str, symbol: str, venue: str) -> None:
        self._said = symbol
        self._file = file
        self._venue = venue or str(metadata.dataset).partition(".")[0].lower()
        self._days: dict[int, list[tuple[int, int, str]]] = {}
        for raw, intervals in metadata.mappings.items():
            for each in intervals:
                if str(each["symbol"]).isdecimal():
                    days = (each["start_date"].toordinal(), each["end_date"].toordinal())
                    row = (*days, str(raw).replace("@", "."))
                    self._days.setdefault(int(each["symbol"]), []).append(row)
        self._found: dict[tuple[int, int], InstrumentId] = {}
        self._numbers: set[int] = set()

    def of(self, record: Any) -> InstrumentId:
        number = record.instrument_id
        time_ns = getattr(record, "ts_recv", record.ts_event)
        day = time_ns // _DAY_NS
        if found := self._found.get((number, day)):
            return found
        self._numbers.add(number)
        if self._said and len(self._numbers) > 1:
            raise DataError(
                "holds several instruments, and one symbol was said for them",
                file=self._file,
                code="data-symbol",
                hint="leave --symbol out: the file names its instruments itself",
            )
        ordinal = day + 719_163  # of 1970-01-01
        names = self._days.get(number, ())
        mapped = next((n for first, end, n in names if first <= ordinal < end), str(number))
        made = instrument_id(self._said or mapped, self._venue)
        self._found[number, day] = made
        return made


def _records(file: str) -> Iterator[Any]:
    """Yield the metadata, then every message. Raises DataError where the file breaks off."""
    dbn = load("databento_dbn", extra="archives", what="DBN files")
    decoder = dbn.DBNDecoder()
    count = 0
    with open_bytes(file) as source:
        while block := source.read(_BLOCK):
            try:
                found = decoder.write_and_decode(block)
            except dbn.DBNError as error:
                raise DataError(
                    f"is damaged after {max(0, count - 1)} messages: {error}",
                    file=file,
                    line=count,
                    code="data-corrupt",
                    hint="get the file again",
                ) from None
            for record in found:
                count += 1
                yield record
    if decoder.buffer():
        raise DataError(
            f"is cut off after {max(0, count - 1)} messages",
            file=file,
            line=count,
            code="data-truncated",
            hint="get the file again",
        )


def _text(price: int) -> str:
    return format((Decimal(int(price)) * _SCALE).normalize(), "f")


def _defined(record: Any, side: str) -> list[Any]:
    return [level for level in record.levels if getattr(level, side) != _UNDEFINED_PRICE]


def _decimals(price: float) -> int:
    return len(format(Decimal(repr(price)).normalize(), "f").partition(".")[2])


def _decimals_of(event: MarketEvent) -> int:
    if isinstance(event, Trade):
        return len(format(event.price, "f").partition(".")[2])
    if isinstance(event, Quote):
        return max(_decimals(event.bid), _decimals(event.ask))
    if isinstance(event, BookChange):
        prices = [price for price, _ in (*event.bids, *event.asks)]
        return max((len(price.partition(".")[2]) for price in prices), default=0)
    return _decimals(event.close) if isinstance(event, Bar) else 0


def _instrument(instrument: InstrumentId, decimals: int) -> Instrument:
    symbol, _, venue = instrument.partition("@")
    return recorded_instrument(
        symbol, venue, price_decimals=min(decimals, 8), quantity_step=step_of(0)
    )
