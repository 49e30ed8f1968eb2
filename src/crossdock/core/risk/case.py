"""One order and everything known about it while it is checked."""

from __future__ import annotations

from decimal import ROUND_FLOOR, Context, Decimal
from enum import StrEnum
from typing import NamedTuple

from crossdock.core.risk.limits import Limits
from crossdock.core.risk.peers import Peers
from crossdock.core.risk.recent import RecentOrders
from crossdock.core.risk.reservations import (
    Reservation,
    prices_of,
    reservation_of,
    trail_start,
)
from crossdock.core.risk.view import AccountFacts, Mark, RiskView, VenueTerms
from crossdock.core.steering import Steering
from crossdock.model import (
    ONE,
    ZERO,
    Contingency,
    ContractKind,
    Instrument,
    MarginMode,
    OrderId,
    OrderRequest,
    OrderType,
    PositionSide,
    Side,
)

_FLOOR = Context(prec=60, rounding=ROUND_FLOOR)


_UNPRICED = (OrderType.MARKET, OrderType.TRAILING_STOP)
"""Types whose worst price is not one of the order's own terms."""


class Authority(StrEnum):
    """Who stands behind a request.

    requester  whoever made it: a strategy, a script, a hand
    person     a person has approved exactly this order: the approval limit is met
    kill       the kill switch flattens: only orders that reduce, past every limit
    """

    REQUESTER = "requester"
    PERSON = "person"
    KILL = "kill"


class Finding(NamedTuple):
    """One reason against an order. `allowed_quantity` would have passed this check."""

    check: str
    words: str
    allowed_quantity: Decimal | None = None


class Working(NamedTuple):
    """An order that a replace would change, as it stands: `quantity` is the total now.

    `reserved` is what is held for it. `prices` are those it may rest at besides its
    present one (while an earlier replace is in doubt).
    """

    order_id: OrderId
    quantity: Decimal
    cumulative_quantity: Decimal
    reserved: Reservation | None
    prices: tuple[Decimal, ...] = ()


