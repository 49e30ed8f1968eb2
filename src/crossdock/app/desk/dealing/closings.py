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
    owned_by,
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
    Signal,
)

log = logging.getLogger(__name__)

LASTS_S = 60.0
LOOK_EVERY_S = 0.25
FIRST_PAUSE_S = 1.0  # until the next try; twice as long after one that closed nothing
_PASSING = frozenset(
    {"order_rate", "duplicate", "price_collar", "quarantine", "account-away"}
)

StartTask = Callable[[Coroutine[Any, Any, None], str], asyncio.Task[None]]


@dataclass(slots=True, kw_only=True, eq=False)
class _Closing:
    """One exit under way. `accounts` are those it may use; none stands for any.

    Less those that a newer signal is about.
    """

    signal: Signal
    accounts: frozenset[AccountId]
    ends_ns: int
    next_ns: int
    less: frozenset[AccountId] = frozenset()
    pause_s: float = FIRST_PAUSE_S / 2
    leaves: Decimal = ZERO  # what the last try was to close
    why: str = ""  # what the last try met
    is_over: bool = False

    def may_use(self, account: AccountId) -> bool:
        named = not self.accounts or account in self.accounts
        return named and account not in self.less

    def leave_to_newer(self, accounts: frozenset[AccountId]) -> None:
        self.less |= accounts
        self.is_over = not accounts or (bool(self.accounts) and self.accounts <= self.less)


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
        self._view = view
        self._signals = signals
        self._plans = ClosingPlans(kernel, dealing, view, signals, gateways)
        self._start_task = start_task
        self._on: list[_Closing] = []
        self._is_held = False

    def begin(self, signal: Signal, accounts: frozenset[AccountId]) -> Acted:
        """Make the first try. Raises RiskRefused for what no later one would change.

        Where no order went out, `is_on` tells whether the exit goes on, or there was nothing
        to do.
        """
        now_ns = self._kernel.clock.monotonic_ns()
        closing = _Closing(
            signal=signal,
            accounts=accounts,
            ends_ns=now_ns + int(LASTS_S * 1e9),
            next_ns=now_ns,
        )
        plan = self._plans.plan(signal, closing.may_use)
        self.give_up(signal, accounts)
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
        self._on.append(closing)
        self._cancel_resting(plan)
        acted = self._try(closing, plan) if plan.requests else Acted()
        if _is_hopeless(acted, plan):
            self._left_open(closing)
            raise RiskRefused(acted.reasons)
        acted.reasons += [("left-open", each) for each in out_of_reach]
        self._start_task(self._see_through(closing), f"exit of {signal.strategy}")
        return acted

    def is_on(self, correlation: str) -> bool:
        return any(each.signal.correlation == correlation for each in self._on)

    def give_up(self, signal: Signal, accounts: frozenset[AccountId]) -> None:
        """Leave to a newer signal the accounts that it may use; none stands for any."""
        for closing in [it for it in self._on if owned_by(it.signal) == owned_by(signal)]:
            closing.leave_to_newer(accounts)
            if closing.is_over:
                self._on.remove(closing)

    def hold(self) -> None:
        """Send nothing more: the desk stops. What is open then is told when the tasks end."""
        self._is_held = True

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
        plan = self._plans.plan(closing.signal, closing.may_use)
        now_ns = self._kernel.clock.monotonic_ns()
        if plan.is_done:
            self._end(closing)
            self._emit(closing.signal, "; ".join(["closed", *plan.words]))
            return False
        if now_ns >= closing.ends_ns:
            return False
        if self._is_held:
            return True
        self._cancel_resting(plan)
        is_due = now_ns >= closing.next_ns or self._is_killed(plan)
        if plan.requests and is_due:
            return not _is_hopeless(self._try(closing, plan), plan)
        return True

    def _is_killed(self, plan: ClosingPlan) -> bool:
        """Tell whether a kill switch ends it: a release must not find it waiting."""
        waits = plan.working or plan.stuck
        return not waits and all(
            self._view.kill_switch(each.account) for each in plan.requests
        )

    def _end(self, closing: _Closing) -> None:
        closing.is_over = True
        self._on.remove(closing)

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
        self._end(closing)
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


def _is_hopeless(acted: Acted, plan: ClosingPlan) -> bool:
    """Tell whether all was refused for good, and nothing else is left to wait for."""
    waits = acted.orders or plan.working or plan.stuck
    passing = all(check in _PASSING for check, _ in acted.reasons)
    return not waits and not passing
