"""Turns an opinion into orders: how much, where, and what is closed first."""

from __future__ import annotations

import logging
from collections.abc import Collection, Container, Mapping, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal

from crossdock.app.desk.dealing.dealing import Dealing
from crossdock.app.desk.market.markets import Markets
from crossdock.app.gateway import Gateway
from crossdock.app.kernel import Kernel
from crossdock.core import records as r
from crossdock.core.amounts import money
from crossdock.core.execution.router import Route, Venue, routes
from crossdock.core.execution.sizing import EquityShare, Sizing, Unsized, target_quantity
from crossdock.core.orders import OrderState
from crossdock.errors import Error, RiskRefused
from crossdock.model import (
    ZERO,
    AccountId,
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

log = logging.getLogger(__name__)


@dataclass(slots=True)
class Acted:
    """What a signal came to: the orders that went out, and why others did not."""

    orders: list[OrderState] = field(default_factory=list)
    reasons: list[tuple[str, str]] = field(default_factory=list)


class Signals:
    """Acts on what strategies think. From `Dealing.place` on it is everybody's path."""

    def __init__(
        self,
        kernel: Kernel,
        dealing: Dealing,
        markets: Markets,
        gateways: Mapping[AccountId, Gateway],
        sizings: Mapping[StrategyId, Sizing],
    ) -> None:
        self._kernel = kernel
        self._dealing = dealing
        self._markets = markets
        self._gateways = gateways
        self._sizings = sizings

    def act_on(
        self, signal: Signal, capital: Decimal, accounts: Collection[AccountId] = ()
    ) -> OrderState | None:
        """Return the first order of `act`; None where there was nothing to do."""
        orders = self.act(signal, capital, accounts).orders
        return orders[0] if orders else None

    def act(
        self,
        signal: Signal,
        capital: Decimal,
        accounts: Collection[AccountId] = (),
        *,
        most: Decimal | None = None,
    ) -> Acted:
        """Size an opinion, pick the cheapest venue, place what is missing to the target.

        Only `accounts` are used, all when none is named. No order opens more than `most`;
        what only closes is not bounded by it. There are no orders when the position is as
        wanted, or nobody can fill it now; several, where what is held in several accounts
        is closed: each goes out whatever becomes of the others. Raises as `place` does
        when none went out.
        """
        if not signal.correlation:
            signal = replace(signal, correlation=self._dealing.new_correlation())
        allowed = accounts or self._gateways
        venues = [it for it in self._dealing.venues(signal.symbol) if it.account in allowed]
        has_book = any(venue.book.sequence for venue in venues)
        barred = [] if has_book else self._venues_of_bars(signal.symbol, allowed)
        listed = [*(venue.instrument for venue in venues), *(each for _, each in barred)]
        marks = [m for each in listed if (m := self._markets.mark(each.id))]
        mark = max(marks, key=lambda each: each.received_time_ns, default=None)
        if mark is None:
            self._record_signal(signal, "no venue has a good book")
            return Acted()
        sizing = self._sizings.get(signal.strategy) or EquityShare()
        try:
            target = target_quantity(signal, capital, mark.price, sizing)
        except Unsized as error:
            self._record_signal(signal, f"not acted on: {error}")
            return Acted()
        held = self._held(signal)
        total = sum(held.values(), ZERO)
        wanted = _bounded(target - total, total, most)
        planned = self._plan(signal, held, wanted, venues, barred)
        if not planned:
            words = f"holds {money(total)}, wants {money(target)}: nothing to do"
            if stuck := [it for it in held if held[it] and it not in self._gateways]:
                words += f"; what is held in {', '.join(stuck)} is out of reach"
            self._record_signal(signal, words)
            return Acted()
        left = _left_open(held, [it for it, _ in planned]) if not target else []
        self._record_signal(signal, "; ".join([", ".join(w for _, w in planned), *left]))
        acted = self._placed([request for request, _ in planned])
        acted.reasons += [("left-open", words) for words in left]
        return acted

    def _placed(self, requests: Sequence[OrderRequest]) -> Acted:
        """Place each. What one meets keeps no other back, and is told beside what went out."""
        acted = Acted()
        failed: list[tuple[OrderRequest, Error]] = []
        for request in requests:
            try:
                acted.orders.append(self._dealing.place(request))
            except Error as error:
                failed.append((request, error))
        refused = [error for _, error in failed if isinstance(error, RiskRefused)]
        if failed and not acted.orders and not refused:
            raise failed[0][1]
        for request, why in failed:
            acted.reasons += self.journaled(request, why)
        if not acted.orders:
            raise refused[0] if len(failed) == 1 else RiskRefused(acted.reasons)
        return acted

    def journaled(self, request: OrderRequest, error: Error) -> Sequence[tuple[str, str]]:
        """Return the reasons of an order that did not go out; risk's are journaled already."""
        if isinstance(error, RiskRefused):
            return error.reasons
        log.warning("%s in %s is not ordered: %s", request.side, request.account, error)
        reasons = ((error.code, error.message),)
        at = self._kernel.now()
        self._kernel.note([r.RequestRefused(at=at, request=request, reasons=reasons)])
        return reasons

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
        anywhere = self.order_of(signal, side, abs(wanted), open_venues, open_barred)
        closing = {it: abs(q) for it, q in held.items() if q * wanted < 0}
        if anywhere is not None and closing.keys() <= {anywhere[0].account}:
            return [anywhere]
        planned, rest = [], abs(wanted)
        for account, held_here in closing.items():
            quantity = min(rest, held_here)
            rest -= quantity
            here = [it for it in venues if it.account == account]
            barred_here = [it for it in barred if it[0] == account]
            planned.append(self.order_of(signal, side, quantity, here, barred_here))
        if anywhere is not None:
            planned.append(self.order_of(signal, side, rest, open_venues, open_barred))
        return [each for each in planned if each is not None]

    def _is_stopped(self, account: AccountId) -> bool:
        standing = self._kernel.state.account(account)
        return bool(standing.killed or standing.halted)

    def order_of(
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


def _bounded(wanted: Decimal, held: Decimal, most: Decimal | None) -> Decimal:
    """Return a change of position that opens at most `most`, or only closes."""
    if most is None:
        return wanted
    closing = abs(held) if wanted * held < 0 else ZERO
    return min(abs(wanted), max(most, closing)).copy_sign(wanted)


def _left_open(
    held: Mapping[AccountId, Decimal], planned: Sequence[OrderRequest]
) -> list[str]:
    """Return what is held where no order goes, though all of it was to be closed."""
    reached = {request.account for request in planned}
    return [
        f"{account} goes on holding {quantity}: it cannot be closed there now"
        for account, quantity in held.items()
        if quantity and account not in reached
    ]
