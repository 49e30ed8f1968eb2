"""Orders and fills."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from itertools import pairwise

from crossdock.model.ids import (
    AccountId,
    Asset,
    ClientOrderId,
    CorrelationId,
    ExecutionId,
    InstrumentId,
    OrderId,
    PortfolioId,
    StrategyId,
    VenueOrderId,
)
from crossdock.model.instruments import ZERO
from crossdock.model.words import (
    LIMITED,
    TRIGGERED,
    Contingency,
    MarginMode,
    OrderStatus,
    OrderType,
    PositionSide,
    Side,
    TimeInForce,
)

_WHOLE_PCT = 100


class Liquidity(StrEnum):
    MAKER = "maker"
    TAKER = "taker"
    UNKNOWN = "unknown"


class FillKind(StrEnum):
    """How we know of a fill.

    reported     the venue said so
    inferred     cumulative quantity proves it, its details are still missing
    corrected    the venue changed one it had reported (`replaces`)
    busted       the venue took one back (`replaces`)
    provisional  seen, but the venue may still take it back (a chain, before finality)
    """

    REPORTED = "reported"
    INFERRED = "inferred"
    CORRECTED = "corrected"
    BUSTED = "busted"
    PROVISIONAL = "provisional"


@dataclass(frozen=True, slots=True, kw_only=True)
class Leg:
    """An exit that is sent with an order and held by the venue itself.

    A leg with a stop price is the stop-loss, one with only a limit price the take-profit.
    Its side is opposite to the order's under OTO (it closes what the order opens) and the
    order's own under OCO.
    """

    limit_price: Decimal | None = None
    stop_price: Decimal | None = None

    def __post_init__(self) -> None:
        """Refuse a leg without any price. Raises ValueError."""
        if self.limit_price is None and self.stop_price is None:
            raise ValueError("an attached leg needs a limit price or a stop price")

    @property
    def type(self) -> OrderType:
        if self.stop_price is None:
            return OrderType.LIMIT
        return OrderType.STOP if self.limit_price is None else OrderType.STOP_LIMIT


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderRequest:
    """What somebody wants. Not yet checked, not yet ours to send."""

    account: AccountId
    instrument: InstrumentId
    side: Side
    type: OrderType
    quantity: Decimal  # base for spot, contracts otherwise
    limit_price: Decimal | None = None
    stop_price: Decimal | None = None
    trail_amount: Decimal | None = None  # of a trailing stop, in quote
    trail_percent: Decimal | None = None  # of a trailing stop: 1 is one percent
    time_in_force: TimeInForce = TimeInForce.GTC
    expire_time_ns: int | None = None  # for GTD
    post_only: bool = False
    reduce_only: bool = False
    position_side: PositionSide = PositionSide.NET
    margin_mode: MarginMode = MarginMode.NONE
    attached: tuple[Leg, ...] = ()
    contingency: Contingency = Contingency.OTO  # of the attached legs
    portfolio: PortfolioId = PortfolioId("main")
    strategy: StrategyId = StrategyId("manual")
    correlation: CorrelationId = CorrelationId("")

    def __post_init__(self) -> None:
        """Refuse what no venue could understand. Raises ValueError."""
        limited = self.type in LIMITED
        stopped = self.type in TRIGGERED
        if limited != (self.limit_price is not None):
            verb = "needs" if limited else "takes no"
            raise ValueError(f"a {self.type} order {verb} limit price")
        if stopped != (self.stop_price is not None):
            verb = "needs" if stopped else "takes no"
            raise ValueError(f"a {self.type} order {verb} stop price")
        trails = (self.trail_amount is not None) + (self.trail_percent is not None)
        if trails != (self.type is OrderType.TRAILING_STOP):
            verb = "needs one of" if not trails else "takes not both of, if any,"
            raise ValueError(f"a {self.type} order {verb} trail amount and trail percent")
        if (self.time_in_force is TimeInForce.GTD) != (self.expire_time_ns is not None):
            raise ValueError("GTD needs an expire time, and only GTD takes one")
        if self.post_only and (
            not limited or self.time_in_force in (TimeInForce.IOC, TimeInForce.FOK)
        ):
            raise ValueError("post-only is for limit orders that may rest")
        if self.quantity <= 0:
            raise ValueError(f"quantity must be positive, got {self.quantity}")
        if trails:
            _check_trail(self.trail_amount, self.trail_percent)
        if self.attached:
            _check_attached(self)
        elif self.contingency is Contingency.OCO:
            raise ValueError("OCO needs an attached leg: the stop beside the limit order")


def _check_trail(amount: Decimal | None, percent: Decimal | None) -> None:
    trail = percent if amount is None else amount
    assert trail is not None, "a trailing stop has one of the two"
    if not trail.is_finite() or trail <= 0:
        raise ValueError(f"a trail must be positive, got {trail}")
    if percent is not None and percent >= _WHOLE_PCT:
        raise ValueError(f"a trail percent must be below {_WHOLE_PCT}, got {percent}")


def _check_attached(order: OrderRequest) -> None:
    """Refuse legs that do not suit their order or one another, as far as prices tell."""
    if order.time_in_force in (TimeInForce.IOC, TimeInForce.FOK):
        raise ValueError(f"a {order.time_in_force} order takes no attached legs")
    losses = [leg for leg in order.attached if leg.stop_price is not None]
    profits = [leg for leg in order.attached if leg.stop_price is None]
    if order.contingency is Contingency.OCO:
        if order.type is not OrderType.LIMIT or len(losses) != 1 or profits:
            raise ValueError("OCO is a limit order with exactly one stop leg")
        exit_side, entry, profit = order.side, None, order.limit_price
    else:
        if len(losses) > 1 or len(profits) > 1:
            raise ValueError("an order takes one take-profit and one stop-loss leg at most")
        if order.reduce_only:
            raise ValueError("a reduce-only order opens nothing that legs could close")
        exit_side = order.side.opposite
        entry = order.stop_price if order.limit_price is None else order.limit_price
        profit = profits[0].limit_price if profits else None
    loss = losses[0].stop_price if losses else None
    known = [price for price in (loss, entry, profit) if price is not None]
    if not all(price.is_finite() for price in known):
        raise ValueError("the prices of attached legs must be finite numbers")
    if not all((after - before) * exit_side.sign < 0 for before, after in pairwise(known)):
        words = ("below", "above") if exit_side is Side.SELL else ("above", "below")
        raise ValueError(
            f"a {exit_side} exit stops {words[0]} the entry and takes profit {words[1]} it, "
            f"got {', '.join(str(price) for price in known)}"
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderReport:
    """One word from the venue about one order: from a reply, a stream or a look-up.

    `cumulative_quantity` is all that was filled so far. `quantity` and prices are the
    venue's present ones (after amends). `client_order_id` is empty where the venue
    did not echo it.
    """

    account: AccountId
    instrument: InstrumentId
    venue_order_id: VenueOrderId
    client_order_id: ClientOrderId = ClientOrderId("")
    status: OrderStatus
    side: Side
    type: OrderType
    quantity: Decimal
    cumulative_quantity: Decimal = ZERO
    limit_price: Decimal | None = None
    stop_price: Decimal | None = None
    time_in_force: TimeInForce = TimeInForce.GTC
    average_price: Decimal | None = None  # of all that was filled, where the venue says
    replaces: VenueOrderId | None = None  # the id this one took over from
    parent: VenueOrderId | None = None  # the order whose attached leg this is
    trail_amount: Decimal | None = None
    trail_percent: Decimal | None = None
    reason: str = ""
    venue_time_ns: int = 0
    received_time_ns: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Fill:
    """One execution. Its key is account, instrument, venue order, execution id.

    `fee` is positive when paid, in `fee_asset`; what a venue took in other assets besides
    is in `more_fees`. For `corrected` and `busted` fills `replaces` is the execution id
    taken back; a busted one has quantity 0.
    """

    account: AccountId
    instrument: InstrumentId
    venue_order_id: VenueOrderId
    execution_id: ExecutionId
    side: Side
    price: Decimal
    quantity: Decimal
    fee: Decimal
    fee_asset: Asset
    liquidity: Liquidity = Liquidity.UNKNOWN
    kind: FillKind = FillKind.REPORTED
    replaces: ExecutionId | None = None
    client_order_id: ClientOrderId = ClientOrderId("")
    position_side: PositionSide = PositionSide.NET
    margin_mode: MarginMode = MarginMode.NONE
    account_sequence: int = 0  # the venue's own order of what moved the account; 0: none
    venue_time_ns: int = 0
    received_time_ns: int = 0
    more_fees: tuple[tuple[Asset, Decimal], ...] = ()

    @property
    def key(self) -> FillKey:
        return (self.account, self.instrument, self.venue_order_id, self.execution_id)

    @property
    def fees(self) -> tuple[tuple[Asset, Decimal], ...]:
        """Every fee that is not zero, by asset."""
        first = ((self.fee_asset, self.fee),) if self.fee else ()
        return first + self.more_fees


FillKey = tuple[AccountId, InstrumentId, VenueOrderId, ExecutionId]


class WriteKind(StrEnum):
    """What a write attempt asks the venue to do."""

    SUBMIT = "submit"
    CANCEL = "cancel"
    REPLACE = "replace"


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderView:
    """An order as people see it: the proven status, and whether anything is in doubt."""

    order_id: OrderId
    client_order_id: ClientOrderId
    venue_order_ids: tuple[VenueOrderId, ...]
    request: OrderRequest
    parent: OrderId | None = None  # the order whose attached leg this is
    status: OrderStatus
    in_doubt: tuple[WriteKind, ...]
    quantity: Decimal  # now, after amends
    limit_price: Decimal | None
    stop_price: Decimal | None
    cumulative_quantity: Decimal
    average_price: Decimal | None
    fees: tuple[tuple[Asset, Decimal], ...]
    reason: str
    created_time_ns: int
    updated_time_ns: int

    @property
    def shown_status(self) -> str:
        """`Unknown` while any write is in doubt, else the proven status."""
        return "Unknown" if self.in_doubt else self.status.value

    @property
    def leaves_quantity(self) -> Decimal:
        return ZERO if self.status.is_terminal else self.quantity - self.cumulative_quantity
