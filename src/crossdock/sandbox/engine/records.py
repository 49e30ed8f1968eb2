"""Orders, fills and events as the venue keeps them, and who is told of them."""

from __future__ import annotations

from dataclasses import dataclass, field
from decimal import Decimal
from typing import Protocol

from crossdock.model import (
    TERMINAL,
    ZERO,
    AccountEventKind,
    FillKind,
    Liquidity,
    OrderStatus,
    OrderType,
    PositionSide,
    Side,
    TimeInForce,
)
from crossdock.sandbox.engine.specs import MarketSpec


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderForm:
    """An order as it is handed in, not checked yet."""

    client_order_id: str
    symbol: str
    side: Side
    type: OrderType
    quantity: Decimal
    limit_price: Decimal | None = None
    stop_price: Decimal | None = None
    time_in_force: TimeInForce = TimeInForce.GTC
    expire_time_ns: int | None = None
    post_only: bool = False
    reduce_only: bool = False
    position_side: PositionSide = PositionSide.NET


@dataclass(slots=True, kw_only=True, eq=False)
class VenueOrder:
    """An accepted order. It changes in place: whoever needs its present state copies it.

    `chain` holds every id it had, oldest first; `id` is the last of them. A stop that has
    not triggered is `New`; its type stays what was asked for after it triggers.
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
    time_in_force: TimeInForce = TimeInForce.GTC
    expire_time_ns: int | None = None
    post_only: bool = False
    reduce_only: bool = False
    position_side: PositionSide = PositionSide.NET
    cumulative_quantity: Decimal = ZERO
    status: OrderStatus = OrderStatus.NEW
    reason: str = ""
    replaces: str | None = None
    created_time_ns: int = 0
    updated_time_ns: int = 0
    chain: list[str] = field(default_factory=list)
    end_time_ns: int | None = None  # when a DAY or GTD order expires
    is_waiting: bool = False  # a stop that has not triggered
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
    def held(self) -> Decimal:
        """What is set aside for it in `held_asset`."""
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
