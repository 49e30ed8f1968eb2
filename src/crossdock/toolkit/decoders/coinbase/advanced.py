"""Coinbase Advanced Trade: l2_data, market_trades, ticker and heartbeats.

https://docs.cdp.coinbase.com/coinbase-app/advanced-trade-apis/websocket/websocket-channels
(read 2026-11-21)

`sequence_num` counts the messages of a connection, whatever their channel: when one is
missing it may have been of any market, so every book is given up.
"""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal
from math import nan
from operator import attrgetter

import msgspec

from crossdock.model import (
    ZERO,
    ContractKind,
    Instrument,
    Quote,
    Side,
    TickBand,
    Trade,
    instrument_id,
)
from crossdock.ports import MarketEvent
from crossdock.toolkit.decoders.books import StreamedBook, by_side
from crossdock.toolkit.decoders.contract import BookDecoder, asset, ns_of_iso, path_of

_UNUSED = frozenset(
    {
        *("subscriptions", "heartbeats", "candles", "status", "user"),
        "futures_balance_summary",
    }
)


class _Update(msgspec.Struct, gc=False):
    side: str  # bid or offer
    price_level: str
    new_quantity: str


class _Levels(msgspec.Struct):
    type: str
    product_id: str
    updates: list[_Update]


class _Trade(msgspec.Struct):
    trade_id: str
    product_id: str
    price: Decimal
    size: Decimal
    side: str  # the maker's
    time: str


class _Trades(msgspec.Struct):
    type: str
    trades: list[_Trade]


class _Ticker(msgspec.Struct):
    product_id: str
    best_bid: str = ""
    best_bid_quantity: str = ""
    best_ask: str = ""
    best_ask_quantity: str = ""


class _Tickers(msgspec.Struct):
    tickers: list[_Ticker]


class _Message(msgspec.Struct):
    channel: str = ""
    timestamp: str = ""
    sequence_num: int | None = None
    events: msgspec.Raw = msgspec.Raw(b"[]")
    type: str = ""  # of an error


class _Product(msgspec.Struct):
    product_id: str
    base_currency_id: str
    quote_currency_id: str
    base_increment: Decimal
    quote_increment: Decimal
    price_increment: Decimal | None = None
    base_min_size: Decimal = ZERO
    base_max_size: Decimal | None = None
    quote_min_size: Decimal = ZERO
    product_type: str = "SPOT"


class _ProductsReply(msgspec.Struct):
    products: list[_Product]


_message = msgspec.json.Decoder(_Message).decode
_levels = msgspec.json.Decoder(list[_Levels]).decode
_trades = msgspec.json.Decoder(list[_Trades]).decode
_tickers = msgspec.json.Decoder(list[_Tickers]).decode
_products = msgspec.json.Decoder(_ProductsReply).decode


class CoinbaseAdvanced(BookDecoder[StreamedBook]):
    """Trades, best prices and books."""

    def __init__(self, venue: str = "coinbase") -> None:
        super().__init__(venue, StreamedBook)
        self._number: int | None = None

    def decode(self, raw: bytes, received_time_ns: int) -> list[MarketEvent]:
        message = _message(raw)
        events = self._lost_before(message.sequence_num, received_time_ns)
        channel = message.channel
        if channel == "l2_data":
            events += self._on_levels(message, received_time_ns)
        elif channel == "market_trades":
            events += self._on_trades(_trades(message.events), received_time_ns)
        elif channel in ("ticker", "ticker_batch"):
            events += self._on_tickers(message, received_time_ns)
        elif channel in _UNUSED or message.type == "error":
            self.tally.passed_over += 1
        else:
            self.tally.undecoded += 1
        return events

    def rest(self, url: str, raw: bytes, received_time_ns: int) -> list[MarketEvent]:
        if not path_of(url).endswith("/products"):
            return super().rest(url, raw, received_time_ns)
        self.tally.used += 1
        self.markets.add(_listed(_products(raw).products, self.venue))
        return []

    def disconnected(self, reason: str, received_time_ns: int) -> list[MarketEvent]:
        self._number = None
        return super().disconnected(reason, received_time_ns)

    def _lost_before(self, number: int | None, received_time_ns: int) -> list[MarketEvent]:
        events: list[MarketEvent] = []
        last = self._number
        if last is not None and number is not None and number != last + 1:
            words = f"message {last + 1} of the connection was due, {number} came"
            events = self.disconnected(words, received_time_ns)
        self._number = last if number is None else number
        return events

    def _on_levels(self, message: _Message, received_time_ns: int) -> list[MarketEvent]:
        venue_time_ns = ns_of_iso(message.timestamp)
        changes: list[MarketEvent] = []
        for told in _levels(message.events):
            book = self._book(told.product_id)
            if told.type == "snapshot":
                make = book.snapshot
            elif book.standing:
                make = book.change
            else:
                continue
            bids, asks = by_side(
                ((each.side, each.price_level, each.new_quantity) for each in told.updates),
                buys="bid",
            )
            changes.append(make(bids, asks, venue_time_ns, received_time_ns))
        self.tally.used += bool(changes)
        self.tally.passed_over += not changes
        return changes

    def _on_trades(
        self, told: Iterable[_Trades], received_time_ns: int
    ) -> list[MarketEvent]:
        trades = [
            Trade(
                self.markets[wire.product_id],
                wire.trade_id,
                wire.price,
                wire.size,
                Side.SELL if wire.side == "BUY" else Side.BUY,
                ns_of_iso(wire.time),
                received_time_ns,
            )
            for each in told
            if each.type != "snapshot"  # what was traded before the subscription
            for wire in each.trades
        ]
        self.tally.used += bool(trades)
        self.tally.passed_over += not trades
        # Nothing is said of the order in which 250 ms of trades are listed.
        return [*sorted(trades, key=attrgetter("venue_time_ns"))]

    def _on_tickers(self, message: _Message, received_time_ns: int) -> list[MarketEvent]:
        venue_time_ns = ns_of_iso(message.timestamp)
        quotes: list[MarketEvent] = [
            Quote(
                self.markets[wire.product_id],
                float(wire.best_bid or nan),
                float(wire.best_bid_quantity or 0),
                float(wire.best_ask or nan),
                float(wire.best_ask_quantity or 0),
                venue_time_ns,
                received_time_ns,
            )
            for each in _tickers(message.events)
            for wire in each.tickers
            if wire.best_bid or wire.best_ask  # ticker_batch does not say them
        ]
        self.tally.used += bool(quotes)
        self.tally.passed_over += not quotes
        return quotes


def _listed(products: Iterable[_Product], venue: str) -> list[Instrument]:
    made = []
    for product in products:
        if product.product_type != "SPOT":
            continue
        base, quote = asset(product.base_currency_id), asset(product.quote_currency_id)
        tick = product.price_increment or product.quote_increment
        made.append(
            Instrument(
                id=instrument_id(f"{base}/{quote}", venue),
                venue_key=product.product_id,
                kind=ContractKind.SPOT,
                base=base,
                quote=quote,
                settle=quote,
                tick_table=(TickBand(floor=ZERO, tick=tick),),
                quantity_step=product.base_increment,
                min_quantity=product.base_min_size,
                max_quantity=product.base_max_size,
                min_notional=product.quote_min_size,
            )
        )
    return made