class Case:
    """What the checks read. Made once per request, thrown away with the answer.

    `leaves` could still be filled once the request is sent, `worst_leaves` while a
    replace is in doubt. `counted` of them were open before (the order a replace changes);
    `open_same_side` is what else is open on the order's side. `signed` is the position,
    negative where the order takes away from it. `unit` is what one unit of quantity is
    worth in the reporting currency at the order's own worst price, `exposure_unit` the
    larger of that and `mark_unit`, its worth at the mark. All three are None while no
    price or no rate is known.
    `reserved` is the worst case to set aside, valued at `reference_price` where the order
    names no price; `extra` is what of it is not set aside yet.
    """

    __slots__ = (
        "account",
        "counted",
        "exposure_unit",
        "extra",
        "filled",
        "instrument",
        "leaves",
        "limits",
        "mark",
        "mark_unit",
        "monotonic_ns",
        "now_ns",
        "open_other_side",
        "open_same_side",
        "peers",
        "position",
        "price",
        "rate",
        "recent",
        "reducing",
        "reference_price",
        "request",
        "reserved",
        "sign",
        "signed",
        "steering",
        "symbol_refusal",
        "terms",
        "unit",
        "view",
        "working",
        "worst_leaves",
    )

    def __init__(
        self,
        request: OrderRequest,
        view: RiskView,
        limits: Limits,
        symbol_refusal: str,
        instrument: Instrument,
        terms: VenueTerms,
        account: AccountFacts,
        working: Working | None,
        recent: RecentOrders,
        peers: Peers,
        steering: Steering,
        now_ns: int,
        monotonic_ns: int,
    ) -> None:
        self.request = request
        self.view = view
        self.recent = recent
        self.peers = peers
        self.steering = steering
        self.monotonic_ns = monotonic_ns
        self.limits = limits
        self.symbol_refusal = symbol_refusal
        self.instrument = instrument
        self.terms = terms
        self.account = account
        self.working = working
        self.now_ns = now_ns
        account_id, instrument_id = request.account, request.instrument
        position_side = request.position_side
        self.sign = 1 if request.side is Side.BUY else -1
        self.leaves = request.quantity
        self.filled = self.counted = ZERO
        if working is not None:
            self.filled = working.cumulative_quantity
            self.leaves = request.quantity - self.filled
            if working.reserved is not None:
                self.counted = working.reserved.quantity
        self.position = view.position(account_id, instrument_id, position_side)
        self.signed = self._signed(position_side)
        buys, sells, _, _ = view.open_exposure(account_id, instrument_id, position_side)
        same, other = (buys, sells) if self.sign > 0 else (sells, buys)
        self.open_same_side = same - self.counted if self.counted else same
        self.open_other_side = other
        self.worst_leaves = max(self.leaves, self.counted)
        self.reducing = self._reduces(request)
        self.mark: Mark | None = view.mark(instrument_id)
        self.price = self._price_of(request)
        self.rate = view.rate(instrument.settle)
        self.unit: Decimal | None = None
        self.mark_unit: Decimal | None = None
        self.exposure_unit: Decimal | None = None
        if self.mark is not None and self.rate is not None:
            self._value(self.mark.price, self.rate)
        self.reference_price = self._reference_price(request)
        prices = prices_of(request)
        self.reserved = self.extra = reservation_of(
            request,
            instrument,
            self.worst_leaves,
            prices if working is None else prices + working.prices,
            self.reference_price,
            margin_rate=self._margin_rate(request),
        )
        if working is not None:
            self.extra = self.reserved.beyond(working.reserved)

    @property
    def adds(self) -> bool:
        """True unless the order can only reduce, or adds nothing to what is reserved."""
        if self.reducing:
            return False
        extra = self.extra
        return self.working is None or bool(extra.quantity or extra.notional or extra.cash)

    @property
    def reducible(self) -> Decimal:
        """Quantity of the position that no open order is already taking away."""
        left = -self.signed - self.open_same_side
        return max(left, ZERO)

    def fitting(self, room: Decimal) -> Decimal | None:
        """Return the largest order quantity on the lot that leaves at most `room` open.

        None when no order that small can be sent, or when the order a replace would
        change is itself larger.
        """
        if room <= 0 or room < self.counted:
            return None
        instrument = self.instrument
        step = instrument.quantity_step
        quantity = (self.filled + room) // step * step
        if quantity <= self.filled or quantity < instrument.min_quantity:
            return None
        price = self.price or (self.mark.price if self.mark is not None else None)
        least = instrument.min_notional
        if (
            least
            and price is not None
            and abs(instrument.notional(quantity, price)) < least
        ):
            return None
        return quantity

    def affordable(self, money: Decimal, unit: Decimal) -> Decimal:
        """Return the quantity that `money` pays for at `unit` each, never rounded up."""
        return _FLOOR.divide(money, unit) if unit else ZERO

    def payable(self, cash: Decimal) -> Decimal:
        """Return the open quantity that `cash` pays for, never rounded up."""
        spent = _FLOOR.multiply(cash, self.worst_leaves)
        return self.affordable(spent, self.reserved.cash)

    def _signed(self, side: PositionSide) -> Decimal:
        position = self.position
        if side is PositionSide.NET:
            return position if self.sign > 0 else -position
        size = abs(position)
        return size if (side is PositionSide.LONG) is (self.sign > 0) else -size

    def _value(self, mark: Decimal, rate: Decimal) -> None:
        notional = self.instrument.notional
        if not mark and self.instrument.kind is ContractKind.INVERSE:
            return
        at_mark = abs(notional(ONE, mark) * rate)
        self.unit = self.exposure_unit = self.mark_unit = at_mark
        if self.price is not None and self.price != mark:
            at_price = abs(notional(ONE, self.price) * rate)
            if at_price > at_mark:
                self.unit = self.exposure_unit = at_price
            elif self.sign > 0:
                self.unit = at_price

    def _reduces(self, request: OrderRequest) -> bool:
        """Tell whether the order can only shrink the position, whatever else fills."""
        if self.signed >= 0:
            return False
        if request.reduce_only and self.terms.enforces_reduce_only:
            return True
        return self.worst_leaves <= -self.signed - self.open_same_side

    def _reference_price(self, request: OrderRequest) -> Decimal:
        price = self.price
        if self.mark is None:
            return price if price is not None else ZERO
        if price is None or request.type not in _UNPRICED:
            return self.mark.price
        return price if self.sign > 0 else self.mark.price

    def _margin_rate(self, request: OrderRequest) -> Decimal:
        if self.reducing:
            return ZERO
        if (
            self.instrument.kind is ContractKind.SPOT
            and request.margin_mode is MarginMode.NONE
        ):
            return ONE
        rate = self.view.margin_rate(request.account, request.instrument)
        return ONE if rate is None else rate

    def _price_of(self, request: OrderRequest) -> Decimal | None:
        """Return the worst price the order names, or would meet in the book.

        A trailing stop only ever comes closer to the market than it begins.
        """
        if request.contingency is Contingency.OCO:
            return max(prices_of(request))
        if request.limit_price is not None:
            return request.limit_price
        if request.stop_price is not None:
            return request.stop_price
        if request.type is OrderType.MARKET:
            return self.view.worst_price(request.instrument, request.side, self.leaves)
        if request.type is OrderType.TRAILING_STOP and self.mark is not None:
            return trail_start(request, self.mark.price)
        return None
