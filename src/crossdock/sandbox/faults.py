"""What can be made to go wrong at a venue, and how often it did.

A fault is armed by command or by seed and waits for its chance. It counts as hit only
when it changed what a client saw or what happened to its account.
"""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import Annotated

import msgspec


class Operation(StrEnum):
    """What a call does. `write` and `any` stand only in a fault's filter."""

    SUBMIT = "submit"
    CANCEL = "cancel"
    REPLACE = "replace"
    READ = "read"
    WRITE = "write"
    ANY = "any"

    def matches(self, operation: Operation) -> bool:
        if self is Operation.ANY or self is operation:
            return True
        return self is Operation.WRITE and operation is not Operation.READ


class FaultKind(StrEnum):
    REPLY_LOST_BEFORE = "reply_lost_before"
    REPLY_LOST_AFTER = "reply_lost_after"
    REPLY_LATE = "reply_late"
    REQUEST_LATE = "request_late"
    REPLY_CUT = "reply_cut"
    LOOKUP_LAG = "lookup_lag"
    FILL_BEFORE_ACK = "fill_before_ack"
    STREAM_DUPLICATE = "stream_duplicate"
    STREAM_REORDER = "stream_reorder"
    STREAM_MISSING = "stream_missing"
    STREAM_MUTE = "stream_mute"
    MARKET_GAP = "market_gap"
    OLD_SOCKET = "old_socket"
    HALF_OPEN = "half_open"
    RATE_LIMIT = "rate_limit"
    RATE_LIMIT_BARE = "rate_limit_bare"
    SERVER_ERROR = "server_error"
    SERVER_ERROR_AFTER = "server_error_after"
    HTML = "html"
    CANCEL_FILL_RACE = "cancel_fill_race"
    REPLACE_FILL_RACE = "replace_fill_race"
    HISTORY_TRUNCATED = "history_truncated"
    KEY_REVOKED = "key_revoked"
    SESSION_EXPIRED = "session_expired"
    CLOCK_STEP = "clock_step"
    LIQUIDATION = "liquidation"
    BUST = "bust"
    CORRECTION = "correction"
    MANUAL_ORDER = "manual_order"
    DEPOSIT = "deposit"
    FUNDING = "funding"
    TICK_CHANGE = "tick_change"
    VENUE_RESTART = "venue_restart"


EVENTS = frozenset(
    {
        FaultKind.HALF_OPEN,
        FaultKind.SESSION_EXPIRED,
        FaultKind.CLOCK_STEP,
        FaultKind.LIQUIDATION,
        FaultKind.BUST,
        FaultKind.CORRECTION,
        FaultKind.MANUAL_ORDER,
        FaultKind.DEPOSIT,
        FaultKind.FUNDING,
        FaultKind.TICK_CHANGE,
        FaultKind.VENUE_RESTART,
    }
)
"""Faults no call has to come for: they happen as soon as they can."""

_FILTERS = {
    FaultKind.RATE_LIMIT: Operation.ANY,
    FaultKind.RATE_LIMIT_BARE: Operation.ANY,
    FaultKind.KEY_REVOKED: Operation.ANY,
    FaultKind.HISTORY_TRUNCATED: Operation.READ,
    FaultKind.LOOKUP_LAG: Operation.SUBMIT,
    FaultKind.FILL_BEFORE_ACK: Operation.SUBMIT,
    FaultKind.CANCEL_FILL_RACE: Operation.CANCEL,
    FaultKind.REPLACE_FILL_RACE: Operation.REPLACE,
}
"""The filter of a fault armed without one; of all others it is `write`."""

_SECONDS = {
    FaultKind.REPLY_LOST_BEFORE: 1.0,
    FaultKind.REPLY_LATE: 1.0,
    FaultKind.REQUEST_LATE: 1.0,
    FaultKind.LOOKUP_LAG: 0.5,
    FaultKind.FILL_BEFORE_ACK: 0.05,
    FaultKind.STREAM_REORDER: 1.0,
    FaultKind.STREAM_MUTE: 2.0,
    FaultKind.RATE_LIMIT: 1.0,
    FaultKind.RATE_LIMIT_BARE: 1.0,
    FaultKind.KEY_REVOKED: 1.0,
    FaultKind.CLOCK_STEP: 10.0,
}
MOST_LOOKUP_LAG_S = 1.0

Natural = Annotated[int, msgspec.Meta(ge=1)]
Chance = Annotated[float, msgspec.Meta(gt=0, le=1)]


