"""A broker's rows as Crossdock's nouns, by the field paths of its description."""

from __future__ import annotations

from decimal import Decimal

from crossdock.adapters.venues.rest_api.described import tables
from crossdock.adapters.venues.rest_api.described.fields import (
    InstrumentFields,
    OrderFields,
    Table,
)
from crossdock.adapters.venues.rest_api.rows import Row, Words, exact, find, number_text
from crossdock.errors import BadPayload
from crossdock.model import (
    ONE,
    ZERO,
    AccountEvent,
    AccountEventKind,
    AccountId,
    Asset,
    Balance,
    BookChange,
    ClientOrderId,
    ContractKind,
    ExecutionId,
    Fill,
    FillKind,
    Instrument,
    InstrumentId,
    Level,
    Liquidity,
    OrderReport,
    OrderStatus,
    OrderType,
    Position,
    PositionKey,
    PositionSide,
    Side,
    TickBand,
    TimeInForce,
    Trade,
    VenueOrderId,
    instrument_id,
)


class Symbols:
    """The broker's codes and our ids. With codes of their own, known from the listing."""

    def __init__(self, venue: str, fields: InstrumentFields | None) -> None:
        self._venue = venue
        self.is_plain = fields is None or fields.code is None
        self._codes: dict[InstrumentId, str] = {}
        self._ids: dict[str, InstrumentId] = {}

    @property
    def are_listed(self) -> bool:
        return self.is_plain or bool(self._ids)

    def learn(self, symbol: str, code: str) -> InstrumentId:
        try:
            made = instrument_id(symbol, self._venue)
        except ValueError as error:
            raise BadPayload(f"a symbol of the broker: {error}") from None
        self._codes[made], self._ids[code] = code, made
        return made

    def id_of(self, code: str) -> InstrumentId:
        known = self._ids.get(code)
        if known is None and self.is_plain:
            return self.learn(code, code)
        if known is None:
            raise BadPayload(f"{code!r} is not in the broker's listing")
        return known

    def code_of(self, instrument: InstrumentId) -> str | None:
        if self.is_plain:
            return instrument.partition("@")[0]
        return self._codes.get(instrument)


