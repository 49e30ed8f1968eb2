"""Binance spot, Binance US, which speaks the same, and Binance futures, which nearly does.

https://developers.binance.com/docs/binance-spot-api-docs/web-socket-streams
https://developers.binance.com/docs/derivatives/usds-margined-futures/websocket-market-streams
"""

from __future__ import annotations

import re
from decimal import Decimal

import msgspec

from crossdock.model import (
    ONE,
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
from crossdock.toolkit.decoders.books import JoinedBook, goes_on
from crossdock.toolkit.decoders.contract import (
    BookDecoder,
    asset,
    path_of,
    query_of,
    split_symbol,
)

_BUY, _SELL = Side.BUY, Side.SELL  # looking an enum's member up costs as much as a call
_FUTURE = re.compile(r"(.+)_(PERP|\d{6})")
_UNUSED = frozenset(
    {
        "kline",
        "continuous_kline",
        "forceOrder",
        "indexPriceUpdate",
        "markPriceUpdate",
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
    pu: int | None = None  # futures: where the message before ended, for ids are shared


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
    symbol: str = ""  # futures say it


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
    contract_type: str = ""  # this and the next two: futures only
    margin_asset: str = ""
    contract_size: Decimal = ONE


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
    if message.data and message.stream.endswith("bookTicker"):
        return _ticker(message.data)
    return _ticker(raw) if _is_ticker(message) else None


class Binance(BookDecoder[JoinedBook]):
    """Trades, best prices and books of Binance spot.

    A depth snapshot that says no symbol, as recorders write it into the stream, is the
    one of the only market there is, else of the one whose changes follow on it.
    Aggregated trades are used until the trades themselves are seen.
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

    def symbol_of(self, key: str) -> str:
        """Guess a symbol; BTCUSD_PERP is settled in BTC, BTCUSDT_240927 in USDT."""
        if (found := _FUTURE.fullmatch(key)) is None:
            return split_symbol(key)
        pair = split_symbol(found[1])
        base, _, quote = pair.partition("/")
        return _contract(pair, base if quote == "USD" else quote, found[2])

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
            wire.U if wire.pu is None else wire.pu + 1,
            wire.u,
            _ns(wire.E),
            received_time_ns,
        )
        if self._nameless is None or book.joined:
            return book.change(change)
        book.change(change)
        if not goes_on(self._nameless, change):
            return []
        snapshot, self._nameless = self._nameless, None
        return book.snapshot(
            msgspec.structs.replace(
                snapshot, instrument=book.instrument, received_time_ns=received_time_ns
            )
        )

    def _on_snapshot(self, wire: _Snapshot, received_time_ns: int) -> list[MarketEvent]:
        unknown = JoinedBook(instrument_id("?", self.venue))
        snapshot = _as_change(unknown, wire, received_time_ns)
        waiting = [self._books[key] for key in self.awaited_snapshots]
        if wire.symbol:
            found = [self._book(wire.symbol)]
        elif len(self._books) == 1:
            found = waiting
        else:
            found = [book for book in waiting if book.follows_on(snapshot)]
        if len(found) == 1:
            self.tally.used += 1
            return found[0].snapshot(
                msgspec.structs.replace(snapshot, instrument=found[0].instrument)
            )
        if self._books and not waiting:
            self.tally.undecoded += 1  # no book lacks it
            return []
        self.tally.used += 1
        self._nameless = snapshot
        return []

    def _on_other(self, raw: bytes, received_time_ns: int) -> list[MarketEvent]:
        message = _envelope(raw)
        # Others with this mark hold all markets in one list: tickers only.
        if message.stream.startswith("!") and message.stream != "!bookTicker":
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
    return (
        message.e in ("", "bookTicker") and message.u is not None and message.B is not None
    )


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


def _contract(pair: str, settle: str, ends: str) -> str:
    return f"{pair}:{settle}" + (f"-{ends}" if ends not in ("", "PERP") else "")


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
        settle, symbol, kind = quote, f"{base}/{quote}", ContractKind.SPOT
        if each.contract_type:
            settle = asset(each.margin_asset or each.quote_asset)
            symbol = _contract(symbol, settle, each.symbol.partition("_")[2])
            kind = ContractKind.INVERSE if settle == base else ContractKind.LINEAR
        made.append(
            Instrument(
                id=instrument_id(symbol, venue),
                venue_key=each.symbol,
                kind=kind,
                base=base,
                quote=quote,
                settle=settle,
                multiplier=each.contract_size,
                tick_table=(TickBand(floor=ZERO, tick=price.tick_size),),
                quantity_step=lot.step_size,
                min_quantity=lot.min_qty,
                max_quantity=lot.max_qty or None,
                min_notional=notional.min_notional if notional else ZERO,
            )
        )
    return made
