"""A broker's rows as Crossdock's nouns, by the field paths of its description."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from enum import StrEnum
from typing import Any, TypeVar

from crossdock.adapters.venues.rest_api import description as tables
from crossdock.adapters.venues.rest_api.exchange import find, word_of
from crossdock.adapters.venues.rest_api.template import template
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

E = TypeVar("E", bound=StrEnum)

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_NS = {"s": 1_000_000_000, "ms": 1_000_000, "us": 1_000, "ns": 1}


class Row:
    """One row of a reply, read through a table of fields. Raises BadPayload."""

    def __init__(
        self, row: object, fields: tables.Table, it: tables.Description, words: Words
    ) -> None:
        self._row = row
        self._fields = fields
        self._it = it
        self._words = words

    def raw(self, name: str) -> object:
        """Return a value as it stands; None when there is none."""
        source = getattr(self._fields, name)
        if source is None:
            return None
        if isinstance(source, str):
            value = find(self._row, source)
        elif source.text:
            value = self._joined(source.text)
        else:
            value = find(self._row, source.path) if source.path else source.value
        is_none = value is None or value == ""
        if isinstance(source, tables.Field):
            if not is_none and source.missing is not None:
                is_none = word_of(value) == word_of(source.missing)
            if is_none:
                return source.default
        return None if is_none else value

    def text(self, name: str, default: str | None = None) -> str:
        found = self.raw(name)
        if found is None:
            return self._default(name, default)
        if isinstance(found, dict | list):
            raise BadPayload(f"{name} is no text")
        return word_of(found)

    def optional(self, name: str) -> str | None:
        return self.text(name, "") or None

    def decimal(self, name: str, default: Decimal | None = None) -> Decimal:
        value = self.decimal_or_none(name)
        return self._default(name, default) if value is None else value

    def decimal_or_none(self, name: str) -> Decimal | None:
        found = self.raw(name)
        if found is None:
            return None
        value = exact(found, name)
        source = getattr(self._fields, name)
        if isinstance(source, tables.Field):
            if source.decimals:
                value = Decimal(1).scaleb(-int(value))
            if source.negate:
                value = -value
        return value

    def word(self, name: str, kind: type[E], table: str, default: E | None = None) -> E:
        """Return one of our words."""
        found = self.raw(name)
        if found is None:
            return self._default(name, default)
        ours = self._words.ours(table, kind).get(word_of(found))
        if ours is None:
            raise BadPayload(f"{name} is {word_of(found)[:40]!r}, which values.{table} lacks")
        return ours

    def time_ns(self, name: str) -> int:
        found = self.raw(name)
        if found is None:
            return 0
        source = getattr(self._fields, name)
        unit = source.unit if isinstance(source, tables.Field) else None
        return nanoseconds(found, unit or self._it.time_unit, name)

    def _joined(self, text: str) -> str | None:
        parts = template(text)
        found = {hole.name: find(self._row, hole.name) for hole in parts.holes}
        return parts.text(found)

    def _default(self, name: str, default: Any) -> Any:
        if default is None:
            raise BadPayload(f"{name} is missing")
        return default


class Words:
    """Both directions between the broker's words and ours."""

    def __init__(self, values: tables.Values) -> None:
        self._values = values
        self._read: dict[str, dict[str, Any]] = {}

    def ours(self, table: str, kind: type[E]) -> dict[str, E]:
        if table not in self._read:
            given = getattr(self._values, table) or {each: each.value for each in kind}
            self._read[table] = {
                word_of(word): ours
                for ours, theirs in given.items()
                for word in (theirs if isinstance(theirs, list) else [theirs])
            }
        return self._read[table]

    def theirs(self, table: str, ours: StrEnum) -> tables.Scalar | None:
        """Return the word to say; None when the broker has none."""
        given: Mapping[StrEnum, tables.Words] = getattr(self._values, table)
        word = given.get(ours) if given else ours.value
        return word[0] if isinstance(word, list) else word


class Symbols:
    """The broker's codes and our ids. With codes of their own, known from the listing."""

    def __init__(self, venue: str, fields: tables.InstrumentFields | None) -> None:
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

    def row(self, row: object, fields: tables.Table | None) -> Row:
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
        self, row: object, fields: tables.OrderFields | None, received_ns: int
    ) -> OrderReport:
        it = self.row(row, fields or self._it.fields.order)
        replaces = it.optional("replaces")
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
            time_in_force=it.word(
                "time_in_force", TimeInForce, "time_in_force", TimeInForce.GTC
            ),
            average_price=it.decimal_or_none("average_price"),
            replaces=None if replaces is None else VenueOrderId(replaces),
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
            levels.append((_number_text(price, name), _number_text(quantity, name)))
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


def exact(value: object, what: str) -> Decimal:
    """Return a number of JSON, or of a text in it, with every digit it has."""
    if isinstance(value, str | int | Decimal) and not isinstance(value, bool):
        try:
            made = Decimal(value)
        except ArithmeticError:
            made = None
        if made is not None and made.is_finite():
            return made
    raise BadPayload(f"{what} is no number")


def nanoseconds(value: object, unit: tables.TimeUnit, what: str) -> int:
    """Return UTC nanoseconds of a time in JSON. A time without a zone is taken as UTC."""
    if unit != "iso":
        return int(exact(value, what) * _NS[unit])
    try:
        moment = datetime.fromisoformat(str(value))
    except ValueError:
        raise BadPayload(f"{what} is no ISO 8601 time") from None
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    return (moment - _EPOCH) // timedelta(microseconds=1) * 1_000


def _number_text(value: object, what: str) -> str:
    exact(value, what)
    return format(value, "f") if isinstance(value, Decimal) else str(value)
