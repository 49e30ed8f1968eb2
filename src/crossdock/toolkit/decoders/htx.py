"""HTX, called Huobi before: depth of step0 and trades of the spot market.

https://www.htx.com/en-us/opend/newApiPages/?id=7ec4a4da-7773-11ed-9966-0242ac110003

Messages are compressed. Each depth message is the whole picture (150 levels), so a lost
one is made good by the next.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterable
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
from crossdock.toolkit.decoders.books import StreamedBook, raw_levels
from crossdock.toolkit.decoders.contract import BookDecoder, asset, path_of

_GZIP = b"\x1f\x8b"

Row = tuple[msgspec.Raw, msgspec.Raw]


class _Depth(msgspec.Struct):
    bids: list[Row]
    asks: list[Row]
    version: int
    ts: int


class _Trade(msgspec.Struct, rename="camel"):
    trade_id: int
    price: Decimal
    amount: Decimal
    direction: str  # the taker's
    ts: int


class _Trades(msgspec.Struct):
    data: list[_Trade]


class _Message(msgspec.Struct):
    ch: str = ""
    tick: msgspec.Raw = msgspec.Raw()
    status: str = ""  # of a reply
    ping: int | None = None


class _Symbol(msgspec.Struct, rename="kebab"):
    symbol: str
    base_currency: str
    quote_currency: str
    price_precision: int
    amount_precision: int
    min_order_amt: Decimal = ZERO
    max_order_amt: Decimal | None = None
    min_order_value: Decimal = ZERO


class _SymbolsReply(msgspec.Struct):
    data: list[_Symbol]


_message = msgspec.json.Decoder(_Message).decode
_depth = msgspec.json.Decoder(_Depth).decode
_trades = msgspec.json.Decoder(_Trades).decode
_symbols = msgspec.json.Decoder(_SymbolsReply).decode


class Htx(BookDecoder[StreamedBook]):
    """Trades and books of HTX spot."""

    def __init__(self, venue: str = "htx") -> None:
        super().__init__(venue, StreamedBook)
        self._newest: dict[str, tuple[int, int]] = {}

    def decode(self, raw: bytes, received_time_ns: int) -> list[MarketEvent]:
        message = _message(_unpacked(raw))
        parts = message.ch.split(".")
        if message.tick and len(parts) >= 3 and parts[0] == "market":
            key, kind = parts[1], parts[2]
            if kind == "depth":
                return self._on_depth(key, _depth(message.tick), received_time_ns)
            if kind == "trade":
                return self._on_trades(key, _trades(message.tick), received_time_ns)
            if kind in {"kline", "detail", "ticker"}:
                self.tally.passed_over += 1
                return []
        if message.status or message.ping is not None:
            self.tally.passed_over += 1
        else:
            self.tally.undecoded += 1
        return []

    def rest(self, url: str, raw: bytes, received_time_ns: int) -> list[MarketEvent]:
        if not path_of(url).endswith("/common/symbols"):
            return super().rest(url, raw, received_time_ns)
        self.tally.used += 1
        self.markets.add(_listed(_symbols(raw).data, self.venue))
        return []

    def disconnected(self, reason: str, received_time_ns: int) -> list[MarketEvent]:
        self._newest.clear()
        return super().disconnected(reason, received_time_ns)

    def _on_depth(self, key: str, wire: _Depth, received_time_ns: int) -> list[MarketEvent]:
        book = self._book(key)
        age, newest = (wire.version, wire.ts), self._newest.get(key)
        if newest is not None and age[0] <= newest[0] and age[1] <= newest[1]:
            self.tally.passed_over += 1  # an older picture, come late, or the same again
            return []
        self._newest[key] = age
        self.tally.used += 1
        bids, asks = raw_levels(wire.bids), raw_levels(wire.asks)
        venue_time_ns = wire.ts * 1_000_000
        return [
            book.snapshot(bids, asks, venue_time_ns, received_time_ns, number=wire.version)
        ]

    def _on_trades(
        self, key: str, told: _Trades, received_time_ns: int
    ) -> list[MarketEvent]:
        self.tally.used += 1
        return [
            Trade(
                self.markets[key],
                str(wire.trade_id),
                wire.price,
                wire.amount,
                Side.BUY if wire.direction == "buy" else Side.SELL,
                wire.ts * 1_000_000,
                received_time_ns,
            )
            for wire in told.data
        ]


def _unpacked(raw: bytes) -> bytes:
    if not raw.startswith(_GZIP):
        return raw
    try:
        return zlib.decompress(raw, wbits=31)
    except zlib.error as error:
        raise ValueError(f"the compressed message is broken: {error}") from None


def _listed(symbols: Iterable[_Symbol], venue: str) -> list[Instrument]:
    made = []
    for each in symbols:
        base = asset(each.base_currency.upper())
        quote = asset(each.quote_currency.upper())
        made.append(
            Instrument(
                id=instrument_id(f"{base}/{quote}", venue),
                venue_key=each.symbol,
                kind=ContractKind.SPOT,
                base=base,
                quote=quote,
                settle=quote,
                tick_table=(
                    TickBand(floor=ZERO, tick=Decimal(1).scaleb(-each.price_precision)),
                ),
                quantity_step=Decimal(1).scaleb(-each.amount_precision),
                min_quantity=each.min_order_amt,
                max_quantity=each.max_order_amt,
                min_notional=each.min_order_value,
            )
        )
    return made
