"""The one way an order is made: risk, journal, send. Synchronous until the bytes are out."""

from __future__ import annotations

import logging
from collections.abc import Collection, Container, Mapping, Sequence
from dataclasses import replace
from decimal import Decimal
from typing import NoReturn

from crossdock.app.desk.markets import Markets
from crossdock.app.desk.risk_view import DeskView
from crossdock.app.gateway import Gateway
from crossdock.app.kernel import Kernel
from crossdock.core import records as r
from crossdock.core.execution.router import Route, Venue, routes
from crossdock.core.execution.sizing import EquityShare, Sizing, Unsized, target_quantity
from crossdock.core.orders import OrderState
from crossdock.core.risk import Approved, Authority, Gate, NeedsApproval, Working
from crossdock.errors import DeskError, RiskRefused
from crossdock.model import (
    ZERO,
    AccountId,
    AttemptId,
    CorrelationId,
    Instrument,
    OrderRequest,
    OrderType,
    Rounding,
    Side,
    Signal,
    StrategyId,
    TimeInForce,
    symbol_of,
    venue_of,
)
from crossdock.ports import Can

log = logging.getLogger(__name__)


class Dealing:
    """Places, amends and cancels for everybody: strategies, people, the kill switch."""

    def __init__(
        self,
        kernel: Kernel,
        gate: Gate,
        view: DeskView,
        markets: Markets,
        gateways: Mapping[AccountId, Gateway],
        sizings: Mapping[StrategyId, Sizing] | None = None,
    ) -> None:
        self._kernel = kernel
        self._gate = gate
        self._view = view
        self._markets = markets
        self._gateways = gateways
        self._sizings = sizings or {}

    def new_correlation(self) -> CorrelationId:
        return CorrelationId(self._kernel.ids.next("c"))

    def place(
        self, request: OrderRequest, authority: Authority = Authority.REQUESTER
    ) -> OrderState:
        """Check, journal and send an order.

        Raises RiskRefused with every reason (journaled), DeskError when the account is
        unknown or away, JournalError when nothing can be written.
        """
        gateway = self.gateway(request.account)
        if not request.correlation:
            request = replace(request, correlation=self.new_correlation())
        adapter = gateway.adapter  # before risk is asked: a refusal here reserves nothing
        try:
            answer = self._gate.check(request, self._view, authority=authority)
            approved = self._approved(answer)
        except RiskRefused as refusal:
            self._record_refusal(request, refusal)
            raise
        return gateway.writes.submit(adapter, self._spend(approved))

    def _spend(self, approved: Approved) -> Approved:
        """Use the approval up: from here on the order's own intent holds what it held."""
        self._gate.consume(approved, self._view)
        return approved

    def _approved(self, answer: Approved | NeedsApproval) -> Approved:
        if isinstance(answer, NeedsApproval):
            raise RiskRefused(
                [("approval", answer.words)],
                hint="place it by hand with --approved-by NAME",
            )
        return answer

    def refuse(self, request: OrderRequest, check: str, words: str) -> NoReturn:
        """Raise RiskRefused for what is not risk's to judge, journaled like its refusals."""
        refusal = RiskRefused([(check, words)])
        self._record_refusal(request, refusal)
        raise refusal

    def _record_refusal(self, request: OrderRequest, refusal: RiskRefused) -> None:
        self._kernel.note(
            [
                r.RequestRefused(
                    at=self._kernel.now(),
                    request=request,
                    reasons=refusal.reasons,
                    allowed_quantity=refusal.allowed_quantity,
                )
            ]
        )

    def replace(
        self,
        order: OrderState,
        *,
        quantity: Decimal | None = None,
        limit_price: Decimal | None = None,
        stop_price: Decimal | None = None,
    ) -> AttemptId:
        """Amend an order. Values left out stay as they are.

        Raises as `place` does; DeskError also when nothing would change, or when the
        venue cannot amend.
        """
        gateway = self.gateway(order.request.account)
        if Can.REPLACE not in gateway.manifest.can:
            raise DeskError(f"{gateway.manifest.name} cannot amend an order; cancel it")
        _must_be_ours(order)
        if order.status.is_terminal:
            raise DeskError(f"order {order.order_id} is {order.status}: nothing to amend")
        if not order.venue_order_ids:
            raise DeskError(f"order {order.order_id} is not confirmed by the venue yet")
        new = (
            order.quantity if quantity is None else quantity,
            order.limit_price if limit_price is None else limit_price,
            order.stop_price if stop_price is None else stop_price,
        )
        if new == (order.quantity, order.limit_price, order.stop_price):
            raise DeskError(f"order {order.order_id} has these values already")
        adapter = gateway.adapter
        gateway.writes.must_be_settled(order)
        working = Working(
            order_id=order.order_id,
            quantity=order.quantity,
            cumulative_quantity=order.cumulative_quantity,
            prices=order.worst_prices,
            reserved=self._kernel.state.reservations.get(order.order_id),
        )
        request = replace(
            order.request, limit_price=order.limit_price, stop_price=order.stop_price
        )
        try:
            answer = self._gate.check_replace(
                request,
                working,
                self._view,
                quantity=quantity,
                limit_price=limit_price,
                stop_price=stop_price,
            )
            approved = self._approved(answer)
        except RiskRefused as refusal:
            self._record_refusal(request, refusal)
            raise
        return gateway.writes.replace(
            adapter,
            order,
            self._spend(approved),
            quantity=new[0],
            limit_price=new[1],
            stop_price=new[2],
        )

    def cancel(self, order: OrderState) -> bool:
        """Send a cancel. False when one is under way already. Never needs risk's leave."""
        _must_be_ours(order)
        if order.status.is_terminal and not order.attempts:
            raise DeskError(
                f"order {order.order_id} is {order.status}: nothing to cancel",
                code="order-done",
            )
        gateway = self.gateway(order.request.account)
        return gateway.writes.cancel(gateway.adapter, order) is not None

    def gateway(self, account: AccountId) -> Gateway:
        gateway = self._gateways.get(account)
        if gateway is None:
            known = ", ".join(self._gateways) or "none"
            raise DeskError(
                f"there is no account {account!r}; there are: {known}",
                code="unknown-account",
            )
        return gateway

    # ---- signals ---------------------------------------------------------------

    def act_on(
        self, signal: Signal, capital: Decimal, accounts: Collection[AccountId] = ()
    ) -> OrderState | None:
        """Size an opinion, pick the cheapest venue, place what is missing to the target.

        Only `accounts` are used, all when none is named. Returns None when the position is
        as wanted, or nobody can fill it now; the first of several orders, where what is held
        in several accounts is closed. Raises as `place` does.
        """
        if not signal.correlation:
            signal = replace(signal, correlation=self.new_correlation())
        allowed = accounts or self._gateways
        venues = [it for it in self.venues(signal.symbol) if it.account in allowed]
        has_book = any(venue.book.sequence for venue in venues)
        barred = [] if has_book else self._venues_of_bars(signal.symbol, allowed)
        listed = [*(venue.instrument for venue in venues), *(each for _, each in barred)]
        marks = [m for each in listed if (m := self._markets.mark(each.id))]
        mark = max(marks, key=lambda each: each.received_time_ns, default=None)
        if mark is None:
            self._record_signal(signal, "no venue has a good book")
            return None
        sizing = self._sizings.get(signal.strategy) or EquityShare()
        try:
            target = target_quantity(signal, capital, mark.price, sizing)
        except Unsized as error:
            self._record_signal(signal, f"not acted on: {error}")
            return None
        held = self._held(signal)
        total = sum(held.values(), ZERO)
        planned = self._plan(signal, held, target - total, venues, barred)
        if not planned:
            self._record_signal(signal, f"holds {total}, wants {target}: nothing to do")
            return None
        self._record_signal(signal, ", ".join(words for _, words in planned))
        placed = [self.place(request) for request, _ in planned]
        return placed[0]

    def _plan(
        self,
        signal: Signal,
        held: Mapping[AccountId, Decimal],
        wanted: Decimal,
        venues: Sequence[Venue],
        barred: Sequence[tuple[AccountId, Instrument]],
    ) -> list[tuple[OrderRequest, str]]:
        """Return orders for a change of position, each with the words that say why there.

        What is held is closed where it is held: bought here and sold there is flat nowhere.
        """
        side = Side.BUY if wanted > 0 else Side.SELL
        # An account that is stopped still closes what it holds, and opens nothing.
        open_venues = [it for it in venues if not self._is_stopped(it.account)]
        open_barred = [it for it in barred if not self._is_stopped(it[0])]
        anywhere = self._order_of(signal, side, abs(wanted), open_venues, open_barred)
        closing = {it: abs(q) for it, q in held.items() if q * wanted < 0}
        if anywhere is not None and closing.keys() <= {anywhere[0].account}:
            return [anywhere]
        planned, rest = [], abs(wanted)
        for account, held_here in closing.items():
            quantity = min(rest, held_here)
            rest -= quantity
            here = [it for it in venues if it.account == account]
            barred_here = [it for it in barred if it[0] == account]
            planned.append(self._order_of(signal, side, quantity, here, barred_here))
        if anywhere is not None:
            planned.append(self._order_of(signal, side, rest, open_venues, open_barred))
        return [each for each in planned if each is not None]

    def _is_stopped(self, account: AccountId) -> bool:
        standing = self._kernel.state.account(account)
        return bool(standing.killed or standing.halted)

    def _order_of(
        self,
        signal: Signal,
        side: Side,
        quantity: Decimal,
        venues: Sequence[Venue],
        barred: Sequence[tuple[AccountId, Instrument]],
    ) -> tuple[OrderRequest, str] | None:
        """Make an order for the cheapest of these venues. None: none can fill it now."""
        if not quantity:
            return None
        if ranked := routes(venues, side, quantity):
            words = ", ".join(route.words for route in ranked)
            return self._request_of(signal, side, ranked[0]), words
        found = self._market_order(signal, side, quantity, barred)
        if found is None:
            return None
        return found, f"{found.account} at market: no book, only bars"

    def venues(self, symbol: str) -> list[Venue]:
        """Return where a symbol trades now: each connected account with its book."""
        state = self._kernel.state
        found = []
        for account, gateway in self._gateways.items():
            if not gateway.ready.is_set():
                continue
            for instrument in state.instruments.values():
                here = instrument.id.endswith(f"@{gateway.options.venue}")
                book = self._markets.books.get(instrument.id)
                if here and book is not None and symbol_of(instrument.id) == symbol:
                    found.append(Venue(account=account, instrument=instrument, book=book))
        return found

    def _venues_of_bars(
        self, symbol: str, allowed: Container[AccountId]
    ) -> list[tuple[AccountId, Instrument]]:
        """Return where a symbol trades by bars alone, as in a replay of bars."""
        return [
            (account, instrument)
            for account, gateway in self._gateways.items()
            if gateway.ready.is_set() and account in allowed
            for instrument in self._kernel.state.instruments.values()
            if instrument.id in self._markets.streamed_bars
            and symbol_of(instrument.id) == symbol
            and venue_of(instrument.id) == gateway.options.venue
        ]

    def _held(self, signal: Signal) -> dict[AccountId, Decimal]:
        """Return what a strategy holds and has under way in a symbol, by account."""
        state = self._kernel.state
        held: dict[AccountId, Decimal] = {}
        for part in state.ledger.attributions():
            mine = (part.portfolio, part.strategy) == (signal.portfolio, signal.strategy)
            key = part.position.key
            if mine and symbol_of(key.instrument) == signal.symbol:
                before = held.get(key.account, ZERO)
                held[key.account] = before + part.position.quantity
        for order in state.open_orders():
            request = order.request
            same = request.strategy == signal.strategy
            if same and symbol_of(request.instrument) == signal.symbol:
                under_way = order.worst_quantity * request.side.sign
                held[request.account] = held.get(request.account, ZERO) + under_way
        return held

    def _request_of(self, signal: Signal, side: Side, route: Route) -> OrderRequest:
        instrument = route.venue.instrument
        away = Rounding.UP if side is Side.BUY else Rounding.DOWN
        return OrderRequest(
            account=route.venue.account,
            instrument=instrument.id,
            side=side,
            type=OrderType.LIMIT,
            quantity=route.quantity,
            limit_price=instrument.price(route.worst_price, away),
            time_in_force=TimeInForce.IOC,
            portfolio=signal.portfolio,
            strategy=signal.strategy,
            correlation=signal.correlation,
        )

    def _market_order(
        self,
        signal: Signal,
        side: Side,
        quantity: Decimal,
        venues: Sequence[tuple[AccountId, Instrument]],
    ) -> OrderRequest | None:
        """Make a market order for the first venue that takes the quantity."""
        for account, instrument in venues:
            try:
                fitting = instrument.quantity(quantity, Rounding.DOWN)
            except ValueError:
                continue
            return OrderRequest(
                account=account,
                instrument=instrument.id,
                side=side,
                type=OrderType.MARKET,
                quantity=fitting,
                portfolio=signal.portfolio,
                strategy=signal.strategy,
                correlation=signal.correlation,
            )
        return None

    def _record_signal(self, signal: Signal, routed: str) -> None:
        emitted = r.SignalEmitted(at=self._kernel.now(), signal=signal, routed=routed)
        self._kernel.note([emitted])


def _must_be_ours(order: OrderState) -> None:
    if order.foreign:
        raise DeskError(
            f"order {order.order_id} is not ours",
            code="foreign-order",
            hint='set foreign = "adopt" for the account to take such orders over',
        )
