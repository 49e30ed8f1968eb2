"""Kraken spot, WebSocket version 2. Every book message carries a checksum, and it is checked.

https://docs.kraken.com/api/docs/guides/spot-ws-book-v2
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from decimal import Decimal
from functools import lru_cache
from zlib import crc32

import msgspec

from crossdock.model import (
    ZERO,
    ContractKind,
    Instrument,
    InstrumentId,
    Level,
    Quote,
    Side,
    TickBand,
    Trade,
    instrument_id,
)
from crossdock.ports import MarketEvent
from crossdock.toolkit.decoders.checked import CheckedBook, CheckedSide
from crossdock.toolkit.decoders.contract import BookDecoder, asset, ns_of_iso

_UNUSED = frozenset({"heartbeat", "status", "ohlc", "level3"})
_DEPTHS = (10, 25, 100, 500, 1000)
_CHECKED = 10  # levels a side that the checksum covers
_MOST_PLACES = 12


class _Row(msgspec.Struct):
    price: msgspec.Raw
    qty: msgspec.Raw


class _Book(msgspec.Struct):
    symbol: str
    bids: list[_Row]
    asks: list[_Row]
    checksum: int | None = None
    timestamp: str | None = None


class _Trade(msgspec.Struct):
    symbol: str
    side: str
    price: Decimal
    qty: Decimal
    trade_id: int
    timestamp: str


class _Ticker(msgspec.Struct):
    symbol: str
    bid: float
    bid_qty: float
    ask: float
    ask_qty: float
    timestamp: str | None = None


class _Pair(msgspec.Struct):
    symbol: str
    base: str
    quote: str
    price_precision: int
    qty_precision: int
    price_increment: Decimal
    qty_increment: Decimal
    qty_min: Decimal = ZERO


class _Pairs(msgspec.Struct):
    pairs: list[_Pair]


class _Subscribed(msgspec.Struct):
    channel: str = ""
    symbol: str = ""
    depth: int | None = None


class _Envelope(msgspec.Struct):
    channel: str = ""
    type: str = ""
    method: str = ""
    data: msgspec.Raw = msgspec.Raw(b"[]")
    result: _Subscribed | None = None


_envelope = msgspec.json.Decoder(_Envelope).decode
_books = msgspec.json.Decoder(list[_Book]).decode
_trades = msgspec.json.Decoder(list[_Trade]).decode
_tickers = msgspec.json.Decoder(list[_Ticker]).decode
_pairs = msgspec.json.Decoder(_Pairs).decode


class Kraken(BookDecoder["_CheckedBook"]):
    """Trades, best prices and books of Kraken spot.

    The number of places that the checksum needs comes from the instrument channel, else
    from the first checksum: the places that make it right. The depth comes from the reply
    to the subscription, else from the snapshot. Levels that fall out of the depth are told
    as gone, since the venue does not speak of them again.
    """

    def __init__(self, venue: str = "kraken") -> None:
        super().__init__(venue, _CheckedBook)
        self._depths: dict[str, int] = {}
        self._places: dict[str, tuple[int, int]] = {}

    def decode(self, raw: bytes, received_time_ns: int) -> list[MarketEvent]:
        message = _envelope(raw)
        channel = message.channel
        if channel == "book":
            return self._on_books(
                _books(message.data), message.type == "snapshot", received_time_ns
            )
        if channel == "trade":
            return self._on_trades(message, received_time_ns)
        if channel == "ticker":
            return self._on_tickers(_tickers(message.data), received_time_ns)
        if channel == "instrument":
            self._on_pairs(_pairs(message.data).pairs)
            return []
        if channel in _UNUSED or message.method:
            self._note_depth(message.result)
            self.tally.passed_over += 1
        else:
            self.tally.undecoded += 1
        return []

    def symbol_of(self, key: str) -> str:
        base, found, quote = key.partition("/")
        return f"{asset(base)}/{asset(quote)}" if found else key

    def _on_books(
        self, told: list[_Book], is_snapshot: bool, received_time_ns: int
    ) -> list[MarketEvent]:
        events: list[MarketEvent] = []
        is_used = False
        for wire in told:
            book = self._book(wire.symbol)
            if is_snapshot:
                book.begin(
                    self._places.get(wire.symbol),
                    self._depths.get(wire.symbol) or _depth_of(wire),
                )
            elif not book.standing:
                continue
            is_used = True
            events += book.take(wire, is_snapshot, received_time_ns)
            if wire.checksum is not None:
                self.tally.checksums += 1
                self.tally.checksum_failures += not book.standing
        self.tally.used += is_used
        self.tally.passed_over += not is_used
        return events

    def _on_trades(self, message: _Envelope, received_time_ns: int) -> list[MarketEvent]:
        if message.type == "snapshot":  # what was traded before the subscription
            self.tally.passed_over += 1
            return []
        self.tally.used += 1
        return [
            Trade(
                self.markets[wire.symbol],
                str(wire.trade_id),
                wire.price,
                wire.qty,
                Side.BUY if wire.side == "buy" else Side.SELL,
                ns_of_iso(wire.timestamp),
                received_time_ns,
            )
            for wire in _trades(message.data)
        ]

    def _on_tickers(
        self, told: Iterable[_Ticker], received_time_ns: int
    ) -> list[MarketEvent]:
        self.tally.used += 1
        return [
            Quote(
                self.markets[wire.symbol],
                wire.bid,
                wire.bid_qty,
                wire.ask,
                wire.ask_qty,
                ns_of_iso(wire.timestamp) if wire.timestamp else received_time_ns,
                received_time_ns,
            )
            for wire in told
        ]

    def _on_pairs(self, pairs: Iterable[_Pair]) -> None:
        self.tally.used += 1
        for pair in pairs:
            self._places[pair.symbol] = (pair.price_precision, pair.qty_precision)
            base, quote = asset(pair.base), asset(pair.quote)
            listed = Instrument(
                id=instrument_id(f"{base}/{quote}", self.venue),
                venue_key=pair.symbol,
                kind=ContractKind.SPOT,
                base=base,
                quote=quote,
                settle=quote,
                tick_table=(TickBand(floor=ZERO, tick=pair.price_increment),),
                quantity_step=pair.qty_increment,
                min_quantity=pair.qty_min,
            )
            self.markets.add([listed])

    def _note_depth(self, subscribed: _Subscribed | None) -> None:
        if subscribed and subscribed.channel == "book" and subscribed.depth:
            self._depths[subscribed.symbol] = subscribed.depth


class _CheckedBook(CheckedBook):
    def __init__(self, instrument: InstrumentId) -> None:
        super().__init__(instrument)
        self._places: tuple[int, int] | None = None

    def begin(self, places: tuple[int, int] | None, depth: int) -> None:
        self._places = places or self._places
        self.depth = depth

    def take(
        self, wire: _Book, is_snapshot: bool, received_time_ns: int
    ) -> list[MarketEvent]:
        return self.check(
            _levels(wire.bids),
            _levels(wire.asks),
            ns_of_iso(wire.timestamp) if wire.timestamp else received_time_ns,
            received_time_ns,
            is_snapshot=is_snapshot,
            number=None,
            checksum=wire.checksum,
        )

    def agrees(self, checksum: int) -> bool:
        if self._places is None:
            asks = [level for _, level in self.asks.best(_CHECKED)]
            bids = [level for _, level in self.bids.best(_CHECKED)]
            self._places = _places_that_give(checksum, asks, bids)
            if self._places is None:
                return False
        text = "".join(self._texts(self.asks) + self._texts(self.bids))
        return crc32(text.encode()) == checksum

    def _texts(self, side: CheckedSide) -> list[str]:
        assert self._places is not None
        texts, made = side.texts, []
        for key, level in side.best(_CHECKED):
            text = texts.get(key)
            if text is None:
                text = texts[key] = _text_of(level, *self._places)
            made.append(text)
        return made


def book_checksum(
    asks: Iterable[Level], bids: Iterable[Level], places: tuple[int, int]
) -> int:
    """Return Kraken's CRC32 over the ten best asks, then bids, each side best first.

    Each number is written with all its `places` (of prices, of quantities), without the
    point and without leading zeros.
    """
    text = "".join(_text_of(level, *places) for side in (asks, bids) for level in side)
    return crc32(text.encode())


def _text_of(level: Level, of_price: int, of_quantity: int) -> str:
    return _price_digits(level[0], of_price) + _digits(level[1], of_quantity)


def _digits(number: str, places: int) -> str:
    whole, _, part = _plain(number).partition(".")
    if len(part) > places:
        part = part.rstrip("0")
    return (whole + part.ljust(places, "0")).lstrip("0")


_price_digits = lru_cache(maxsize=16_384)(_digits)  # the same few prices come again


def _plain(number: str) -> str:
    return f"{Decimal(number):f}" if "e" in number or "E" in number else number


def _places_that_give(
    checksum: int, asks: list[Level], bids: list[Level]
) -> tuple[int, int] | None:
    seen = [0, 0]
    for level in (*asks, *bids):
        for which in (0, 1):
            part = _plain(level[which]).partition(".")[2]
            seen[which] = max(seen[which], len(part.rstrip("0")))
    for places in _candidates(*seen):
        if book_checksum(asks, bids, places) == checksum:
            return places
    return None


def _candidates(prices: int, quantities: int) -> Iterator[tuple[int, int]]:
    for of_quantity in range(_MOST_PLACES, quantities - 1, -1):
        for of_price in range(prices, _MOST_PLACES + 1):
            yield of_price, of_quantity


def _levels(rows: Iterable[_Row]) -> list[Level]:
    return [(str(row.price, "ascii"), str(row.qty, "ascii")) for row in rows]


def _depth_of(snapshot: _Book) -> int:
    most = max(len(snapshot.bids), len(snapshot.asks))
    return next((depth for depth in _DEPTHS if depth >= most), most)