class FaultOrder(msgspec.Struct, frozen=True, kw_only=True):
    """What `POST /faults` asks for."""

    venue: str
    kind: FaultKind
    operation: Operation | None = None
    count: Natural = 1
    seconds: float | None = None
    probability: Chance = 1.0
    account: str | None = None
    symbol: str | None = None

    def __post_init__(self) -> None:
        seconds = self.seconds
        if seconds is None:
            return
        if seconds < 0 and self.kind is not FaultKind.CLOCK_STEP:
            raise ValueError(f"seconds: {self.kind} takes none below 0")
        if self.kind is FaultKind.LOOKUP_LAG and seconds > MOST_LOOKUP_LAG_S:
            raise ValueError(f"seconds: {self.kind} takes at most {MOST_LOOKUP_LAG_S}")


@dataclass(slots=True, eq=False)
class Armed:
    """A fault that waits. `until_ns` is set while a spell of it lasts."""

    kind: FaultKind
    operation: Operation
    count: int
    seconds: float
    probability: float
    account: str | None
    symbol: str | None
    by_seed: bool
    until_ns: int = 0

    def payload(self, venue: str) -> dict[str, object]:
        return {
            "venue": venue,
            "kind": self.kind,
            "operation": self.operation,
            "count": self.count,
            "seconds": self.seconds,
            "probability": self.probability,
            "account": self.account,
            "symbol": self.symbol,
        }


class Faults:
    """The faults of one venue."""

    def __init__(self, seed: int) -> None:
        self.hits: Counter[FaultKind] = Counter()
        self._armed: dict[FaultKind, list[Armed]] = {}
        self._random = random.Random(f"faults {seed}")  # noqa: S311 - not a secret

    def arm(self, order: FaultOrder, *, by_seed: bool = False) -> Armed:
        kind = order.kind
        seconds = order.seconds
        armed = Armed(
            kind=kind,
            operation=order.operation or _FILTERS.get(kind, Operation.WRITE),
            count=order.count,
            seconds=_SECONDS.get(kind, 0.0) if seconds is None else seconds,
            probability=order.probability,
            account=order.account,
            symbol=order.symbol,
            by_seed=by_seed,
        )
        self._armed.setdefault(kind, []).append(armed)
        return armed

    def disarm(self) -> None:
        self._armed.clear()

    def find(
        self,
        kind: FaultKind,
        operation: Operation | None = None,
        account: str | None = None,
    ) -> Armed | None:
        """Return a fault of this kind that would bite now, its chance already drawn."""
        for armed in self._armed.get(kind, ()):
            if operation is not None and not armed.operation.matches(operation):
                continue
            if armed.account is not None and armed.account != account:
                continue
            if armed.probability >= 1 or self._random.random() < armed.probability:
                return armed
        return None

    def take(
        self,
        kind: FaultKind,
        operation: Operation | None = None,
        account: str | None = None,
    ) -> Armed | None:
        """Let a fault of this kind bite, if one would."""
        if not self._armed:
            return None
        armed = self.find(kind, operation, account)
        if armed is not None:
            self.bite(armed)
        return armed

    def spell(
        self, kind: FaultKind, operation: Operation, account: str | None, now_ns: int
    ) -> Armed | None:
        """Begin or continue a fault that lasts: it bites every call until it is over."""
        if not self._armed:
            return None
        self.sweep(now_ns)
        armed_now = self.find(kind, operation, account)
        if armed_now is not None:
            self.hits[kind] += 1
            if not armed_now.until_ns:
                armed_now.until_ns = now_ns + int(armed_now.seconds * 1e9)
        return armed_now

    def sweep(self, now_ns: int) -> None:
        """End the spells whose time is over."""
        for armed in self:
            if armed.until_ns and now_ns >= armed.until_ns:
                armed.until_ns = 0
                self.spend(armed)

    def bite(self, armed: Armed) -> None:
        self.hits[armed.kind] += 1
        self.spend(armed)

    def spend(self, armed: Armed) -> None:
        """Use one of the fault's counts up without counting a hit."""
        armed.count -= 1
        waiting = self._armed.get(armed.kind, [])
        if armed.count <= 0 and armed in waiting:
            waiting.remove(armed)
            if not waiting:
                del self._armed[armed.kind]

    def has(self, kind: FaultKind) -> bool:
        return kind in self._armed

    def __iter__(self) -> Iterator[Armed]:
        return (armed for waiting in list(self._armed.values()) for armed in list(waiting))
