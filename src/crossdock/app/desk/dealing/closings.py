"""Ends what a strategy holds in a symbol when a signal says so once, and sees it through."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Coroutine, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from crossdock.app.desk.dealing.closing_plan import (
    ClosingPlan,
    ClosingPlans,
    goes_on_holding,
    rests,
)
from crossdock.app.desk.dealing.dealing import Dealing
from crossdock.app.desk.dealing.signals import Acted, Signals
from crossdock.app.desk.risk_view import DeskView
from crossdock.app.gateway import Gateway
from crossdock.app.kernel import Kernel
from crossdock.core import records as r
from crossdock.errors import Error, RiskRefused
from crossdock.model import (
    ZERO,
    AccountId,
    PortfolioId,
    Signal,
    StrategyId,
)

log = logging.getLogger(__name__)

LASTS_S = 60.0
LOOK_EVERY_S = 0.25
FIRST_PAUSE_S = 1.0  # until the next try; twice as long after one that closed nothing
_PASSING = frozenset(
    {"order_rate", "duplicate", "price_collar", "quarantine", "account-away"}
)

_Of = tuple[PortfolioId, StrategyId, str]
StartTask = Callable[[Coroutine[Any, Any, None], str], asyncio.Task[None]]


@dataclass(slots=True, kw_only=True)
class _Closing:
    """One exit under way. `accounts` are those it may use; none stands for any."""

    signal: Signal
    accounts: frozenset[AccountId]
    ends_ns: int
    next_ns: int
    pause_s: float = FIRST_PAUSE_S / 2
    leaves: Decimal = ZERO  # what the last try was to close
    why: str = ""  # what the last try met
    is_over: bool = False

    def may_use(self, account: AccountId) -> bool:
        return not self.accounts or account in self.accounts


class Closings:
    """Who sends a signal from outside sends it once: an exit is not left at half way.

    What rests is canceled, what is held is closed at market (risk lets pass what it does of
    any order that only reduces), and what stays is tried again for a minute. Then people are
    told.
    """

    def __init__(
        self,
        kernel: Kernel,
        dealing: Dealing,
        view: DeskView,
        signals: Signals,
        gateways: Mapping[AccountId, Gateway],
        start_task: StartTask,
    ) -> None:
        self._kernel = kernel
        self._dealing = dealing
        self._signals = signals
        self._plans = ClosingPlans(kernel, dealing, view, signals, gateways)
        self._start_task = start_task
        self._on: dict[_Of, _Closing] = {}

    def begin(self, signal: Signal, accounts: frozenset[AccountId]) -> Acted:
        """Make the first try. Raises RiskRefused for what no later one would change.

        Where no order went out, `is_on` tells whether the exit goes on, or there was nothing
        to do.
        """
        self.give_up(signal)
        now_ns = self._kernel.clock.monotonic_ns()
        closing = _Closing(
            signal=signal,
            accounts=accounts,
            ends_ns=now_ns + int(LASTS_S * 1e9),
            next_ns=now_ns,
        )
        plan = self._plans.plan(signal, accounts)
        outside = [
            goes_on_holding(part, "this signal may not trade there")
            for part in self._plans.held(signal)
            if not closing.may_use(part.position.key.account)
        ]
        words = "; ".join([it for it in (plan.told(), *outside) if it])
        self._emit(signal, words or "holds 0, wants 0: nothing to do")
        out_of_reach = [*plan.stuck, *outside]
        if plan.is_done:
            return Acted(reasons=[("left-open", each) for each in out_of_reach])
        self._on[_of(signal)] = closing
        self._cancel_resting(plan)
        acted = self._try(closing, plan) if plan.requests else Acted()
        if acted.reasons and not acted.orders and not _may_pass(acted):
            self._left_open(closing)
            raise RiskRefused(acted.reasons)
        acted.reasons += [("left-open", each) for each in out_of_reach]
        self._start_task(self._see_through(closing), f"exit of {signal.strategy}")
        return acted

    def is_on(self, correlation: str) -> bool:
        return any(each.signal.correlation == correlation for each in self._on.values())

    def give_up(self, signal: Signal) -> None:
        """End the exit that a newer signal takes the place of."""
        if (closing := self._on.pop(_of(signal), None)) is not None:
            closing.is_over = True

    async def _see_through(self, closing: _Closing) -> None:
        clock = self._kernel.clock
        try:
            while not closing.is_over:
                await clock.sleep(LOOK_EVERY_S)
                if closing.is_over or not self._goes_on(closing):
                    break
        except asyncio.CancelledError:
            closing.why = "the desk stops"
            raise
        finally:
            if not closing.is_over:
                self._left_open(closing)

    def _goes_on(self, closing: _Closing) -> bool:
        """Do what can be done now. False when it is over, well or not."""
        plan = self._plans.plan(closing.signal, closing.accounts)
        now_ns = self._kernel.clock.monotonic_ns()
        if plan.is_done:
            self.give_up(closing.signal)
            self._emit(closing.signal, "; ".join(["closed", *plan.words]))
            return False
        if now_ns >= closing.ends_ns:
            return False
        self._cancel_resting(plan)
        if plan.requests and now_ns >= closing.next_ns:
            self._try(closing, plan)
        return True

    def _try(self, closing: _Closing, plan: ClosingPlan) -> Acted:
        """Order what is missing. What one order meets keeps no other back."""
        leaves = sum((each.quantity for each in plan.requests), ZERO)
        closing.pause_s = FIRST_PAUSE_S if leaves < closing.leaves else 2 * closing.pause_s
        closing.leaves = leaves
        now_ns = self._kernel.clock.monotonic_ns()
        closing.next_ns = now_ns + int(closing.pause_s * 1e9)
        acted = Acted()
        for request in plan.requests:
            try:
                acted.orders.append(self._dealing.place(request))
            except Error as error:
                acted.reasons += self._signals.journaled(request, error)
        closing.why = "; ".join(f"{check}: {why}" for check, why in acted.reasons)
        return acted

    def _cancel_resting(self, plan: ClosingPlan) -> None:
        for order in plan.working:
            if not rests(order) or order.status.is_terminal or order.attempts:
                continue  # what is not answered yet is looked at again
            try:
                self._dealing.cancel(order)
            except Error as error:
                log.warning("cancel of %s: %s", order.client_order_id, error)

    # ---- what became of it --------------------------------------------------------

    def _left_open(self, closing: _Closing) -> None:
        """Tell people that a position stays which was to be closed."""
        signal, kernel = closing.signal, self._kernel
        self.give_up(signal)
        left = [
            f"{part.position.quantity:f} {part.position.key.instrument} in "
            f"{part.position.key.account}"
            for part in self._plans.held(signal)
            if closing.may_use(part.position.key.account)
        ]
        why = closing.why or "it was not filled"
        held = ", ".join(left) or "orders whose fate is not known"
        words = f"{signal.strategy} was to leave {signal.symbol} and holds {held}"
        self._emit(signal, f"left open: {held}; {why}")
        alarm = r.Alarmed(
            at=kernel.now(),
            code="exit-left-open",
            words=f"{words}: {why}",
            correlation=signal.correlation,
        )
        log.warning("%s: %s", alarm.code, alarm.words)
        kernel.note([alarm])

    def _emit(self, signal: Signal, routed: str) -> None:
        emitted = r.SignalEmitted(at=self._kernel.now(), signal=signal, routed=routed)
        self._kernel.note([emitted])


def _of(signal: Signal) -> _Of:
    return signal.portfolio, signal.strategy, signal.symbol


def _may_pass(acted: Acted) -> bool:
    """Tell whether all that was met may be over soon."""
    return all(check in _PASSING for check, _ in acted.reasons)
