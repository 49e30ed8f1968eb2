"""Deribit: book, trades and ticker of options, futures and perpetuals.

https://docs.deribit.com/#book-instrument_name-interval

Amounts are in dollars for inverse futures and in the base asset for options, so one unit
of quantity is one unit of that: the multiplier is 1.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from decimal import Decimal
from math import nan

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
from crossdock.toolkit.decoders.books import StreamedBook, raw_levels
from crossdock.toolkit.decoders.contract import BookDecoder, asset, path_of

_UNUSED = (
    "deribit_price_index",
    "deribit_price_ranking",
    "deribit_volatility_index",
    "estimated_expiration_price",
    "instrument.state",
    "markprice.options",
    "perpetual",
    "platform_state",
    "quote",
)
_MONTHS = (
    "JAN",
    "FEB",
    "MAR",
    "APR",
    "MAY",
    "JUN",
    "JUL",
    "AUG",
    "SEP",
    "OCT",
    "NOV",
    "DEC",
)
_DAY = rf"\d\d?(?:{'|'.join(_MONTHS)})\d\d"
_NAME = re.compile(rf"(\w+?)(?:_(\w+))?-(PERPETUAL|{_DAY})(?:-([\dd]+)-([CP]))?")
_FAR_NS = 32_000_000_000 * 1_000_000_000  # a perpetual expires in the year 3000

Row = tuple[msgspec.Raw, msgspec.Raw, msgspec.Raw]
"""new, change or delete; price; amount that is there now."""


class _Book(msgspec.Struct):
    instrument_name: str
    timestamp: int
    change_id: int
    bids: list[Row]
    asks: list[Row]
    type: str = "snapshot"  # grouped books are snapshots and do not say so
    prev_change_id: int | None = None


class _Trade(msgspec.Struct):
    instrument_name: str
    trade_id: str
    price: Decimal
    amount: Decimal
    direction: str  # the taker's
    timestamp: int


class _Ticker(msgspec.Struct):
    instrument_name: str
    timestamp: int
    best_bid_price: float | None = None
    best_bid_amount: float | None = None
    best_ask_price: float | None = None
    best_ask_amount: float | None = None


class _Params(msgspec.Struct):
    channel: str = ""
    data: msgspec.Raw = msgspec.Raw(b"{}")


class _Message(msgspec.Struct):
    method: str = ""
    params: _Params | None = None
    id: int | str | None = None


class _Listed(msgspec.Struct):
    instrument_name: str
    kind: str
    base_currency: str
    quote_currency: str
    tick_size: Decimal
    min_trade_amount: Decimal
    contract_size: Decimal
    expiration_timestamp: int
    counter_currency: str = ""
    settlement_currency: str = ""
    future_type: str = ""
    maker_commission: Decimal | None = None
    taker_commission: Decimal | None = None


class _ListedReply(msgspec.Struct):
    result: list[_Listed]


_message = msgspec.json.Decoder(_Message).decode
_book = msgspec.json.Decoder(_Book).decode
_trades = msgspec.json.Decoder(list[_Trade]).decode
_ticker = msgspec.json.Decoder(_Ticker).decode
_listed_reply = msgspec.json.Decoder(_ListedReply).decode


class Deribit(BookDecoder[StreamedBook]):
    """Trades, best prices and books. Each change of a book names the one before it."""

    def __init__(self, venue: str = "deribit") -> None:
        super().__init__(venue, StreamedBook)

    def decode(self, raw: bytes, received_time_ns: int) -> list[MarketEvent]:
        message = _message(raw)
        params = message.params
        if message.method == "subscription" and params is not None:
            channel = params.channel
            if channel.startswith("ticker."):
                return self._on_ticker(_ticker(params.data), received_time_ns)
            if channel.startswith("trades."):
                return self._on_trades(_trades(params.data), received_time_ns)
            # A book grouped by price is a picture of its own, and not the venue's levels.
            if channel.startswith("book.") and channel.count(".") == 2:
                return self._on_book(_book(params.data), received_time_ns)
            known = channel.startswith(("book.", *_UNUSED))
        else:
            known = message.method == "heartbeat" or message.id is not None
        if known:
            self.tally.passed_over += 1
        else:
            self.tally.undecoded += 1
        return []

    def rest(self, url: str, raw: bytes, received_time_ns: int) -> list[MarketEvent]:
        if not path_of(url).endswith("/get_instruments"):
            return super().rest(url, raw, received_time_ns)
        self.tally.used += 1
        self.markets.add(self._listed(_listed_reply(raw).result))
        return []

    def symbol_of(self, key: str) -> str:
        """Read the name of a contract: base, expiry, strike and C or P."""
        parts = _NAME.fullmatch(key)
        if parts is None:
            return super().symbol_of(key)
        base, quote, expiry, strike, right = parts.groups()
        head = f"{asset(base)}/{quote or 'USD'}:{quote or asset(base)}"
        if expiry == "PERPETUAL":
            return head
        day = f"{expiry[-2:]}{_MONTHS.index(expiry[-5:-2]) + 1:02}{expiry[:-5]:0>2}"
        option = f"-{strike.replace('d', '.')}-{right}" if strike else ""
        return f"{head}-{day}{option}"

    def _on_book(self, wire: _Book, received_time_ns: int) -> list[MarketEvent]:
        name = wire.instrument_name
        book = self._book(name)
        venue_time_ns = wire.timestamp * 1_000_000
        if wire.type == "snapshot":
            make = book.snapshot
        elif not book.standing:
            self.tally.passed_over += 1
            return []
        else:
            make = book.change
            gap = book.break_before(wire.prev_change_id, received_time_ns)
            if gap is not None:
                self.tally.used += 1
                return gap
        self.tally.used += 1
        bids, asks = raw_levels(wire.bids), raw_levels(wire.asks)
        return [make(bids, asks, venue_time_ns, received_time_ns, number=wire.change_id)]

    def _on_trades(
        self, told: Iterable[_Trade], received_time_ns: int
    ) -> list[MarketEvent]:
        self.tally.used += 1
        return [
            Trade(
                self.markets[wire.instrument_name],
                wire.trade_id,
                wire.price,
                wire.amount,
                Side.BUY if wire.direction == "buy" else Side.SELL,
                wire.timestamp * 1_000_000,
                received_time_ns,
            )
            for wire in told
        ]

    def _on_ticker(self, wire: _Ticker, received_time_ns: int) -> list[MarketEvent]:
        self.tally.used += 1
        return [
            Quote(
                self.markets[wire.instrument_name],
                # Nobody bids is told as no price, or as price 0.
                wire.best_bid_price or nan,
                wire.best_bid_amount or 0.0,
                wire.best_ask_price or nan,
                wire.best_ask_amount or 0.0,
                wire.timestamp * 1_000_000,
                received_time_ns,
            )
        ]

    def _listed(self, told: Iterable[_Listed]) -> list[Instrument]:
        made = []
        for each in told:
            symbol = self.symbol_of(each.instrument_name)
            if each.kind not in {"option", "future"} or ":" not in symbol:
                continue  # spot and combinations
            base = asset(each.base_currency)
            settle = asset(each.settlement_currency or _settle_of(symbol))
            is_option = each.kind == "option"
            linear = each.future_type == "linear"
            expiry_ns = each.expiration_timestamp * 1_000_000
            made.append(
                Instrument(
                    id=instrument_id(symbol, self.venue),
                    venue_key=each.instrument_name,
                    kind=ContractKind.OPTION
                    if is_option
                    else ContractKind.LINEAR
                    if linear
                    else ContractKind.INVERSE,
                    base=base,
                    quote=asset(each.counter_currency or "USD"),
                    settle=settle,
                    tick_table=(TickBand(floor=ZERO, tick=each.tick_size),),
                    quantity_step=each.min_trade_amount
                    if is_option
                    else each.contract_size,
                    min_quantity=each.min_trade_amount,
                    maker_fee_rate=each.maker_commission,
                    taker_fee_rate=each.taker_commission,
                    expiry_time_ns=expiry_ns if expiry_ns < _FAR_NS else None,
                )
            )
        return made


def _settle_of(symbol: str) -> str:
    return symbol.partition(":")[2].partition("-")[0]
