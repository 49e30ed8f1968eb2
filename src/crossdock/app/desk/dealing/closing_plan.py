"""How what a strategy holds in a symbol can be ended now, and what of it cannot."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass, field, replace
from decimal import Decimal

from crossdock.app.desk.dealing.dealing import Dealing
from crossdock.app.desk.dealing.signals import Signals
from crossdock.app.desk.risk_view import DeskView
from crossdock.app.gateway import Gateway
from crossdock.app.kernel import Kernel
from crossdock.core.ledger import EXTERNAL, Attribution
from crossdock.core.orders import OrderState
from crossdock.core.risk.kill import Engaged, Holding, plan_flatten
from crossdock.core.risk.view import VenueTerms
from crossdock.model import (
    ZERO,
    AccountId,
    OrderRequest,
    OrderType,
    PositionKey,
    Side,
    Signal,
    TimeInForce,
    symbol_of,
)

_AT_ONCE = (TimeInForce.IOC, TimeInForce.FOK)


@dataclass(slots=True)
class ClosingPlan:
    """What there is to do. `words` are what is held and nobody here will ever close."""

    requests: list[OrderRequest] = field(default_factory=list)
    working: list[OrderState] = field(default_factory=list)  # of whatever kind
    stuck: list[str] = field(default_factory=list)  # held, and not to be closed now
    words: list[str] = field(default_factory=list)

    @property
    def is_done(self) -> bool:
        return not (self.requests or self.working or self.stuck)

    def told(self) -> str:
        parts = [*map(_told, self.requests), *map(_under_way, self.working)]
        return "; ".join([*parts, *self.stuck, *self.words])


class ClosingPlans:
    """Market orders where the venue has them. What is on its way is not closed twice."""

    def __init__(
        self,
        kernel: Kernel,
        dealing: Dealing,
        view: DeskView,
        signals: Signals,
        gateways: Mapping[AccountId, Gateway],
    ) -> None:
        self._kernel = kernel
        self._dealing = dealing
        self._view = view
        self._signals = signals
        self._gateways = gateways

    def plan(self, signal: Signal, may_use: Callable[[AccountId], bool]) -> ClosingPlan:
        plan = ClosingPlan()
        for order in self._kernel.state.open_orders():
            request = order.request
            symbol = symbol_of(request.instrument)
            is_its = (request.portfolio, request.strategy, symbol) == owned_by(signal)
            if is_its and may_use(request.account):
                plan.working.append(order)
        for part in self.held(signal):
            if may_use(part.position.key.account):
                self._add(plan, signal, part)
        return plan

    def held(self, signal: Signal) -> Iterator[Attribution]:
        """Yield what the signal's strategy holds in its symbol, wherever.

        What people hold past the desk is no signal's to close.
        """
        for part in self._kernel.state.ledger.attributions():
            symbol = symbol_of(part.position.key.instrument)
            is_its = (part.portfolio, part.strategy, symbol) == owned_by(signal)
            if is_its and part.portfolio != EXTERNAL and part.position.quantity:
                yield part

    def _add(self, plan: ClosingPlan, signal: Signal, part: Attribution) -> None:
        key, held = part.position.key, part.position.quantity
        gateway = self._gateways.get(key.account)
        terms = self._view.terms(key.account, key.instrument)
        if gateway is None or terms is None or not gateway.ready.is_set():
            plan.stuck.append(goes_on_holding(part, "it cannot be closed there now"))
            return
        side = Side.SELL if held > 0 else Side.BUY
        by_hand = self._closed_by_hand(part)
        if by_hand:
            plan.words.append(f"{by_hand:f} in {key.account} was closed by hand")
        leaves = abs(held) - by_hand - _closing(plan.working, key, side)
        if leaves <= 0:
            return
        if self._is_dust(key, leaves):
            plan.words.append(f"{leaves:f} in {key.account} is too little to trade")
            return
        if OrderType.MARKET in terms.order_types:
            requests = self._at_market(plan, signal, key, leaves.copy_sign(held), terms)
        elif limited := self._limited(signal, key, side, leaves):
            requests = [limited]
        else:
            plan.stuck.append(goes_on_holding(part, "no book offers to take it"))
            return
        plan.requests += [
            replace(each, portfolio=part.portfolio, strategy=part.strategy)
            for each in requests
        ]

    def _at_market(
        self,
        plan: ClosingPlan,
        signal: Signal,
        key: PositionKey,
        quantity: Decimal,
        terms: VenueTerms,
    ) -> list[OrderRequest]:
        holding = Holding(
            key=key,
            quantity=quantity,
            owned=quantity,
            instrument=self._kernel.state.instruments[key.instrument],
            terms=terms,
        )
        engaged = Engaged(by=signal.strategy, reason="flat", flatten=True)
        flat = plan_flatten(engaged, [holding], correlation=signal.correlation)
        plan.words += [f"{key.account}: {why}" for _, why in flat.left]
        # What others hold against it turns the account's whole position the other way.
        total = self._view.position(key.account, key.instrument, key.position_side)
        reduces = total * quantity > 0 and abs(total) >= abs(quantity)
        return [
            replace(order, reduce_only=order.reduce_only and reduces)
            for order in flat.orders
        ]

    def _closed_by_hand(self, part: Attribution) -> Decimal:
        """Return how much of it somebody offset at the venue, past this desk.

        No more than what is missing there: another strategy's part may be what was closed.
        """
        key, held = part.position.key, part.position.quantity
        parts = [
            (each.portfolio, each.position.quantity)
            for each in self._kernel.state.ledger.attributions(key.account, key.instrument)
            if each.position.key == key
        ]
        outside = sum((each for owner, each in parts if owner == EXTERNAL), ZERO)
        if outside * held >= 0:
            return ZERO
        total = sum((each for _, each in parts), ZERO)
        there = abs(total) if total * held > 0 else ZERO
        missing = abs(held) - there + self._leaving_for_others(part)
        return min(abs(outside), abs(held), max(ZERO, missing))

    def _leaving_for_others(self, part: Attribution) -> Decimal:
        """Return what others are closing of the same position just now."""
        key, owner = part.position.key, (part.portfolio, part.strategy)
        others = [
            order
            for order in self._kernel.state.open_orders(key.account)
            if (order.request.portfolio, order.request.strategy) != owner
            and not rests(order)
        ]
        side = Side.SELL if part.position.quantity > 0 else Side.BUY
        return _closing(others, key, side)

    def _is_dust(self, key: PositionKey, quantity: Decimal) -> bool:
        mark = self._view.mark(key.instrument)
        if mark is None:
            return False
        instrument = self._kernel.state.instruments[key.instrument]
        return abs(instrument.notional(quantity, mark.price)) < instrument.min_notional

    def _limited(
        self, signal: Signal, key: PositionKey, side: Side, quantity: Decimal
    ) -> OrderRequest | None:
        """Return an order at the worst price the book shows, where no venue takes market."""
        here = [
            venue
            for venue in self._dealing.venues(signal.symbol)
            if (venue.account, venue.instrument.id) == (key.account, key.instrument)
        ]
        found = self._signals.order_of(signal, side, quantity, here, ())
        if found is None:
            return None
        return replace(
            found[0], position_side=key.position_side, margin_mode=key.margin_mode
        )


def rests(order: OrderState) -> bool:
    """Tell whether an order stays until somebody cancels it."""
    request = order.request
    return request.type is not OrderType.MARKET and request.time_in_force not in _AT_ONCE


def goes_on_holding(part: Attribution, why: str) -> str:
    return f"{part.position.key.account} goes on holding {part.position.quantity}: {why}"


def _closing(orders: Collection[OrderState], key: PositionKey, side: Side) -> Decimal:
    """Return the most that orders under way may still close of a position."""
    there = (key.account, key.instrument, side)
    return sum(
        (
            order.worst_quantity
            for order in orders
            if (order.request.account, order.request.instrument, order.request.side)
            == there
        ),
        ZERO,
    )


def owned_by(signal: Signal) -> tuple[str, str, str]:
    """Return what tells apart whose position, and in what, a signal is about."""
    return signal.portfolio, signal.strategy, signal.symbol


def _told(request: OrderRequest) -> str:
    how = "at market" if request.limit_price is None else f"at {request.limit_price:f}"
    return f"{request.side} {request.quantity:f} in {request.account} {how}"


def _under_way(order: OrderState) -> str:
    how = "is canceled" if rests(order) else "is under way"
    return f"{order.request.side} {order.quantity:f} in {order.request.account} {how}"
