"""Gemini: version 2 of its market data, the channel l2.

https://docs.gemini.com/websocket/market-data/v2

The first message of a market holds its whole book, and the trades before it, which are
passed over. Messages carry no number: what is lost shows only as a connection that ended.
"""

from __future__ import annotations

from decimal import Decimal

import msgspec

from crossdock.model import (
    ZERO,
    ContractKind,
    Instrument,
    Side,
    TickBand,
    Trade,
    instrument_id,
)
from crossdock.ports import MarketEvent
from crossdock.toolkit.decoders.books import StreamedBook, by_side
from crossdock.toolkit.decoders.contract import BookDecoder, asset, path_of

_PASSED_OVER = frozenset(
    {
        "heartbeat",
        "auction_open",
        "auction_indicative",
        "auction_result",
        "candles_1m_updates",
    }
)


class _Message(msgspec.Struct):
    """Any message: each type fills some of it."""

    type: str
    symbol: str = ""
    changes: list[tuple[str, str, str]] = []  # side, price, quantity that is there now
    trades: msgspec.Raw = msgspec.Raw()  # only beside a whole book
    event_id: int = 0
    timestamp: int = 0
    price: Decimal = ZERO
    quantity: Decimal = ZERO
    side: str = ""


class _Kind(msgspec.Struct):
    type: str


class _Details(msgspec.Struct):
    symbol: str
    base_currency: str
    quote_currency: str
    tick_size: Decimal  # of quantities
    quote_increment: Decimal
    min_order_size: Decimal = ZERO


_kind = msgspec.json.Decoder(_Kind).decode
_message = msgspec.json.Decoder(_Message).decode
_details = msgspec.json.Decoder(_Details).decode


class Gemini(BookDecoder[StreamedBook]):
    """Trades and books of Gemini."""

    def __init__(self, venue: str = "gemini") -> None:
        super().__init__(venue, StreamedBook)

    def decode(self, raw: bytes, received_time_ns: int) -> list[MarketEvent]:
        kind = _kind(raw).type
        if kind == "l2_updates":
            return self._on_levels(_message(raw), received_time_ns)
        if kind == "trade":
            return self._on_trade(_message(raw), received_time_ns)
        if kind in _PASSED_OVER:
            self.tally.passed_over += 1
        else:
            self.tally.undecoded += 1
        return []

    def rest(self, url: str, raw: bytes, received_time_ns: int) -> list[MarketEvent]:
        path = path_of(url)
        if "/symbols/details/" in path:
            self.tally.used += 1
            self._list(_details(raw))
            return []
        if path.endswith("/symbols"):  # names alone
            self.tally.passed_over += 1
            return []
        return super().rest(url, raw, received_time_ns)

    def _on_levels(self, message: _Message, received_time_ns: int) -> list[MarketEvent]:
        book = self._book(message.symbol)
        is_snapshot = bool(message.trades)
        if not is_snapshot and not book.standing:
            self.tally.passed_over += 1
            return []
        self.tally.used += 1
        bids, asks = by_side(message.changes)
        make = book.snapshot if is_snapshot else book.change
        return [make(bids, asks, received_time_ns, received_time_ns)]

    def _on_trade(self, message: _Message, received_time_ns: int) -> list[MarketEvent]:
        self.tally.used += 1
        return [
            Trade(
                self.markets[message.symbol],
                str(message.event_id),
                message.price,
                message.quantity,
                Side.BUY if message.side == "buy" else Side.SELL,
                message.timestamp * 1_000_000,
                received_time_ns,
            )
        ]

    def _list(self, details: _Details) -> None:
        base, quote = asset(details.base_currency), asset(details.quote_currency)
        listed = Instrument(
            id=instrument_id(f"{base}/{quote}", self.venue),
            venue_key=details.symbol,
            kind=ContractKind.SPOT,
            base=base,
            quote=quote,
            settle=quote,
            tick_table=(TickBand(floor=ZERO, tick=details.quote_increment),),
            quantity_step=details.tick_size,
            min_quantity=details.min_order_size,
        )
        self.markets.add([listed])
