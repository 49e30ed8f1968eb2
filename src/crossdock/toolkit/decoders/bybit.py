"""Bybit, version 5 of its WebSocket: orderbook.N, publicTrade and tickers.

https://bybit-exchange.github.io/docs/v5/websocket/public/orderbook (read 2026-11-21)

A book begins with a snapshot; each change has the next `u`. A message with `u` 1, after a
restart of the venue, is a snapshot whatever it calls itself. `seq` never falls within a
topic. orderbook.1 is a picture of the best prices each time, and is read as quotes.
"""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal
from math import nan

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
from crossdock.toolkit.decoders.books import StreamedBook
from crossdock.toolkit.decoders.contract import (
    BookDecoder,
    asset,
    path_of,
    query_of,
    split_symbol,
)

_HEAD = b'{"topic":"'
_UNUSED = frozenset(
    {
        *("kline", "kline_lt", "tickers_lt", "lt", "liquidation", "allLiquidation"),
        *("insurance", "priceLimit", "adlAlert", "orderbook"),
    }
)


class _Book(msgspec.Struct):
    s: str
    b: list[Level]
    a: list[Level]
    u: int
    seq: int = 0


class _OfBook(msgspec.Struct):
    topic: str
    type: str
    ts: int
    data: _Book
    cts: int = 0  # when the engine made it; older recordings have none


class _Trade(msgspec.Struct):
    i: str
    T: int
    s: str
    S: str  # the taker's side
    v: Decimal
    p: Decimal


class _OfTrades(msgspec.Struct):
    data: list[_Trade]


class _Ticker(msgspec.Struct, rename="camel"):
    """What is not told did not change. Options name the fields without the 1."""

    symbol: str
    bid1_price: str | None = None
    bid1_size: str | None = None
    ask1_price: str | None = None
    ask1_size: str | None = None
    bid_price: str | None = None
    bid_size: str | None = None
    ask_price: str | None = None
    ask_size: str | None = None


class _OfTicker(msgspec.Struct):
    type: str
    ts: int
    data: _Ticker


class _Envelope(msgspec.Struct):
    topic: str = ""
    op: str = ""
    success: bool | None = None


class _PriceFilter(msgspec.Struct, rename="camel"):
    tick_size: Decimal


class _LotFilter(msgspec.Struct, rename="camel"):
    base_precision: Decimal = ZERO  # spot
    qty_step: Decimal = ZERO  # contracts
    min_order_qty: Decimal = ZERO
    max_order_qty: Decimal | None = None
    min_order_amt: Decimal = ZERO


class _Listed(msgspec.Struct, rename="camel"):
    symbol: str
    base_coin: str
    quote_coin: str
    price_filter: _PriceFilter
    lot_size_filter: _LotFilter
    settle_coin: str = ""
    contract_type: str = ""
    delivery_time: str = "0"


class _ListedResult(msgspec.Struct):
    listed: list[_Listed] = msgspec.field(name="list")


class _ListedReply(msgspec.Struct):
    result: _ListedResult


_envelope = msgspec.json.Decoder(_Envelope).decode
_book = msgspec.json.Decoder(_OfBook).decode
_trades = msgspec.json.Decoder(_OfTrades).decode
_ticker = msgspec.json.Decoder(_OfTicker).decode
_listed_reply = msgspec.json.Decoder(_ListedReply).decode


