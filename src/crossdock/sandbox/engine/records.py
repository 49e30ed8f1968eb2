"""Orders, fills and events as the venue keeps them, and who is told of them."""

from __future__ import annotations

from dataclasses import dataclass, field
from decimal import Decimal
from typing import Protocol

from crossdock.model import (
    TERMINAL,
    TRIGGERED,
    ZERO,
    AccountEventKind,
    Contingency,
    FillKind,
    Liquidity,
    OrderStatus,
    OrderType,
    PositionSide,
    Side,
    TimeInForce,
)
from crossdock.sandbox.engine.specs import MarketSpec

SPRUNG = TRIGGERED | {OrderType.TRAILING_STOP}
"""Types that wait for a price."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LegForm:
    """An exit handed in with an order: a take-profit, or with a stop price a stop-loss.

    Side, quantity, time in force and position side are those the group gives it. An empty
    client order id is filled in by the venue.
    """

    limit_price: Decimal | None = None
    stop_price: Decimal | None = None
    client_order_id: str = ""

    @property
    def type(self) -> OrderType:
        if self.stop_price is None:
            return OrderType.LIMIT
        return OrderType.STOP if self.limit_price is None else OrderType.STOP_LIMIT


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderForm:
    """An order as it is handed in, not checked yet.

    A trailing stop gives exactly one of `trail_amount` (in quote) and `trail_percent`
    (1 is one percent) and no stop price: the venue makes that from the last price.

    `attached` holds at most one take-profit and one stop-loss. Under OTO (with both it is
    a bracket) they exit what the order opens, so their side is opposite. Under OCO the
    order is a limit order, its one leg a stop on the same side.
    """

    client_order_id: str
    symbol: str
    side: Side
    type: OrderType
    quantity: Decimal
    limit_price: Decimal | None = None
    stop_price: Decimal | None = None
    trail_amount: Decimal | None = None
    trail_percent: Decimal | None = None
    time_in_force: TimeInForce = TimeInForce.GTC
    expire_time_ns: int | None = None
    post_only: bool = False
    reduce_only: bool = False
    position_side: PositionSide = PositionSide.NET
    attached: tuple[LegForm, ...] = ()
    contingency: Contingency = Contingency.OTO


@dataclass(slots=True, kw_only=True, eq=False)
class VenueOrder:
    """An accepted order. It changes in place: whoever needs its present state copies it.

    `chain` holds every id it had, oldest first; `id` is the last of them. An order that
    waits for its trigger is `New`; its type stays what was asked for after it triggers.
    The stop price of a trailing stop is where it stands now; nobody is told when it moves.

    `legs` are the attached orders, `parent` is the order they came with. An OTO leg is
    `PendingNew` until its parent is done: it begins when the parent has filled, or has
    expired after a part of it had, for what was filled; else it is canceled. `rivals`
    exclude one another: one that is done or has triggered ends the others, one that is
    partly filled shrinks or ends them, as the venue's `partial_oco` says. What rivals hold
    is held once.
    """

    number: int  # stays the same over the whole chain
    account: str
    id: str
    client_order_id: str
    symbol: str
    side: Side
    type: OrderType
    quantity: Decimal
    limit_price: Decimal | None
    stop_price: Decimal | None = None
    trail_amount: Decimal | None = None
    trail_percent: Decimal | None = None
    time_in_force: TimeInForce = TimeInForce.GTC
    expire_time_ns: int | None = None
    post_only: bool = False
    reduce_only: bool = False
    position_side: PositionSide = PositionSide.NET
    contingency: Contingency | None = None  # of it and its legs; None: it stands alone
    cumulative_quantity: Decimal = ZERO
    status: OrderStatus = OrderStatus.NEW
    reason: str = ""
    replaces: str | None = None
    created_time_ns: int = 0
    updated_time_ns: int = 0
    chain: list[str] = field(default_factory=list)
    end_time_ns: int | None = None  # when a DAY or GTD order expires
    parent: VenueOrder | None = None
    legs: list[VenueOrder] = field(default_factory=list)
    rivals: list[VenueOrder] = field(default_factory=list)
    is_pending: bool = False  # a leg whose parent has not filled
    is_waiting: bool = False  # for its trigger
    reduces: bool = False  # reduce-only, or closes a leg in hedge mode
    held_asset: str = ""
    held_unit: Decimal = ZERO  # set aside for each unit still open
    held_limit: Decimal = ZERO  # at most this many units are charged

    @property
    def leaves(self) -> Decimal:
        return self.quantity - self.cumulative_quantity

    @property
    def is_done(self) -> bool:
        return self.status in TERMINAL

    @property
    def parent_id(self) -> str | None:
        """The newest id of the order whose leg it is."""
        return None if self.parent is None else self.parent.id

    @property
    def has_triggered(self) -> bool:
        return self.type in SPRUNG and not (self.is_waiting or self.is_pending)

    @property
    def charged(self) -> Decimal:
        """What it adds to what its account holds: of rivals only the dearest counts."""
        if not self.rivals:
            return self.held
        mine = (self.held, -self.number)
        others = ((it.held, -it.number) for it in self.rivals if not it.is_done)
        return ZERO if any(it > mine for it in others) else self.held

    @property
    def held(self) -> Decimal:
        """What is set aside for it in `held_asset`, rivals left aside."""
        return ZERO if self.is_done else min(self.leaves, self.held_limit) * self.held_unit


@dataclass(frozen=True, slots=True, kw_only=True)
class VenueFill:
    """One execution as one account saw it. `order_id` is the id the order had then."""

    sequence: int
    execution_id: str
    order_id: str
    client_order_id: str
    symbol: str
    side: Side
    price: Decimal
    quantity: Decimal
    fee: Decimal
    fee_asset: str
    liquidity: Liquidity
    kind: FillKind
    replaces: str | None
    position_side: PositionSide
    time_ns: int


@dataclass(frozen=True, slots=True, kw_only=True)
class VenueEvent:
    """Cash or a position moved without an order; fields as `crossdock.model.AccountEvent`."""

    sequence: int
    event_id: str
    kind: AccountEventKind
    asset: str
    amount: Decimal
    symbol: str | None = None
    quantity: Decimal = ZERO
    price: Decimal | None = None
    position_side: PositionSide = PositionSide.NET
    note: str = ""
    time_ns: int


@dataclass(frozen=True, slots=True, kw_only=True)
class VenuePosition:
    """A derivative position. `realized_pnl` is in `settle`, before fees."""

    symbol: str
    position_side: PositionSide
    quantity: Decimal
    entry_price: Decimal | None
    settle: str
    realized_pnl: Decimal


class Refused(Exception):
    """The venue said no and nothing was done. `code` is one of the protocol's codes."""

    def __init__(self, code: str, message: str, order: VenueOrder | None = None) -> None:
        super().__init__(f"{code}: {message}")
        self.code = code
        self.message = message
        self.order = order


PriceLevel = tuple[Decimal, Decimal]
"""Price and quantity; in a change, quantity 0 removes the level."""


class Listener(Protocol):
    """Told of everything in the order it happens. Must not call the venue back.

    Runs in a decimal context in which an inexact result is an error. House accounts are never reported; their trades and book changes are.
    """

    def book_changed(
        self,
        symbol: str,
        first: int,
        last: int,
        bids: list[PriceLevel],
        asks: list[PriceLevel],
        now_ns: int,
    ) -> None:
        """Levels that changed, with their new quantity: one call per operation."""

    def traded(
        self,
        symbol: str,
        trade_id: str,
        price: Decimal,
        quantity: Decimal,
        side: Side,
        now_ns: int,
    ) -> None:
        """A public trade; `side` is the taker's."""

    def order_changed(self, account: str, order: VenueOrder) -> None: ...
    def filled(self, account: str, fill: VenueFill) -> None:
        """Comes before the `order_changed` that shows its effect."""

    def moved(self, account: str, event: VenueEvent) -> None: ...
    def instrument_changed(self, market: MarketSpec) -> None: ...