class Translation:
    """Names everything for one account at one broker."""

    def __init__(self, it: tables.Description, account: AccountId, venue: str) -> None:
        self._it = it
        self._account = account
        self.words = Words(it.values)
        self.symbols = Symbols(venue, it.fields.instrument)

    def row(self, row: object, fields: Table | None) -> Row:
        assert fields is not None, "the description was checked for it"
        return Row(row, fields, self._it, self.words)

    def instrument(self, row: object) -> Instrument:
        it = self.row(row, self._it.fields.instrument)
        symbol = it.text("symbol")
        code = it.text("code", symbol)
        quote = it.text("quote")
        version = it.optional("version")
        try:
            return Instrument(
                id=self.symbols.learn(symbol, code),
                venue_key=it.text("venue_key", code),
                kind=it.word("kind", ContractKind, "contract", ContractKind.SPOT),
                base=Asset(it.text("base")),
                quote=Asset(quote),
                settle=Asset(it.text("settle", quote)),
                tick_table=self._ticks(it),
                quantity_step=it.decimal("quantity_step"),
                min_quantity=it.decimal("min_quantity", ZERO),
                max_quantity=it.decimal_or_none("max_quantity"),
                min_notional=it.decimal("min_notional", ZERO),
                multiplier=it.decimal("multiplier", ONE),
                maker_fee_rate=it.decimal_or_none("maker_fee_rate"),
                taker_fee_rate=it.decimal_or_none("taker_fee_rate"),
                expiry_time_ns=it.time_ns("expiry_time") or None,
                tags=(f"version:{version}",) if version else (),
            )
        except (ValueError, ArithmeticError) as error:
            raise BadPayload(f"instrument {symbol}: {error}") from error

    def _ticks(self, it: Row) -> tuple[TickBand, ...]:
        pairs = it.raw("ticks")
        if pairs is None:
            return (TickBand(floor=ZERO, tick=it.decimal("tick")),)
        if not isinstance(pairs, list):
            raise BadPayload("ticks is no list of pairs")
        bands = [
            (exact(find(pair, "0"), "a floor"), exact(find(pair, "1"), "a tick"))
            for pair in pairs
        ]
        return tuple(TickBand(floor=floor, tick=tick) for floor, tick in sorted(bands))

    def order(
        self, row: object, fields: OrderFields | None, received_ns: int
    ) -> OrderReport:
        it = self.row(row, fields or self._it.fields.order)
        replaces, parent = it.optional("replaces"), it.optional("parent")
        return OrderReport(
            account=self._account,
            instrument=self.symbols.id_of(it.text("symbol")),
            venue_order_id=VenueOrderId(it.text("venue_order_id")),
            client_order_id=ClientOrderId(it.text("client_order_id", "")),
            status=it.word("status", OrderStatus, "status"),
            side=it.word("side", Side, "side"),
            type=it.word("type", OrderType, "type"),
            quantity=it.decimal("quantity"),
            cumulative_quantity=it.decimal("cumulative_quantity", ZERO),
            limit_price=it.decimal_or_none("limit_price"),
            stop_price=it.decimal_or_none("stop_price"),
            trail_amount=it.decimal_or_none("trail_amount"),
            trail_percent=it.decimal_or_none("trail_percent"),
            time_in_force=it.word(
                "time_in_force", TimeInForce, "time_in_force", TimeInForce.GTC
            ),
            average_price=it.decimal_or_none("average_price"),
            replaces=None if replaces is None else VenueOrderId(replaces),
            parent=None if parent is None else VenueOrderId(parent),
            reason=it.text("reason", ""),
            venue_time_ns=it.time_ns("venue_time"),
            received_time_ns=received_ns,
        )

    def fill(self, row: object, received_ns: int) -> Fill:
        it = self.row(row, self._it.fields.fill)
        replaces = it.optional("replaces")
        return Fill(
            account=self._account,
            instrument=self.symbols.id_of(it.text("symbol")),
            venue_order_id=VenueOrderId(it.text("venue_order_id")),
            execution_id=ExecutionId(it.text("execution_id")),
            side=it.word("side", Side, "side"),
            price=it.decimal("price"),
            quantity=it.decimal("quantity"),
            fee=it.decimal("fee", ZERO),
            fee_asset=Asset(it.text("fee_asset")),
            liquidity=it.word("liquidity", Liquidity, "liquidity", Liquidity.UNKNOWN),
            kind=it.word("kind", FillKind, "fill_kind", FillKind.REPORTED),
            replaces=None if replaces is None else ExecutionId(replaces),
            client_order_id=ClientOrderId(it.text("client_order_id", "")),
            position_side=self._position_side(it),
            account_sequence=int(it.decimal("account_sequence", ZERO)),
            venue_time_ns=it.time_ns("venue_time"),
            received_time_ns=received_ns,
        )

    def event(self, row: object, received_ns: int) -> AccountEvent:
        it = self.row(row, self._it.fields.event)
        symbol = it.optional("symbol")
        return AccountEvent(
            account=self._account,
            event_id=it.text("event_id"),
            kind=it.word("kind", AccountEventKind, "event"),
            asset=Asset(it.text("asset")),
            amount=it.decimal("amount"),
            instrument=None if symbol is None else self.symbols.id_of(symbol),
            quantity=it.decimal("quantity", ZERO),
            price=it.decimal_or_none("price"),
            position_side=self._position_side(it),
            note=it.text("note", ""),
            account_sequence=int(it.decimal("account_sequence", ZERO)),
            venue_time_ns=it.time_ns("venue_time"),
            received_time_ns=received_ns,
        )

    def balance(self, row: object) -> Balance:
        it = self.row(row, self._it.fields.balance)
        total, held = it.decimal_or_none("total"), it.decimal_or_none("held")
        free = it.decimal_or_none("free")
        if total is None:
            total = it.decimal("free") + (held or ZERO)
        if held is None:
            held = ZERO if free is None else total - free
        return Balance(
            account=self._account, asset=Asset(it.text("asset")), total=total, held=held
        )

    def position(self, row: object) -> Position:
        it = self.row(row, self._it.fields.position)
        quantity = it.decimal("quantity")
        if it.raw("side") is not None:
            quantity = abs(quantity) * it.word("side", Side, "side").sign
        return Position(
            key=PositionKey(
                account=self._account,
                instrument=self.symbols.id_of(it.text("symbol")),
                position_side=self._position_side(it),
                settle=Asset(it.text("settle")),
            ),
            quantity=quantity,
            entry_price=it.decimal_or_none("entry_price"),
            realized_pnl=it.decimal("realized_pnl", ZERO),
        )

    def _position_side(self, it: Row) -> PositionSide:
        return it.word("position_side", PositionSide, "position_side", PositionSide.NET)

    def book(self, row: object, instrument: InstrumentId, received_ns: int) -> BookChange:
        """Return a snapshot. It covers all there was: it follows on whatever came before."""
        it = self.row(row, self._it.fields.book)
        return BookChange(
            instrument,
            True,
            self._levels(it.raw("bids"), "bids"),
            self._levels(it.raw("asks"), "asks"),
            0,
            int(it.decimal("sequence", Decimal(received_ns))),
            it.time_ns("venue_time") or received_ns,
            received_ns,
        )

    def _levels(self, found: object, name: str) -> list[Level]:
        if not isinstance(found, list):
            raise BadPayload(f"{name} is no list of levels")
        levels: list[Level] = []
        for level in found:
            it = self.row(level, self._it.fields.book)
            price, quantity = it.raw("price"), it.raw("quantity")
            levels.append((number_text(price, name), number_text(quantity, name)))
        return levels

    def trade(self, row: object, instrument: InstrumentId, received_ns: int) -> Trade:
        it = self.row(row, self._it.fields.trade)
        return Trade(
            instrument,
            it.text("trade_id"),
            it.decimal("price"),
            it.decimal("quantity"),
            it.word("side", Side, "side"),
            it.time_ns("venue_time") or received_ns,
            received_ns,
        )
