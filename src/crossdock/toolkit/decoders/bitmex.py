"""BitMEX: orderBookL2, quote and trade.

https://www.bitmex.com/app/wsAPI

Rows of a book are told by id, and only some of the messages say the price of an id. They
carry no number, but an id that should be there and is not, or the other way round, shows
that one was lost.
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
from crossdock.toolkit.decoders.contract import BookDecoder, asset, ns_of_iso, path_of

_BOOKS = frozenset({"orderBookL2", "orderBookL2_25"})
_WIDTHS = ("1m", "5m", "1h", "1d")
_UNUSED = frozenset(
    {
        *("announcement", "chat", "connected", "publicNotifications", "orderBook10"),
        *("funding", "instrument", "insurance", "liquidation", "settlement"),
        *(f"{kind}Bin{width}" for kind in ("quote", "trade") for width in _WIDTHS),
    }
)
_CONTRACTS = frozenset({"FFWCSX", "FFCCSX"})  # perpetuals, futures
_UNIT_OF_SETTLE = {"XBt": ("BTC", 8), "USDt": ("USDT", 6), "Gwei": ("ETH", 9)}


class _Row(msgspec.Struct):
    symbol: str
    id: int
    side: str
    size: msgspec.Raw = msgspec.Raw(b"0")
    price: msgspec.Raw = msgspec.Raw()


class _Quote(msgspec.Struct, rename="camel"):
    symbol: str
    timestamp: str
    bid_price: float | None = None
    bid_size: float | None = None
    ask_price: float | None = None
    ask_size: float | None = None


class _Trade(msgspec.Struct, rename="camel"):
    symbol: str
    timestamp: str
    side: str  # the taker's
    size: Decimal
    price: Decimal
    trd_match_id: str = msgspec.field(name="trdMatchID")


class _Filter(msgspec.Struct):
    symbol: str = ""


class _Message(msgspec.Struct):
    table: str = ""
    action: str = ""
    data: msgspec.Raw = msgspec.Raw(b"[]")
    filter: _Filter | None = None
    success: bool | None = None
    subscribe: str | None = None
    info: str | None = None
    error: str | None = None


class _Contract(msgspec.Struct, rename="camel"):
    symbol: str
    typ: str
    underlying: str
    quote_currency: str
    settl_currency: str | None = None
    tick_size: Decimal | None = None
    lot_size: Decimal | None = None
    max_order_qty: Decimal | None = None
    multiplier: Decimal = ZERO
    is_inverse: bool = False
    is_quanto: bool = False
    expiry: str | None = None
    maker_fee: Decimal | None = None
    taker_fee: Decimal | None = None


_message = msgspec.json.Decoder(_Message).decode
_rows = msgspec.json.Decoder(list[_Row]).decode
_quotes = msgspec.json.Decoder(list[_Quote]).decode
_trades = msgspec.json.Decoder(list[_Trade]).decode
_contracts = msgspec.json.Decoder(list[_Contract]).decode


class BitMex(BookDecoder["_RowsById"]):
    """Trades, best prices and books. Quantities are contracts."""

    def __init__(self, venue: str = "bitmex") -> None:
        super().__init__(venue, _RowsById)

    def decode(self, raw: bytes, received_time_ns: int) -> list[MarketEvent]:
        if raw == b"pong":
            self.tally.passed_over += 1
            return []
        message = _message(raw)
        table = message.table
        if table in _BOOKS:
            return self._on_rows(message, received_time_ns)
        if table == "quote":
            return self._on_quotes(_quotes(message.data), received_time_ns)
        if table == "trade" and message.action == "insert":
            return self._on_trades(_trades(message.data), received_time_ns)
        session = (message.success, message.subscribe, message.info, message.error)
        if table == "trade" or table in _UNUSED or session != (None,) * 4:
            self.tally.passed_over += 1
        else:
            self.tally.undecoded += 1
        return []

    def rest(self, url: str, raw: bytes, received_time_ns: int) -> list[MarketEvent]:
        if "/instrument" not in path_of(url):
            return super().rest(url, raw, received_time_ns)
        self.tally.used += 1
        self.markets.add(_listed(_contracts(raw), self.venue))
        return []

    def symbol_of(self, key: str) -> str:
        return key

    def _on_rows(self, message: _Message, received_time_ns: int) -> list[MarketEvent]:
        of_market: dict[str, list[_Row]] = {}
        for row in _rows(message.data):
            of_market.setdefault(row.symbol, []).append(row)
        if not of_market and message.action == "partial" and message.filter:
            of_market[message.filter.symbol] = []  # a book with nothing in it
        events: list[MarketEvent] = []
        is_used = False
        for key, rows in of_market.items():
            book = self._book(key)
            if message.action == "partial" or book.standing:
                is_used = True
                events += book.take(message.action, rows, received_time_ns)
        self.tally.used += is_used
        self.tally.passed_over += not is_used
        return events

    def _on_quotes(
        self, told: Iterable[_Quote], received_time_ns: int
    ) -> list[MarketEvent]:
        self.tally.used += 1
        return [
            Quote(
                self.markets[wire.symbol],
                nan if wire.bid_price is None else wire.bid_price,
                wire.bid_size or 0.0,
                nan if wire.ask_price is None else wire.ask_price,
                wire.ask_size or 0.0,
                ns_of_iso(wire.timestamp),
                received_time_ns,
            )
            for wire in told
        ]

    def _on_trades(
        self, told: Iterable[_Trade], received_time_ns: int
    ) -> list[MarketEvent]:
        self.tally.used += 1
        return [
            Trade(
                self.markets[wire.symbol],
                wire.trd_match_id,
                wire.price,
                wire.size,
                Side.BUY if wire.side == "Buy" else Side.SELL,
                ns_of_iso(wire.timestamp),
                received_time_ns,
            )
            for wire in told
        ]


class _RowsById(StreamedBook):
    """The side and price that each id of one book stands for."""

    def __init__(self, instrument: InstrumentId) -> None:
        super().__init__(instrument)
        self._rows: dict[tuple[int, str], str] = {}

    def take(
        self, action: str, rows: list[_Row], received_time_ns: int
    ) -> list[MarketEvent]:
        if action == "partial":
            self._rows.clear()
        bids: list[Level] = []
        asks: list[Level] = []
        for row in rows:
            price = self._price(action, row)
            if price is None:
                words = f"{action} of row {row.id} does not fit the rows known"
                return self.lose(words, received_time_ns)
            size = "0" if action == "delete" else str(row.size, "ascii")
            (bids if row.side == "Buy" else asks).append((price, size))
        make = self.snapshot if action == "partial" else self.change
        return [make(bids, asks, received_time_ns, received_time_ns)]

    def _price(self, action: str, row: _Row) -> str | None:
        """Return the price of a row; None when the action cannot follow what was told."""
        key = (row.id, row.side)
        if action == "delete":
            return self._rows.pop(key, None)
        if action == "update":
            return self._rows.get(key)
        if not row.price or key in self._rows:
            return None
        return self._rows.setdefault(key, str(row.price, "ascii"))


def _listed(contracts: Iterable[_Contract], venue: str) -> list[Instrument]:
    made = []
    for each in contracts:
        if each.typ not in _CONTRACTS or not each.tick_size or not each.lot_size:
            continue
        unit, places = _UNIT_OF_SETTLE.get(each.settl_currency or "", ("", 0))
        if not unit or not each.multiplier:
            continue
        kind = (
            ContractKind.INVERSE
            if each.is_inverse
            else ContractKind.QUANTO
            if each.is_quanto
            else ContractKind.LINEAR
        )
        base, quote = asset(each.underlying), asset(each.quote_currency)
        symbol = f"{base}/{quote}:{unit}"
        expiry_ns = ns_of_iso(each.expiry) if each.expiry else None
        if each.expiry:
            symbol += "-" + each.expiry[2:10].replace("-", "")
        made.append(
            Instrument(
                id=instrument_id(symbol, venue),
                venue_key=each.symbol,
                kind=kind,
                base=base,
                quote=quote,
                settle=asset(unit),
                tick_table=(TickBand(floor=ZERO, tick=each.tick_size),),
                quantity_step=each.lot_size,
                min_quantity=each.lot_size,
                max_quantity=each.max_order_qty,
                # Told in the smallest unit of what it settles in.
                multiplier=abs(each.multiplier).scaleb(-places),
                maker_fee_rate=each.maker_fee,
                taker_fee_rate=each.taker_fee,
                expiry_time_ns=expiry_ns,
            )
        )
    return made
