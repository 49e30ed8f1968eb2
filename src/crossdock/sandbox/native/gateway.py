"""The way of a call through the venue, and the faults that lie in wait along it."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

from crossdock.sandbox.engine import Refused, VenueOrder
from crossdock.sandbox.faults import Armed, FaultKind, Operation
from crossdock.sandbox.host import Host
from crossdock.sandbox.native.auth import Holder, Window
from crossdock.sandbox.native.forms import ReplaceForm, SubmitForm
from crossdock.sandbox.native.limits import Limiter, Scope
from crossdock.sandbox.native.payloads import Payload, order_payload
from crossdock.sandbox.native.refusals import Refusal

_SPELLS = ((FaultKind.RATE_LIMIT, True), (FaultKind.RATE_LIMIT_BARE, False))
_AFTERWARDS = (
    FaultKind.REPLY_LOST_AFTER,
    FaultKind.REPLY_CUT,
    FaultKind.SERVER_ERROR_AFTER,
    FaultKind.HTML,
    FaultKind.REPLY_LATE,
)
_RACES = {
    Operation.CANCEL: FaultKind.CANCEL_FILL_RACE,
    Operation.REPLACE: FaultKind.REPLACE_FILL_RACE,
}

HTML = (
    b"<html><head><title>502 Bad Gateway</title></head>"
    b"<body><h1>502 Bad Gateway</h1></body></html>"
)

Result = TypeVar("Result")


@dataclass(frozen=True, slots=True)
class OrderRef:
    """How a call names an order: by any id of its chain, or by its client order id."""

    order_id: str | None = None
    client_id: str | None = None


def scope_of(operation: Operation) -> Scope:
    return Scope.READS if operation is Operation.READ else Scope.ORDERS


class Gateway:
    """What REST and WebSocket calls have in common. All of it is synchronous.

    A call goes through `admit`, waits for `hold_s`, and then `run`s; `afterwards` says
    what becomes of the reply.
    """

    def __init__(self, host: Host, seed: int) -> None:
        self._host = host
        self._random = random.Random(f"gateway {seed}")  # noqa: S311 - not a secret

    def lost(self, operation: Operation, key: str) -> Armed | None:
        """Return the fault that drops this call before it is looked at, if any."""
        return self._host.faults.take(
            FaultKind.REPLY_LOST_BEFORE, operation, self._host.keys.account_of(key)
        )

    def admit(self, holder: Holder, operation: Operation) -> None:
        """Count a signed call. Raises Refusal; nothing was done then."""
        faults, account = self._host.faults, holder.account
        now_ns = self._host.clock.time_ns()
        if faults.spell(FaultKind.KEY_REVOKED, operation, account, now_ns):
            raise Refusal("key_revoked", "the key is revoked")
        self.limit(holder.limiter, operation, account)

    def limit(self, limiter: Limiter, operation: Operation, account: str | None) -> None:
        """Take from a limiter, or from a fault's. Raises Refusal."""
        faults = self._host.faults
        now_ns = self._host.clock.time_ns()
        limiter.check_ban(now_ns)
        for kind, hinted in _SPELLS:
            spell = faults.spell(kind, operation, account, now_ns)
            if spell is not None:
                raise limiter.refuse(now_ns, spell.until_ns, hinted=hinted)
        limiter.admit(scope_of(operation), now_ns)
        if faults.take(FaultKind.SERVER_ERROR, operation, account):
            raise Refusal("internal", "the venue is not well", status=503)

    def window(self, time_ms: int, width_ms: int) -> Window:
        """Return the window of a call that has just come in. Raises Refusal."""
        window = Window(time_ms, width_ms, self._host.clock.time_ns())
        self.check(window)
        return window

    def check(self, window: Window) -> None:
        """Raise Refusal when a call may not reach the engine any more."""
        window.check(self._host.now_ns(), self._host.clock.time_ns())

    def hold_s(self, operation: Operation, account: str | None) -> float | None:
        """Return how long a fault holds this call back before it reaches the engine."""
        armed = self._host.faults.take(FaultKind.REQUEST_LATE, operation, account)
        return None if armed is None else armed.seconds

    def run(self, window: Window, act: Callable[[int], Result]) -> Result:
        """Do the work, if the window still holds. Raises Refusal; nothing was done then."""
        self.check(window)
        now_ns = self._host.now_ns()
        try:
            return act(now_ns)
        except Refused as refused:
            raise Refusal.of(refused) from None

    def afterwards(self, operation: Operation, account: str | None) -> Armed | None:
        """Return the fault that befalls the reply of a call that was executed."""
        faults = self._host.faults
        for kind in _AFTERWARDS:
            armed = faults.take(kind, operation, account)
            if armed is not None:
                return armed
        if (
            operation is Operation.SUBMIT
            and account is not None
            and self._host.feed.has_filled(account)
        ):
            return faults.take(FaultKind.FILL_BEFORE_ACK, operation, account)
        return None

    def submit(self, account: str, form: SubmitForm) -> Callable[[int], Payload]:
        """Return the submit of an order. Raises Refusal when the form cannot be one."""
        order_form = form.order()

        def act(now_ns: int) -> Payload:
            order = self._host.venue.submit(account, order_form, now_ns)
            self._host.accepted(order)
            return order_payload(order)

        return act

    def cancel(self, account: str, ref: OrderRef) -> Callable[[int], Payload]:
        def act(now_ns: int) -> Payload:
            order = self._find(account, ref)
            self._race(Operation.CANCEL, order, now_ns)
            return order_payload(self._host.venue.cancel(account, order.id, now_ns))

        return act

    def cancel_all(self, account: str) -> Callable[[int], Payload]:
        def act(now_ns: int) -> Payload:
            canceled = self._host.venue.cancel_all(account, now_ns)
            return {"canceled": [order_payload(order) for order in canceled]}

        return act

    def replace(
        self, account: str, ref: OrderRef, form: ReplaceForm
    ) -> Callable[[int], Payload]:
        """Return the amend of an order. Raises Refusal when the form changes nothing."""
        quantity, limit_price, stop_price = form.values()

        def act(now_ns: int) -> Payload:
            order = self._find(account, ref)
            self._race(Operation.REPLACE, order, now_ns)
            replaced = self._host.venue.replace(
                account,
                order.id,
                quantity=quantity,
                limit_price=limit_price,
                stop_price=stop_price,
                now_ns=now_ns,
            )
            return order_payload(replaced)

        return act

    def _find(self, account: str, ref: OrderRef) -> VenueOrder:
        return self._host.venue.find(
            account, order_id=ref.order_id, client_order_id=ref.client_id
        )

    def _race(self, operation: Operation, order: VenueOrder, now_ns: int) -> None:
        """Let the house fill the order first, all of it or half, if a fault says so."""
        faults = self._host.faults
        kind = _RACES[operation]
        if order.is_done or not faults.has(kind):
            return
        armed = faults.find(kind, operation, order.account)
        if armed is None:
            return
        step = self._host.venue.markets[order.symbol].quantity_step
        half = order.leaves / 2 // step * step
        quantity = half if half > 0 and self._random.random() < 0.5 else None
        fill = self._host.venue.fill_by_house(order.account, order.id, quantity, now_ns)
        if fill is not None:
            faults.bite(armed)
