"""Coinbase Exchange, the feed with the channels level2 (or level2_batch), ticker, matches.

https://docs.cdp.coinbase.com/exchange/websocket-feed/channels

Its book messages carry no number. What is lost shows as a trade whose id is missing, as
time that runs backwards, or as a connection that ended; a lost change alone does not show.
"""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal

import msgspec

from crossdock.model import (
    ZERO,
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
from crossdock.toolkit.decoders.books import StreamedBook, by_side
from crossdock.toolkit.decoders.contract import BookDecoder, asset, ns_of_iso, path_of

_PASSED_OVER = frozenset({"subscriptions", "heartbeat", "last_match", "status", "error"})


class _Message(msgspec.Struct):
    """Any message: each type fills some of it."""

    type: str
    product_id: str = ""
    time: str = ""
    changes: list[tuple[str, str, str]] = []  # side, price, quantity that is there now
    bids: list[Level] = []
    asks: list[Level] = []
    trade_id: int = 0
    side: str = ""
    price: Decimal = ZERO
    size: Decimal = ZERO
    best_bid: str = ""
    best_ask: str = ""
    best_bid_size: str = ""
    best_ask_size: str = ""


class _Product(msgspec.Struct):
    id: str
    base_currency: str
    quote_currency: str
    quote_increment: Decimal
    base_increment: Decimal
    base_min_size: Decimal = ZERO
    base_max_size: Decimal | None = None
    min_market_funds: Decimal = ZERO


_message = msgspec.json.Decoder(_Message).decode
_products = msgspec.json.Decoder(list[_Product]).decode


class CoinbaseExchange(BookDecoder[StreamedBook]):
    """Trades, books, and best prices where they come with their quantities."""

    def __init__(self, venue: str = "coinbase") -> None:
        super().__init__(venue, StreamedBook)
        self._newest_ns: dict[str, int] = {}
        self._trade_ids: dict[str, int] = {}

    def decode(self, raw: bytes, received_time_ns: int) -> list[MarketEvent]:
        message = _message(raw)
        kind = message.type
        if kind == "l2update":
            return self._on_change(message, received_time_ns)
        if kind == "match":
            return self._on_trade(message, received_time_ns)
        if kind == "snapshot":
            self.tally.used += 1
            self._newest_ns.pop(message.product_id, None)
            book = self._book(message.product_id)
            return [
                book.snapshot(
                    message.bids, message.asks, received_time_ns, received_time_ns
                )
            ]
        if kind == "ticker" and message.best_bid_size and message.best_ask_size:
            return self._on_ticker(message, received_time_ns)
        if kind in _PASSED_OVER or kind == "ticker":
            self.tally.passed_over += 1
        else:
            self.tally.undecoded += 1
        return []

    def rest(self, url: str, raw: bytes, received_time_ns: int) -> list[MarketEvent]:
        if not path_of(url).endswith("/products"):
            return super().rest(url, raw, received_time_ns)
        self.tally.used += 1
        self.markets.add(_listed(_products(raw), self.venue))
        return []

    def disconnected(self, reason: str, received_time_ns: int) -> list[MarketEvent]:
        self._newest_ns.clear()
        self._trade_ids.clear()
        return super().disconnected(reason, received_time_ns)

    def _on_change(self, message: _Message, received_time_ns: int) -> list[MarketEvent]:
        book = self._book(message.product_id)
        if not book.standing:
            self.tally.passed_over += 1
            return []
        self.tally.used += 1
        venue_time_ns = ns_of_iso(message.time)
        newest_ns = self._newest_ns.get(message.product_id, 0)
        if venue_time_ns < newest_ns:
            return book.lose("a change is older than the one before", received_time_ns)
        self._newest_ns[message.product_id] = venue_time_ns
        bids, asks = by_side(message.changes)
        return [book.change(bids, asks, venue_time_ns, received_time_ns)]

    def _on_trade(self, message: _Message, received_time_ns: int) -> list[MarketEvent]:
        self.tally.used += 1
        key, trade_id = message.product_id, message.trade_id
        last = self._trade_ids.get(key, trade_id - 1)
        self._trade_ids[key] = max(last, trade_id)
        gap: list[MarketEvent] = []
        if trade_id > last + 1:
            words = f"trade {last + 1} was due, {trade_id} came"
            gap = self._book(key).lose(words, received_time_ns)
        return [
            *gap,
            Trade(
                self.markets[message.product_id],
                str(message.trade_id),
                message.price,
                message.size,
                # `side` is the maker's, the order that was in the book.
                Side.SELL if message.side == "buy" else Side.BUY,
                ns_of_iso(message.time),
                received_time_ns,
            ),
        ]

    def _on_ticker(self, message: _Message, received_time_ns: int) -> list[MarketEvent]:
        self.tally.used += 1
        return [
            Quote(
                self.markets[message.product_id],
                float(message.best_bid),
                float(message.best_bid_size),
                float(message.best_ask),
                float(message.best_ask_size),
                ns_of_iso(message.time) if message.time else received_time_ns,
                received_time_ns,
            )
        ]


def _listed(products: Iterable[_Product], venue: str) -> list[Instrument]:
    made = []
    for product in products:
        base, quote = asset(product.base_currency), asset(product.quote_currency)
        made.append(
            Instrument(
                id=instrument_id(f"{base}/{quote}", venue),
                venue_key=product.id,
                kind=ContractKind.SPOT,
                base=base,
                quote=quote,
                settle=quote,
                tick_table=(TickBand(floor=ZERO, tick=product.quote_increment),),
                quantity_step=product.base_increment,
                min_quantity=product.base_min_size,
                max_quantity=product.base_max_size,
                min_notional=product.min_market_funds,
            )
        )
    return made
