"""Orders and fills, in FIX's words."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

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


class _Word(StrEnum):
    """A closed vocabulary whose members hash as their text: Enum's own hash is slow."""

    __hash__ = str.__hash__


class Side(_Word):
    BUY = "buy"
    SELL = "sell"

    @property
    def sign(self) -> int:
        return 1 if self is Side.BUY else -1

    @property
    def opposite(self) -> Side:
        return Side.SELL if self is Side.BUY else Side.BUY


class OrderType(_Word):
    MARKET = "market"
    LIMIT = "limit"
    STOP = "stop"
    STOP_LIMIT = "stop_limit"


class TimeInForce(_Word):
    GTC = "GTC"
    IOC = "IOC"
    FOK = "FOK"
    DAY = "DAY"
    GTD = "GTD"


class PositionSide(_Word):
    """Net, or one leg of a hedge-mode account."""

    NET = "net"
    LONG = "long"
    SHORT = "short"


class MarginMode(_Word):
    NONE = "none"  # spot
    CROSS = "cross"
    ISOLATED = "isolated"


class OrderStatus(_Word):
    """The last status that was proven. Doubt is kept apart, one per attempt.

    The first two are ours, before any word from the venue. `NeverAccepted` is ours too:
    no byte left, or the venue's absence of the order was proven.
    """

    JOURNALED = "Journaled"
    SENT = "Sent"
    PENDING_NEW = "PendingNew"
    NEW = "New"
    PARTIALLY_FILLED = "PartiallyFilled"
    FILLED = "Filled"
    CANCELED = "Canceled"
    REJECTED = "Rejected"
    EXPIRED = "Expired"
    NEVER_ACCEPTED = "NeverAccepted"

    @property
    def is_terminal(self) -> bool:
        return self in TERMINAL


TERMINAL = frozenset(
    {
        OrderStatus.FILLED,
        OrderStatus.CANCELED,
        OrderStatus.REJECTED,
        OrderStatus.EXPIRED,
        OrderStatus.NEVER_ACCEPTED,
    }
)


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
class OrderRequest:
    """What somebody wants. Not yet checked, not yet ours to send."""

    account: AccountId
    instrument: InstrumentId
    side: Side
    type: OrderType
    quantity: Decimal  # base for spot, contracts otherwise
    limit_price: Decimal | None = None
    stop_price: Decimal | None = None
    time_in_force: TimeInForce = TimeInForce.GTC
    expire_time_ns: int | None = None  # for GTD
    post_only: bool = False
    reduce_only: bool = False
    position_side: PositionSide = PositionSide.NET
    margin_mode: MarginMode = MarginMode.NONE
    portfolio: PortfolioId = PortfolioId("main")
    strategy: StrategyId = StrategyId("manual")
    correlation: CorrelationId = CorrelationId("")

    def __post_init__(self) -> None:
        """Refuse what no venue could understand. Raises ValueError."""
        limited = self.type in (OrderType.LIMIT, OrderType.STOP_LIMIT)
        stopped = self.type in (OrderType.STOP, OrderType.STOP_LIMIT)
        if limited != (self.limit_price is not None):
            verb = "needs" if limited else "takes no"
            raise ValueError(f"a {self.type} order {verb} limit price")
        if stopped != (self.stop_price is not None):
            verb = "needs" if stopped else "takes no"
            raise ValueError(f"a {self.type} order {verb} stop price")
        if (self.time_in_force is TimeInForce.GTD) != (self.expire_time_ns is not None):
            raise ValueError("GTD needs an expire time, and only GTD takes one")
        if self.post_only and (
            not limited or self.time_in_force in (TimeInForce.IOC, TimeInForce.FOK)
        ):
            raise ValueError("post-only is for limit orders that may rest")
        if self.quantity <= 0:
            raise ValueError(f"quantity must be positive, got {self.quantity}")


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
    reason: str = ""
    venue_time_ns: int = 0
    received_time_ns: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Fill:
    """One execution. Its key is account, instrument, venue order, execution id.

    `fee` is positive when paid, in `fee_asset`. For `corrected` and `busted` fills
    `replaces` is the execution id taken back; a busted one has quantity 0.
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

    @property
    def key(self) -> FillKey:
        return (self.account, self.instrument, self.venue_order_id, self.execution_id)


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
