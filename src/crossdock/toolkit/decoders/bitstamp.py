"""Bitstamp: the channels diff_order_book and live_trades, version 2.

https://www.bitstamp.net/websocket/v2/

Changes carry the time of the venue in microseconds and no number. What is lost in them
shows only as a connection that ended, or as time that runs backwards.
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
    Side,
    TickBand,
    Trade,
    instrument_id,
)
from crossdock.ports import MarketEvent
from crossdock.toolkit.decoders.books import JoinedBook
from crossdock.toolkit.decoders.contract import BookDecoder, asset, path_of

_CHANGES = "diff_order_book_"
_TRADES = "live_trades_"


class _Data(msgspec.Struct):
    """What a channel sends: each fills some of it."""

    microtimestamp: str = "0"
    bids: list[Level] = []
    asks: list[Level] = []
    id: int = 0
    amount_str: Decimal = ZERO
    price_str: Decimal = ZERO
    type: int = 0  # of the taker: 0 buys, 1 sells


class _Message(msgspec.Struct):
    event: str
    channel: str = ""
    data: _Data | None = None


class _Snapshot(msgspec.Struct):
    microtimestamp: str
    bids: list[Level]
    asks: list[Level]


class _Pair(msgspec.Struct):
    name: str
    url_symbol: str
    base_decimals: int
    counter_decimals: int


_message = msgspec.json.Decoder(_Message).decode
_snapshot = msgspec.json.Decoder(_Snapshot).decode
_pairs = msgspec.json.Decoder(list[_Pair]).decode


class Bitstamp(BookDecoder[JoinedBook]):
    """Trades and books of Bitstamp."""

    def __init__(self, venue: str = "bitstamp") -> None:
        super().__init__(venue, JoinedBook)
        self._newest: dict[str, int] = {}

    def decode(self, raw: bytes, received_time_ns: int) -> list[MarketEvent]:
        message = _message(raw)
        if message.event.startswith("bts:"):
            self.tally.passed_over += 1
            if message.event == "bts:request_reconnect":
                return self.disconnected("the venue asks to reconnect", received_time_ns)
            return []
        if message.data is not None:
            if message.event == "data" and message.channel.startswith(_CHANGES):
                key = message.channel.removeprefix(_CHANGES)
                return self._on_change(key, message.data, received_time_ns)
            if message.event == "trade" and message.channel.startswith(_TRADES):
                key = message.channel.removeprefix(_TRADES)
                return self._on_trade(key, message.data, received_time_ns)
        self.tally.undecoded += 1
        return []

    def rest(self, url: str, raw: bytes, received_time_ns: int) -> list[MarketEvent]:
        path = path_of(url).rstrip("/")
        if path.endswith("/trading-pairs-info"):
            self.tally.used += 1
            self.markets.add(_listed(_pairs(raw), self.venue))
            return []
        before, found, key = path.rpartition("/")
        if found and before.endswith("/order_book"):
            self.tally.used += 1
            return self._on_snapshot(key, _snapshot(raw), received_time_ns)
        return super().rest(url, raw, received_time_ns)

    def disconnected(self, reason: str, received_time_ns: int) -> list[MarketEvent]:
        self._newest.clear()
        return super().disconnected(reason, received_time_ns)

    def _on_snapshot(
        self, key: str, wire: _Snapshot, received_time_ns: int
    ) -> list[MarketEvent]:
        book, micros = self._book(key), int(wire.microtimestamp)
        return book.begin(wire.bids, wire.asks, micros, micros * 1000, received_time_ns)

    def _on_change(self, key: str, wire: _Data, received_time_ns: int) -> list[MarketEvent]:
        self.tally.used += 1
        book, micros = self._book(key), int(wire.microtimestamp)
        before = self._newest.get(key, 0)
        if micros <= before:
            return book.lose("a change is no newer than the one before", received_time_ns)
        self._newest[key] = micros
        # The first change after a start joins a snapshot that came before it; one that
        # comes after it must be newer, or what lies between was never seen.
        first = before + 1 if before or book.joined else micros
        return book.change(
            BookChange(
                book.instrument,
                snapshot=False,
                bids=wire.bids,
                asks=wire.asks,
                first_sequence=first,
                last_sequence=micros,
                venue_time_ns=micros * 1000,
                received_time_ns=received_time_ns,
            )
        )

    def _on_trade(self, key: str, wire: _Data, received_time_ns: int) -> list[MarketEvent]:
        self.tally.used += 1
        return [
            Trade(
                self.markets[key],
                str(wire.id),
                wire.price_str,
                wire.amount_str,
                Side.SELL if wire.type else Side.BUY,
                int(wire.microtimestamp) * 1000,
                received_time_ns,
            )
        ]


def _listed(pairs: Iterable[_Pair], venue: str) -> list[Instrument]:
    made = []
    for pair in pairs:
        base, _, quote = (asset(part) for part in pair.name.partition("/"))
        made.append(
            Instrument(
                id=instrument_id(f"{base}/{quote}", venue),
                venue_key=pair.url_symbol,
                kind=ContractKind.SPOT,
                base=base,
                quote=quote,
                settle=quote,
                tick_table=(
                    TickBand(floor=ZERO, tick=Decimal(1).scaleb(-pair.counter_decimals)),
                ),
                quantity_step=Decimal(1).scaleb(-pair.base_decimals),
            )
        )
    return made
