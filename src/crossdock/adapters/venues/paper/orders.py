"""One order at the paper venue, and what an order must satisfy to be one."""

from __future__ import annotations

from decimal import Decimal

import msgspec

from crossdock.adapters.venues.paper.funds.exact import average, subtract, worth
from crossdock.errors import Rejected
from crossdock.model import (
    TERMINAL,
    TRIGGERED,
    ZERO,
    AccountId,
    Asset,
    ClientOrderId,
    ContractKind,
    Instrument,
    InstrumentId,
    MarginMode,
    OrderReport,
    OrderStatus,
    OrderType,
    PositionSide,
    Side,
    TimeInForce,
    VenueOrderId,
)
from crossdock.ports import NewOrder

DAY_NS = 86_400_000_000_000
AT_ONCE = frozenset({TimeInForce.IOC, TimeInForce.FOK})
_WAITING = TRIGGERED | {OrderType.TRAILING_STOP}
_KINDS = frozenset(
    {
        ContractKind.SPOT,
        ContractKind.LINEAR,
        ContractKind.INVERSE,
        ContractKind.QUANTO,
    }
)


class Order(msgspec.Struct, kw_only=True):
    """What the venue knows of one order. `number` is its place in time."""

    number: int
    id: VenueOrderId
    client_order_id: ClientOrderId
    instrument: InstrumentId
    side: Side
    type: OrderType
    quantity: Decimal
    limit_price: Decimal | None
    stop_price: Decimal | None
    time_in_force: TimeInForce
    expires_ns: int | None  # the end of the day, for DAY
    post_only: bool
    reduce_only: bool
    margin_mode: MarginMode
    arrived_ns: int
    updated_ns: int
    status: OrderStatus = OrderStatus.NEW
    filled: Decimal = ZERO
    notional: Decimal = ZERO  # sum of price x quantity of its fills
    fill_count: int = 0
    reason: str = ""
    trail_amount: Decimal | None = None
    trail_percent: Decimal | None = None
    waits: bool = False  # for its trigger
    is_fresh: bool = True  # has not met a market: what it crosses, it takes
    ahead: Decimal | None = None  # displayed at its price before it; None: not known
    held_asset: Asset = Asset("")
    held_unit: Decimal = ZERO  # set aside for each unit of quantity
    held_quantity: Decimal = ZERO  # how much of it needs something set aside

    @property
    def leaves(self) -> Decimal:
        return subtract(self.quantity, self.filled)

    @property
    def is_open(self) -> bool:
        return self.status not in TERMINAL

    @property
    def takes_any_price(self) -> bool:
        return self.limit_price is None

    def report(self, account: AccountId, now_ns: int) -> OrderReport:
        return OrderReport(
            account=account,
            instrument=self.instrument,
            venue_order_id=self.id,
            client_order_id=self.client_order_id,
            status=self.status,
            side=self.side,
            type=self.type,
            quantity=self.quantity,
            cumulative_quantity=self.filled,
            limit_price=self.limit_price,
            stop_price=self.stop_price,
            trail_amount=self.trail_amount,
            trail_percent=self.trail_percent,
            time_in_force=self.time_in_force,
            average_price=average(self.notional, self.filled) if self.filled else None,
            reason=self.reason,
            venue_time_ns=self.updated_ns,
            received_time_ns=now_ns,
        )


def made_of(new: NewOrder, number: int, order_id: VenueOrderId, now_ns: int) -> Order:
    """Check a submit by itself and make it an order. Raises Rejected."""
    instrument = new.instrument
    if instrument.kind not in _KINDS:
        raise refused("not_offered", f"no {instrument.kind} contracts are traded on paper")
    if new.position_side is not PositionSide.NET:
        raise refused("not_offered", "a paper account nets its positions: no hedge mode")
    if instrument.kind is ContractKind.SPOT and (
        new.reduce_only or new.margin_mode is not MarginMode.NONE
    ):
        raise refused("not_offered", "spot is paid in full here and has no positions")
    if new.attached:
        raise refused("not_offered", "no legs are attached to orders on paper")
    for price in (new.limit_price, new.stop_price):
        if price is not None:
            check_price(instrument, price)
    check_quantity(instrument, new.quantity)
    expires_ns = new.expire_time_ns
    if expires_ns is not None and expires_ns <= now_ns:
        raise refused("bad_expiry", "its expire time has passed")
    if new.time_in_force is TimeInForce.DAY:
        expires_ns = (now_ns // DAY_NS + 1) * DAY_NS
    return Order(
        number=number,
        id=order_id,
        client_order_id=new.client_order_id,
        instrument=instrument.id,
        side=new.side,
        type=new.type,
        quantity=new.quantity,
        limit_price=new.limit_price,
        stop_price=new.stop_price,
        trail_amount=new.trail_amount,
        trail_percent=new.trail_percent,
        time_in_force=new.time_in_force,
        expires_ns=expires_ns,
        post_only=new.post_only,
        reduce_only=new.reduce_only,
        margin_mode=new.margin_mode,
        arrived_ns=now_ns,
        updated_ns=now_ns,
        waits=new.type in _WAITING,
    )


def check_price(instrument: Instrument, price: Decimal) -> None:
    if not price.is_finite():
        raise refused("bad_tick", f"a price is a number, not {price}")
    tick = instrument.tick_at(price)
    if price % tick:
        raise refused("bad_tick", f"price {price} is not a multiple of {tick:f}")
    if price <= 0 and instrument.kind in (ContractKind.SPOT, ContractKind.INVERSE):
        raise refused("bad_tick", f"price {price} is not positive")


def check_quantity(instrument: Instrument, quantity: Decimal) -> None:
    step = instrument.quantity_step
    if not quantity.is_finite() or quantity <= 0 or quantity % step:
        raise refused("bad_lot", f"quantity {quantity} is not a multiple of {step:f}")
    if quantity < instrument.min_quantity:
        raise refused(
            "min_quantity", f"{quantity} is below the least, {instrument.min_quantity:f}"
        )
    most = instrument.max_quantity
    if most is not None and quantity > most:
        raise refused("max_quantity", f"{quantity} is above the most, {most:f}")


def check_notional(
    instrument: Instrument, quantity: Decimal, price: Decimal | None
) -> None:
    if price is None or not instrument.min_notional:
        return
    notional = worth(instrument, quantity, price).copy_abs()
    if notional < instrument.min_notional:
        raise refused(
            "min_notional", f"{notional:f} is below the least, {instrument.min_notional:f}"
        )


def refused(code: str, words: str) -> Rejected:
    return Rejected(f"{code}: {words}", venue_code=code)
