"""The venue's payloads as Crossdock's nouns."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from math import inf

from crossdock.adapters.venues.sandbox.wire import (
    BarList,
    BookMessage,
    QuoteMessage,
    WireBalance,
    WireEvent,
    WireFill,
    WireInstrument,
    WireOrder,
    WirePosition,
    WireTrade,
)
from crossdock.errors import BadPayload
from crossdock.model import (
    AccountEvent,
    AccountId,
    Asset,
    Balance,
    Bar,
    Bars,
    BookChange,
    ClientOrderId,
    ExecutionId,
    Fill,
    Instrument,
    InstrumentId,
    OrderReport,
    OrderStatus,
    Position,
    PositionKey,
    Quote,
    TickBand,
    Trade,
    VenueOrderId,
    instrument_id,
)

_STATUSES = {status.value: status for status in OrderStatus}


class _InstrumentIds(dict[str, InstrumentId]):
    """Ids by symbol, made once each."""

    def __init__(self, venue: str) -> None:
        super().__init__()
        self._venue = venue

    def __missing__(self, symbol: str) -> InstrumentId:
        try:
            made = self[symbol] = instrument_id(symbol, self._venue)
        except ValueError as error:
            raise BadPayload(f"a symbol of the venue: {error}") from None
        return made


class Translation:
    """Names everything for one account at one venue."""

    def __init__(self, account: AccountId, venue: str) -> None:
        self._account = account
        self.instrument_ids = _InstrumentIds(venue)

    def instrument(self, it: WireInstrument) -> Instrument:
        try:
            return Instrument(
                id=self.instrument_ids[it.symbol],
                venue_key=it.key,
                kind=it.kind,
                base=Asset(it.base),
                quote=Asset(it.quote),
                settle=Asset(it.settle),
                tick_table=tuple(
                    TickBand(floor=_finite(floor), tick=_finite(tick))
                    for floor, tick in sorted(it.ticks)
                ),
                quantity_step=_finite(it.quantity_step),
                min_quantity=_finite(it.min_quantity),
                max_quantity=_finite_or_none(it.max_quantity),
                min_notional=_finite(it.min_notional),
                multiplier=_finite(it.multiplier),
                maker_fee_rate=_finite(it.maker_fee),
                taker_fee_rate=_finite(it.taker_fee),
                tags=(f"version:{it.version}",),
            )
        except (ValueError, ArithmeticError) as error:
            raise BadPayload(f"instrument {it.symbol}: {error}") from error

    def order(self, it: WireOrder, received_ns: int) -> OrderReport:
        return OrderReport(
            account=self._account,
            instrument=self.instrument_ids[it.symbol],
            venue_order_id=VenueOrderId(it.id),
            client_order_id=ClientOrderId(it.client_order_id),
            status=_STATUSES[it.status],
            side=it.side,
            type=it.type,
            quantity=_finite(it.quantity),
            cumulative_quantity=_finite(it.cumulative_quantity),
            limit_price=_finite_or_none(it.limit_price),
            stop_price=_finite_or_none(it.stop_price),
            time_in_force=it.time_in_force,
            replaces=None if it.replaces is None else VenueOrderId(it.replaces),
            parent=None if it.parent_id is None else VenueOrderId(it.parent_id),
            trail_amount=_finite_or_none(it.trail_amount),
            trail_percent=_finite_or_none(it.trail_percent),
            reason=it.reason,
            venue_time_ns=it.updated_time_ns,
            received_time_ns=received_ns,
        )

    def fill(self, it: WireFill, received_ns: int) -> Fill:
        return Fill(
            account=self._account,
            instrument=self.instrument_ids[it.symbol],
            venue_order_id=VenueOrderId(it.order_id),
            execution_id=ExecutionId(it.execution_id),
            side=it.side,
            price=_finite(it.price),
            quantity=_finite(it.quantity),
            fee=_finite(it.fee),
            fee_asset=Asset(it.fee_asset),
            liquidity=it.liquidity,
            kind=it.kind,
            replaces=None if it.replaces is None else ExecutionId(it.replaces),
            client_order_id=ClientOrderId(it.client_order_id),
            position_side=it.position_side,
            account_sequence=it.moment,
            venue_time_ns=it.time_ns,
            received_time_ns=received_ns,
        )

    def event(self, it: WireEvent, received_ns: int) -> AccountEvent:
        return AccountEvent(
            account=self._account,
            event_id=it.event_id,
            kind=it.kind,
            asset=Asset(it.asset),
            amount=_finite(it.amount),
            instrument=None if it.symbol is None else self.instrument_ids[it.symbol],
            quantity=_finite(it.quantity),
            price=_finite_or_none(it.price),
            position_side=it.position_side,
            note=it.note,
            account_sequence=it.moment,
            venue_time_ns=it.time_ns,
            received_time_ns=received_ns,
        )

    def balance(self, it: WireBalance) -> Balance:
        return Balance(
            account=self._account,
            asset=Asset(it.asset),
            total=_finite(it.total),
            held=_finite(it.held),
        )

    def position(self, it: WirePosition) -> Position:
        return Position(
            key=PositionKey(
                account=self._account,
                instrument=self.instrument_ids[it.symbol],
                position_side=it.position_side,
                settle=Asset(it.settle),
            ),
            quantity=_finite(it.quantity),
            entry_price=_finite_or_none(it.entry_price),
            realized_pnl=_finite(it.realized_pnl),
        )

    def quote(self, it: QuoteMessage, received_ns: int) -> Quote:
        return Quote(
            self.instrument_ids[it.symbol],
            float(it.bid),
            float(it.bid_quantity),
            float(it.ask),
            float(it.ask_quantity),
            it.time_ns,
            received_ns,
        )

    def trade(self, it: WireTrade, received_ns: int) -> Trade:
        return Trade(
            self.instrument_ids[it.symbol],
            it.id,
            _finite(it.price),
            _finite(it.quantity),
            it.side,
            it.time_ns,
            received_ns,
        )

    def book(self, it: BookMessage, received_ns: int) -> BookChange:
        return BookChange(
            self.instrument_ids[it.symbol],
            it.snapshot,
            it.bids,
            it.asks,
            it.first,
            it.last,
            it.time_ns,
            received_ns,
        )

    def bars(self, it: BarList, instrument: InstrumentId, width_ns: int) -> Bars:
        """Return bars as columns. Raises BadPayload for what no bars can be."""
        try:
            rows = [
                Bar(instrument, start_ns, width_ns, *_floats(numbers))
                for start_ns, *numbers in it.bars
            ]
        except ValueError as error:
            raise BadPayload(f"bars of {instrument}: {error}") from None
        before_ns = -1
        for row in rows:
            in_order = before_ns < row.start_time_ns and row.start_time_ns % width_ns == 0
            sane = row.low <= min(row.open, row.close) and row.volume >= 0
            if not (in_order and sane and max(row.open, row.close) <= row.high < inf):
                raise BadPayload(f"{row} cannot stand after {before_ns}")
            before_ns = row.start_time_ns
        return Bars.of(rows, instrument=instrument, width_ns=width_ns)


def _floats(numbers: Sequence[str]) -> tuple[float, float, float, float, float]:
    opened, high, low, close, volume = map(float, numbers)
    return opened, high, low, close, volume


def _finite(value: Decimal) -> Decimal:
    if not value.is_finite():
        raise BadPayload(f"a number of the venue is {value}")
    return value


def _finite_or_none(value: Decimal | None) -> Decimal | None:
    return None if value is None else _finite(value)
