"""The way of a call through the venue, and the faults that lie in wait along it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Protocol, TypeVar

from crossdock.sandbox.engine import Refused
from crossdock.sandbox.faces.keys import Holder, Window
from crossdock.sandbox.faces.refusals import Refusal
from crossdock.sandbox.faults import Armed, FaultKind, Operation
from crossdock.sandbox.host import Host

_SPELLS = ((FaultKind.RATE_LIMIT, True), (FaultKind.RATE_LIMIT_BARE, False))
_AFTERWARDS = (
    FaultKind.REPLY_LOST_AFTER,
    FaultKind.REPLY_CUT,
    FaultKind.SERVER_ERROR_AFTER,
    FaultKind.HTML,
    FaultKind.REPLY_LATE,
)

HTML = (
    b"<html><head><title>502 Bad Gateway</title></head>"
    b"<body><h1>502 Bad Gateway</h1></body></html>"
)

Result = TypeVar("Result")
Row = TypeVar("Row")


class Limiter(Protocol):
    """How many calls somebody may make, by the rules of a protocol. Time is steady time."""

    def check_ban(self, now_ns: int) -> None:
        """Raise Refusal while a ban lasts."""

    def admit(self, operation: Operation, weight: int, now_ns: int) -> None:
        """Take a call's weight. Raises Refusal when there is none left."""

    def refuse(self, now_ns: int, until_ns: int, *, hinted: bool) -> Refusal:
        """Count one refused call of a spell that ends at `until_ns`; return what to say."""


class Passage:
    """What calls have in common, over HTTP and WebSocket. All of it is synchronous.

    A call may be `lost`, is checked by its face, waits for `hold_s`, and then `run`s;
    `afterwards` says what becomes of the reply.
    """

    def __init__(self, host: Host) -> None:
        self._host = host

    def lost(self, operation: Operation, key: str) -> Armed | None:
        """Return the fault that drops this call before it is looked at, if any."""
        return self._host.faults.take(
            FaultKind.REPLY_LOST_BEFORE, operation, self._host.keys.account_of(key)
        )

    def check_key(self, holder: Holder, operation: Operation) -> None:
        """Refuse a revoked key, or one a fault revokes for a while. Raises Refusal."""
        now_ns = self._host.clock.time_ns()
        if holder.is_revoked or self._host.faults.spell(
            FaultKind.KEY_REVOKED, operation, holder.account, now_ns
        ):
            raise Refusal("key_revoked", "the key is revoked")

    def limit(
        self, limiter: Limiter, operation: Operation, account: str | None, weight: int = 1
    ) -> None:
        """Take from a limiter, or from a fault's. Raises Refusal."""
        faults = self._host.faults
        now_ns = self._host.clock.time_ns()
        limiter.check_ban(now_ns)
        for kind, hinted in _SPELLS:
            spell = faults.spell(kind, operation, account, now_ns)
            if spell is not None:
                raise limiter.refuse(now_ns, spell.until_ns, hinted=hinted)
        limiter.admit(operation, weight, now_ns)

    def check_health(self, operation: Operation, account: str | None) -> None:
        """Raise Refusal when a fault makes the venue refuse for no reason of the call's."""
        if self._host.faults.take(FaultKind.SERVER_ERROR, operation, account):
            raise Refusal("unavailable", "the venue is not well")

    def hold_s(self, operation: Operation, account: str | None) -> float | None:
        """Return how long a fault holds this call back before it reaches the engine."""
        armed = self._host.faults.take(FaultKind.REQUEST_LATE, operation, account)
        return None if armed is None else armed.seconds

    def check(self, window: Window) -> None:
        """Raise Refusal when a call may not reach the engine any more."""
        window.check(self._host.now_ns(), self._host.clock.time_ns())

    def run(self, window: Window | None, act: Callable[[int], Result]) -> Result:
        """Do the work, if the window still holds. Raises Refusal; nothing was done then."""
        if window is not None:
            self.check(window)
        try:
            return act(self._host.now_ns())
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

    def page(self, account: str, rows: Sequence[Row]) -> Sequence[Row]:
        """Return a page of an account's history, or half of it when a fault says so."""
        truncated = FaultKind.HISTORY_TRUNCATED
        if rows and self._host.faults.take(truncated, Operation.READ, account):
            return rows[: len(rows) // 2]
        return rows
