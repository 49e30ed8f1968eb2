"""Binance spot, and Binance US, which speaks the same.

https://developers.binance.com/docs/binance-spot-api-docs/web-socket-streams
"""

from __future__ import annotations

from decimal import Decimal

import msgspec

from crossdock.model import (
    ZERO,
    BookChange,
    ContractKind,
    Instrument,
    Level,
    Quote,
    Side,
    TickBand,
    Trade,
    instrument_id,
)
from crossdock.ports import MarketEvent
from crossdock.toolkit.decoders.books import JoinedBook
from crossdock.toolkit.decoders.contract import BookDecoder, asset, path_of, query_of

_BUY, _SELL = Side.BUY, Side.SELL  # looking an enum's member up costs as much as a call
_UNUSED = frozenset(
    {
        "kline",
        "24hrTicker",
        "24hrMiniTicker",
        "avgPrice",
        "1hTicker",
        "4hTicker",
        "1dTicker",
    }
)


class _Trade(msgspec.Struct, gc=False):
    s: str
    t: int
    p: Decimal
    q: Decimal
    T: int
    m: bool  # the buyer was the maker


class _AggregatedTrade(msgspec.Struct, gc=False):
    s: str
    a: int
    p: Decimal
    q: Decimal
    T: int
    m: bool


class _Depth(msgspec.Struct):
    E: int
    s: str
    U: int
    u: int
    b: list[Level]
    a: list[Level]


class BookTicker(msgspec.Struct, gc=False):
    """Best bid and ask after update `u`, in the venue's text; the stream says no time."""

    u: int
    s: str
    b: str
    B: str
    a: str
    A: str


class _Snapshot(msgspec.Struct, rename="camel"):
    last_update_id: int
    bids: list[Level]
    asks: list[Level]


class _OfTrade(msgspec.Struct, gc=False):
    data: _Trade


class _OfAggregatedTrade(msgspec.Struct, gc=False):
    data: _AggregatedTrade


class _OfDepth(msgspec.Struct):
    data: _Depth


class _OfBookTicker(msgspec.Struct, gc=False):
    data: BookTicker


class _Envelope(msgspec.Struct, rename="camel"):
    """Any message: wrapped by a combined stream, bare, a reply, or a snapshot."""

    stream: str = ""
    data: msgspec.Raw = msgspec.Raw()
    e: str = ""
    u: int | None = None
    B: str | None = None
    last_update_id: int | None = None
    id: int | str | None = None


class _Filter(msgspec.Struct, rename="camel"):
    filter_type: str
    tick_size: Decimal = ZERO
    step_size: Decimal = ZERO
    min_qty: Decimal = ZERO
    max_qty: Decimal = ZERO
    min_notional: Decimal = ZERO


class _Symbol(msgspec.Struct, rename="camel"):
    symbol: str
    base_asset: str
    quote_asset: str
    filters: list[_Filter]


class _ExchangeInfo(msgspec.Struct):
    symbols: list[_Symbol]


_envelope = msgspec.json.Decoder(_Envelope).decode
_trade = msgspec.json.Decoder(_Trade).decode
_aggregated = msgspec.json.Decoder(_AggregatedTrade).decode
_depth = msgspec.json.Decoder(_Depth).decode
_ticker = msgspec.json.Decoder(BookTicker).decode
_of_trade = msgspec.json.Decoder(_OfTrade).decode
_of_aggregated = msgspec.json.Decoder(_OfAggregatedTrade).decode
_of_depth = msgspec.json.Decoder(_OfDepth).decode
_of_ticker = msgspec.json.Decoder(_OfBookTicker).decode
_snapshot = msgspec.json.Decoder(_Snapshot).decode
_exchange_info = msgspec.json.Decoder(_ExchangeInfo).decode


def book_ticker(raw: bytes) -> BookTicker | None:
    """Read a message if it is a bookTicker, with its update id and exact text."""
    if b"@bookTicker" in raw[:64]:
        return _of_ticker(raw).data
    if b'"B"' not in raw:
        return None
    message = _envelope(raw)
    if message.data and message.stream.endswith("@bookTicker"):
        return _ticker(message.data)
    return _ticker(raw) if _is_ticker(message) else None