class Bybit(BookDecoder["_BybitBook"]):
    """Trades, best prices and books of one category, whose connections are its own.

    Messages do not tell spot from a perpetual of the same name: `category` does, "spot",
    "linear", "inverse" or "option". Of several depths of one book the first seen counts.
    """

    def __init__(self, venue: str = "bybit", category: str = "spot") -> None:
        super().__init__(venue, _BybitBook)
        self.category = category
        self._best: dict[str, dict[str, str]] = {}

    def decode(self, raw: bytes, received_time_ns: int) -> list[MarketEvent]:
        # The topic stands first: reading it saves parsing the message twice.
        if raw.startswith(_HEAD):
            topic = raw[len(_HEAD) : raw.find(b'"', len(_HEAD))].decode()
        else:
            message = _envelope(raw)
            topic = message.topic
            if message.op or message.success is not None:
                self.tally.passed_over += 1
                return []
        channel, _, rest = topic.partition(".")
        if channel == "orderbook" and rest.startswith("1."):
            return self._on_best(_book(raw), received_time_ns)
        if channel == "orderbook" and rest[:1].isdigit():
            return self._on_book(_book(raw), received_time_ns)
        if channel == "publicTrade":
            return self._on_trades(_trades(raw).data, received_time_ns)
        if channel == "tickers":
            return self._on_ticker(_ticker(raw), received_time_ns)
        if channel in _UNUSED:  # orderbook.full and orderbook.rpi, too
            self.tally.passed_over += 1
        else:
            self.tally.undecoded += 1
        return []

    def rest(self, url: str, raw: bytes, received_time_ns: int) -> list[MarketEvent]:
        if not path_of(url).endswith("/market/instruments-info"):
            return super().rest(url, raw, received_time_ns)
        self.tally.used += 1
        self.category = query_of(url, "category")
        self.markets.add(self._listed(_listed_reply(raw).result.listed))
        return []

    def disconnected(self, reason: str, received_time_ns: int) -> list[MarketEvent]:
        self._best.clear()
        return super().disconnected(reason, received_time_ns)

    def symbol_of(self, key: str) -> str:
        if self.category not in ("linear", "inverse"):
            return split_symbol(key)
        name, _, ends = key.partition("-")
        if name.endswith("PERP"):  # settled in USDC
            return f"{asset(name.removesuffix('PERP'))}/USDC:USDC"
        pair = split_symbol(name)
        base, _, quote = pair.partition("/")
        settle = base if self.category == "inverse" else quote
        return f"{pair}:{settle}" + (f"-{ends}" if ends else "")

    def _on_book(self, message: _OfBook, received_time_ns: int) -> list[MarketEvent]:
        wire, topic = message.data, message.topic
        book = self._book(wire.s)
        is_snapshot = message.type == "snapshot" or wire.u == 1
        is_other = book.topic not in ("", topic)
        if is_other or not (is_snapshot or book.standing):
            self.tally.passed_over += 1
            return []
        self.tally.used += 1
        time_ns = (message.cts or message.ts) * 1_000_000
        if is_snapshot:
            book.topic, book.newest = topic, wire.seq
            make = book.snapshot
        else:
            gap = book.break_before(wire.u - 1, received_time_ns)
            if gap is None and wire.seq < book.newest:
                gap = book.lose("a change is older than the one before", received_time_ns)
            if gap is not None:
                return gap
            book.newest = wire.seq
            make = book.change
        return [make(wire.b, wire.a, time_ns, received_time_ns, number=wire.u)]

    def _on_best(self, message: _OfBook, received_time_ns: int) -> list[MarketEvent]:
        wire = message.data
        if message.type != "snapshot":  # once told by its changes, which say what is gone
            self.tally.passed_over += 1
            return []
        self.tally.used += 1
        time_ns = (message.cts or message.ts) * 1_000_000
        bid, bid_quantity = _first(wire.b)
        ask, ask_quantity = _first(wire.a)
        return [
            Quote(
                self.markets[wire.s],
                bid,
                bid_quantity,
                ask,
                ask_quantity,
                time_ns,
                received_time_ns,
            )
        ]

    def _on_trades(
        self, told: Iterable[_Trade], received_time_ns: int
    ) -> list[MarketEvent]:
        self.tally.used += 1
        return [
            Trade(
                self.markets[wire.s],
                wire.i,
                wire.p,
                wire.v,
                Side.BUY if wire.S == "Buy" else Side.SELL,
                wire.T * 1_000_000,
                received_time_ns,
            )
            for wire in told
        ]

    def _on_ticker(self, message: _OfTicker, received_time_ns: int) -> list[MarketEvent]:
        wire = message.data
        if message.type == "snapshot":
            self._best[wire.symbol] = {}
        told = {
            "bid": wire.bid1_price if wire.bid_price is None else wire.bid_price,
            "bid_size": wire.bid1_size if wire.bid_size is None else wire.bid_size,
            "ask": wire.ask1_price if wire.ask_price is None else wire.ask_price,
            "ask_size": wire.ask1_size if wire.ask_size is None else wire.ask_size,
        }
        new = {name: text for name, text in told.items() if text is not None}
        best = self._best.get(wire.symbol)
        if not new or best is None:
            self.tally.passed_over += 1
            return []
        self.tally.used += 1
        best |= new
        if len(best) < len(told):
            return []
        return [
            Quote(
                self.markets[wire.symbol],
                float(best["bid"] or nan) or nan,
                float(best["bid_size"] or 0),
                float(best["ask"] or nan) or nan,
                float(best["ask_size"] or 0),
                message.ts * 1_000_000,
                received_time_ns,
            )
        ]

    def _listed(self, told: Iterable[_Listed]) -> list[Instrument]:
        made = []
        for each in told:
            step = each.lot_size_filter.base_precision or each.lot_size_filter.qty_step
            if not step or each.price_filter.tick_size <= 0 or self.category == "option":
                continue
            base, quote = asset(each.base_coin), asset(each.quote_coin)
            expiry_ns = int(each.delivery_time) * 1_000_000
            kind = _KINDS[self.category]
            made.append(
                Instrument(
                    id=instrument_id(self.symbol_of(each.symbol), self.venue),
                    venue_key=each.symbol,
                    kind=kind,
                    base=base,
                    quote=quote,
                    settle=asset(each.settle_coin or each.quote_coin),
                    tick_table=(TickBand(floor=ZERO, tick=each.price_filter.tick_size),),
                    quantity_step=step,
                    min_quantity=each.lot_size_filter.min_order_qty,
                    max_quantity=each.lot_size_filter.max_order_qty,
                    min_notional=each.lot_size_filter.min_order_amt,
                    expiry_time_ns=expiry_ns or None,
                )
            )
        return made


_KINDS = {
    "spot": ContractKind.SPOT,
    "linear": ContractKind.LINEAR,
    "inverse": ContractKind.INVERSE,
}


class _BybitBook(StreamedBook):
    def __init__(self, instrument: InstrumentId) -> None:
        super().__init__(instrument)
        self.topic = ""
        self.newest = 0  # `seq` of the last message

    def lose(self, reason: str, received_time_ns: int) -> list[MarketEvent]:
        self.topic = ""
        return super().lose(reason, received_time_ns)


def _first(levels: list[Level]) -> tuple[float, float]:
    return (float(levels[0][0]), float(levels[0][1])) if levels else (nan, 0.0)
