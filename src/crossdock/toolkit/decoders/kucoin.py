"""KuCoin spot: level2 changes, tickers and matches.

https://www.kucoin.com/docs/websocket/spot-trading/public-channels/level2-market-data
"""

from __future__ import annotations

from collections.abc import Iterable
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

_OF_SESSION = frozenset({"welcome", "ack", "pong", "error"})
_UNUSED = frozenset({"trade.candles.add", "trade.candles.update", "trade.snapshot"})


class _Changes(msgspec.Struct):
    bids: list[tuple[str, str, str]]  # price, quantity that is there now, number
    asks: list[tuple[str, str, str]]


class _Levels(msgspec.Struct, rename="camel"):
    symbol: str
    sequence_start: int
    sequence_end: int
    changes: _Changes
    time: int = 0  # milliseconds; older recordings have none


class _Ticker(msgspec.Struct, rename="camel"):
    best_bid: str
    best_bid_size: str
    best_ask: str
    best_ask_size: str
    time: int


class _Match(msgspec.Struct, rename="camel"):
    symbol: str
    trade_id: str
    price: Decimal
    size: Decimal
    side: str  # the taker's
    time: str  # nanoseconds


class _Message(msgspec.Struct):
    type: str
    topic: str = ""
    subject: str = ""
    data: msgspec.Raw = msgspec.Raw(b"{}")


class _Snapshot(msgspec.Struct):
    sequence: str
    bids: list[Level]
    asks: list[Level]
    time: int


class _SnapshotReply(msgspec.Struct):
    data: _Snapshot


class _Symbol(msgspec.Struct, rename="camel"):
    symbol: str
    base_currency: str
    quote_currency: str
    base_increment: Decimal
    price_increment: Decimal
    base_min_size: Decimal = ZERO
    base_max_size: Decimal | None = None


class _SymbolsReply(msgspec.Struct):
    data: list[_Symbol]


_message = msgspec.json.Decoder(_Message).decode
_levels = msgspec.json.Decoder(_Levels).decode
_ticker = msgspec.json.Decoder(_Ticker).decode
_match = msgspec.json.Decoder(_Match).decode
_snapshot = msgspec.json.Decoder(_SnapshotReply).decode
_symbols = msgspec.json.Decoder(_SymbolsReply).decode


class KuCoin(BookDecoder[JoinedBook]):
    """Trades, best prices and books of KuCoin spot."""

    def __init__(self, venue: str = "kucoin") -> None:
        super().__init__(venue, JoinedBook)

    def decode(self, raw: bytes, received_time_ns: int) -> list[MarketEvent]:
        message = _message(raw)
        subject = message.subject
        if message.type in _OF_SESSION or subject in _UNUSED:
            self.tally.passed_over += 1
            return []
        if subject == "trade.l2update":
            self.tally.used += 1
            return self._on_change(_levels(message.data), received_time_ns)
        if subject == "trade.ticker" and not message.topic.endswith(":all"):
            self.tally.used += 1
            key = message.topic.rpartition(":")[2]
            return [self._quote(key, _ticker(message.data), received_time_ns)]
        if subject == "trade.l3match":
            self.tally.used += 1
            return [self._trade(_match(message.data), received_time_ns)]
        self.tally.undecoded += 1
        return []

    def rest(self, url: str, raw: bytes, received_time_ns: int) -> list[MarketEvent]:
        path = path_of(url)
        if path.endswith("/symbols"):
            self.tally.used += 1
            self.markets.add(_listed(_symbols(raw).data, self.venue))
            return []
        if "/orderbook/level2" in path:
            self.tally.used += 1
            book, wire = self._book(query_of(url, "symbol")), _snapshot(raw).data
            time_ns = wire.time * 1_000_000
            return book.begin(
                wire.bids, wire.asks, int(wire.sequence), time_ns, received_time_ns
            )
        return super().rest(url, raw, received_time_ns)

    def _on_change(self, wire: _Levels, received_time_ns: int) -> list[MarketEvent]:
        book = self._book(wire.symbol)
        return book.change(
            BookChange(
                book.instrument,
                snapshot=False,
                bids=_told(wire.changes.bids),
                asks=_told(wire.changes.asks),
                first_sequence=wire.sequence_start,
                last_sequence=wire.sequence_end,
                venue_time_ns=wire.time * 1_000_000 or received_time_ns,
                received_time_ns=received_time_ns,
            )
        )

    def _quote(self, key: str, wire: _Ticker, received_time_ns: int) -> Quote:
        return Quote(
            self.markets[key],
            float(wire.best_bid),
            float(wire.best_bid_size),
            float(wire.best_ask),
            float(wire.best_ask_size),
            wire.time * 1_000_000,
            received_time_ns,
        )

    def _trade(self, wire: _Match, received_time_ns: int) -> Trade:
        return Trade(
            self.markets[wire.symbol],
            wire.trade_id,
            wire.price,
            wire.size,
            Side.BUY if wire.side == "buy" else Side.SELL,
            int(wire.time),
            received_time_ns,
        )


def _told(changes: Iterable[tuple[str, str, str]]) -> list[Level]:
    """Return the levels; price 0 stands for a number that changed none."""
    return [(price, quantity) for price, quantity, _ in changes if price != "0"]


def _listed(symbols: Iterable[_Symbol], venue: str) -> list[Instrument]:
    made = []
    for each in symbols:
        base, quote = asset(each.base_currency), asset(each.quote_currency)
        made.append(
            Instrument(
                id=instrument_id(f"{base}/{quote}", venue),
                venue_key=each.symbol,
                kind=ContractKind.SPOT,
                base=base,
                quote=quote,
                settle=quote,
                tick_table=(TickBand(floor=ZERO, tick=each.price_increment),),
                quantity_step=each.base_increment,
                min_quantity=each.base_min_size,
                max_quantity=each.base_max_size,
            )
        )
    return made