class Binance(BookDecoder[JoinedBook]):
    """Trades, best prices and books of Binance spot.

    A depth snapshot that says no symbol, as recorders write it into the stream, is the
    one of the only market that lacks it. Aggregated trades are used until the trades
    themselves are seen.
    """

    def __init__(self, venue: str = "binance") -> None:
        super().__init__(venue, JoinedBook)
        self._nameless: BookChange | None = None
        self._has_trades = False

    def decode(self, raw: bytes, received_time_ns: int) -> list[MarketEvent]:
        # The stream's name stands first: reading it saves parsing the message twice.
        at = raw.find(b"@", 0, 48) + 1
        kind = raw[at : at + 6]
        if kind == b'trade"':
            return self._on_trade(_of_trade(raw).data, received_time_ns)
        if kind == b"bookTi":
            return self._on_ticker(_of_ticker(raw).data, received_time_ns)
        if kind in (b"depth@", b'depth"'):
            return self._on_depth(_of_depth(raw).data, received_time_ns)
        if kind == b"aggTra":
            return self._on_aggregated(_of_aggregated(raw).data, received_time_ns)
        return self._on_other(raw, received_time_ns)

    def rest(self, url: str, raw: bytes, received_time_ns: int) -> list[MarketEvent]:
        path = path_of(url)
        if path.endswith("/exchangeInfo"):
            self.markets.add(_listed(_exchange_info(raw), self.venue))
            self.tally.used += 1
            return []
        if path.endswith("/depth"):
            book = self._book(query_of(url, "symbol"))
            self.tally.used += 1
            return book.snapshot(_as_change(book, _snapshot(raw), received_time_ns))
        return super().rest(url, raw, received_time_ns)

    def _on_trade(self, wire: _Trade, received_time_ns: int) -> list[MarketEvent]:
        self.tally.used += 1
        self._has_trades = True
        side, time_ns = _SELL if wire.m else _BUY, _ns(wire.T)
        instrument = self.markets[wire.s]
        return [
            Trade(instrument, str(wire.t), wire.p, wire.q, side, time_ns, received_time_ns)
        ]

    def _on_aggregated(
        self, wire: _AggregatedTrade, received_time_ns: int
    ) -> list[MarketEvent]:
        if self._has_trades:
            self.tally.passed_over += 1
            return []
        self.tally.used += 1
        side = _SELL if wire.m else _BUY
        instrument, time_ns = self.markets[wire.s], _ns(wire.T)
        return [
            Trade(instrument, f"a{wire.a}", wire.p, wire.q, side, time_ns, received_time_ns)
        ]

    def _on_ticker(self, wire: BookTicker, received_time_ns: int) -> list[MarketEvent]:
        self.tally.used += 1
        return [
            Quote(
                self.markets[wire.s],
                float(wire.b),
                float(wire.B),
                float(wire.a),
                float(wire.A),
                received_time_ns,
                received_time_ns,
            )
        ]

    def _on_depth(self, wire: _Depth, received_time_ns: int) -> list[MarketEvent]:
        self.tally.used += 1
        book = self._book(wire.s)
        change = BookChange(
            book.instrument,
            False,
            wire.b,
            wire.a,
            wire.U,
            wire.u,
            _ns(wire.E),
            received_time_ns,
        )
        if self._nameless is not None and not book.joined:
            return self._join_nameless(book, change)
        return book.change(change)

    def _on_snapshot(self, wire: _Snapshot, received_time_ns: int) -> list[MarketEvent]:
        waiting = self.awaited_snapshots
        if len(waiting) == 1:
            self.tally.used += 1
            book = self._books[waiting[0]]
            return book.snapshot(_as_change(book, wire, received_time_ns))
        if self._books:
            self.tally.undecoded += 1  # nobody can tell whose it is
            return []
        self.tally.used += 1
        unknown = JoinedBook(instrument_id("?", self.venue))
        self._nameless = _as_change(unknown, wire, received_time_ns)
        return []

    def _join_nameless(self, book: JoinedBook, change: BookChange) -> list[MarketEvent]:
        assert self._nameless is not None
        snapshot, self._nameless = self._nameless, None
        begun = book.snapshot(
            msgspec.structs.replace(
                snapshot,
                instrument=book.instrument,
                received_time_ns=change.received_time_ns,
            )
        )
        return begun + book.change(change)

    def _on_other(self, raw: bytes, received_time_ns: int) -> list[MarketEvent]:
        message = _envelope(raw)
        if message.stream.startswith("!"):  # all markets in one list: tickers only
            self.tally.passed_over += 1
            return []
        inner = _envelope(message.data) if message.data else message
        body = message.data or raw
        if inner.e == "depthUpdate":
            return self._on_depth(_depth(body), received_time_ns)
        if inner.e == "trade":
            return self._on_trade(_trade(body), received_time_ns)
        if inner.e == "aggTrade":
            return self._on_aggregated(_aggregated(body), received_time_ns)
        if _is_ticker(inner):
            return self._on_ticker(_ticker(body), received_time_ns)
        if message.last_update_id is not None:
            return self._on_snapshot(_snapshot(raw), received_time_ns)
        # A partial book (@depth20) tells nothing that the changes do not.
        if inner.e in _UNUSED or message.id is not None or "@depth" in message.stream:
            self.tally.passed_over += 1
        else:
            self.tally.undecoded += 1
        return []


def _is_ticker(message: _Envelope) -> bool:
    return not message.e and message.u is not None and message.B is not None


def _as_change(book: JoinedBook, wire: _Snapshot, received_time_ns: int) -> BookChange:
    return BookChange(
        book.instrument,
        snapshot=True,
        bids=wire.bids,
        asks=wire.asks,
        first_sequence=wire.last_update_id,
        last_sequence=wire.last_update_id,
        venue_time_ns=received_time_ns,
        received_time_ns=received_time_ns,
    )


def _ns(time: int) -> int:
    """Milliseconds, or microseconds where the connection asked for them, to nanoseconds."""
    return time * 1_000_000 if time < 100_000_000_000_000 else time * 1000


def _listed(info: _ExchangeInfo, venue: str) -> list[Instrument]:
    made = []
    for each in info.symbols:
        filters = {rule.filter_type: rule for rule in each.filters}
        price, lot = filters.get("PRICE_FILTER"), filters.get("LOT_SIZE")
        notional = filters.get("NOTIONAL") or filters.get("MIN_NOTIONAL")
        if price is None or lot is None or not price.tick_size or not lot.step_size:
            continue
        base, quote = asset(each.base_asset), asset(each.quote_asset)
        made.append(
            Instrument(
                id=instrument_id(f"{base}/{quote}", venue),
                venue_key=each.symbol,
                kind=ContractKind.SPOT,
                base=base,
                quote=quote,
                settle=quote,
                tick_table=(TickBand(floor=ZERO, tick=price.tick_size),),
                quantity_step=lot.step_size,
                min_quantity=lot.min_qty,
                max_quantity=lot.max_qty or None,
                min_notional=notional.min_notional if notional else ZERO,
            )
        )
    return made
