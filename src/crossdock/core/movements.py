"""Money that moves at our asking: what is open, what is in doubt, and what is done.

A movement is asked for once. While one is open, an identical one is refused: the venue
offers no id of ours by which it could tell a repetition from a second wish.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from decimal import Decimal
from itertools import combinations, product

from crossdock.core import records as r
from crossdock.model import (
    AccountEvent,
    AccountEventKind,
    AccountId,
    Asset,
    CorrelationId,
    InstrumentId,
    MovementKind,
)

KEPT_DONE = 200
_EVENT = "movement:"
_FOLLOWED_NS = 3_600 * 1_000_000_000
_MOST_TOGETHER = 6


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """What is asked of a venue. Two that are equal cannot be told apart there."""

    account: AccountId
    kind: MovementKind
    asset: Asset
    amount: Decimal
    source: str = ""
    destination: str = ""
    instrument: InstrumentId | None = None  # of an isolated loan
    product: str = ""  # the venue's id of what earns


@dataclass(slots=True, kw_only=True)
class MovementState:
    """One movement, as far as it is proven. `outcome` None: no word of it yet."""

    movement_id: str
    wish: Wish
    by: str
    correlation: CorrelationId
    asked_at: int
    outcome: r.Outcome | None = None
    verdict: r.Verdict | None = None
    ended_at: int = 0
    venue_movement_id: str = ""
    is_under_way: bool = False
    is_booked: bool = False  # our books have followed it
    words: str = ""

    @property
    def is_open(self) -> bool:
        return self.verdict is None and self.outcome in (None, r.Outcome.UNKNOWN)

    @property
    def is_in_doubt(self) -> bool:
        return self.is_open and self.outcome is r.Outcome.UNKNOWN

    @property
    def took_effect(self) -> bool:
        return self.verdict is r.Verdict.LIVE or self.outcome is r.Outcome.ACCEPTED

    @property
    def shown_status(self) -> str:
        """Return one word for people, like an order's."""
        if self.verdict is not None:
            return "Done" if self.took_effect else "NeverMoved"
        if self.is_open:
            return "Unknown" if self.is_in_doubt else "Sent"
        if self.took_effect:
            return "UnderWay" if self.is_under_way else "Done"
        return "Rejected" if self.outcome is r.Outcome.REJECTED else "NotSent"


class Movements:
    """Every open movement by its id, and the newest of those that are done."""

    def __init__(self) -> None:
        self.open: dict[str, MovementState] = {}
        self.done: deque[MovementState] = deque(maxlen=KEPT_DONE)

    def identical(self, wish: Wish) -> MovementState | None:
        """Return the open movement that a wish would repeat."""
        for movement in self.open.values():
            if movement.wish == wish:
                return movement
        return None

    def of(self, account: AccountId) -> Iterator[MovementState]:
        """Yield an account's movements: the newest that are done, then the open ones."""
        for movement in (*self.done, *self.open.values()):
            if movement.wish.account == account:
                yield movement

    def doubts(self) -> list[MovementState]:
        return [it for it in self.open.values() if it.is_in_doubt]

    # ---- records ---------------------------------------------------------------

    def intend(self, record: r.MovementIntended) -> None:
        self.open[record.movement_id] = MovementState(
            movement_id=record.movement_id,
            wish=wish_of(record),
            by=record.by,
            correlation=record.correlation,
            asked_at=record.at,
        )

    def end(self, record: r.MovementEnded) -> None:
        """Take the venue's word. Of one that is done, nothing changes any more."""
        movement = self.open.get(record.movement_id)
        if movement is None:
            return
        movement.outcome = record.outcome
        movement.venue_movement_id = record.venue_movement_id
        movement.is_under_way = record.is_under_way
        movement.words = record.words
        self._close(movement, record.at)

    def settle(self, record: r.MovementSettled) -> None:
        """Take evidence's or a person's word on a doubt."""
        movement = self.open.get(record.movement_id)
        if movement is None:
            return
        movement.verdict = record.verdict
        movement.venue_movement_id = record.venue_movement_id or movement.venue_movement_id
        movement.words = record.words or movement.words
        self._close(movement, record.at)

    def book(self, event: AccountEvent) -> None:
        """Remember that the books follow a movement, where an event says so."""
        if not event.event_id.startswith(_EVENT):
            return
        for movement in self.done:
            if event_id_of(movement) == event.event_id:
                movement.is_booked = True

    def _close(self, movement: MovementState, at: int) -> None:
        movement.ended_at = at
        if not movement.is_open:
            del self.open[movement.movement_id]
            self.done.append(movement)

    # ---- snapshots -------------------------------------------------------------

    def to_image(self) -> list[MovementState]:
        return [*self.done, *self.open.values()]

    def restore(self, image: Iterable[MovementState]) -> None:
        for movement in image:
            if movement.is_open:
                self.open[movement.movement_id] = movement
            else:
                self.done.append(movement)


def wish_of(record: r.MovementIntended) -> Wish:
    return Wish(
        account=record.account,
        kind=record.kind,
        asset=record.asset,
        amount=record.amount,
        source=record.source,
        destination=record.destination,
        instrument=record.instrument,
        product=record.product,
    )


def orphaned(movement: MovementState, at: int) -> r.MovementEnded:
    """Return the end of a movement whose outcome died with the process that sent it."""
    return r.MovementEnded(
        at=at,
        movement_id=movement.movement_id,
        account=movement.wish.account,
        outcome=r.Outcome.UNKNOWN,
        words="the process ended before the reply",
        correlation=movement.correlation,
    )


def event_id_of(movement: MovementState) -> str:
    """Return the id of the account event by which our books follow a movement."""
    return f"{_EVENT}{movement.movement_id}"


def bookings(
    movements: Iterable[MovementState], asset: Asset, difference: Decimal, now: int
) -> list[r.AccountMoved]:
    """Return the events by which our books follow the movements behind a difference.

    `difference` is what the venue holds of an asset more than our books say. None where
    no movements of the last hour make exactly that: then something else did. A venue whose
    history tells of them never shows a difference, so nothing is booked twice.
    """
    recent = [
        it
        for it in movements
        if it.wish.asset == asset
        and it.took_effect
        and not it.is_booked
        and it.ended_at > now - _FOLLOWED_NS
    ][-_MOST_TOGETHER:]
    for count in range(1, len(recent) + 1):
        for chosen in combinations(recent, count):
            for changes in product(*(_changes(it.wish) for it in chosen)):
                if sum(changes) == difference:
                    pairs = zip(chosen, changes, strict=True)
                    return [_booking(it, change, now) for it, change in pairs]
    return []


def _changes(wish: Wish) -> tuple[Decimal, ...]:
    """Return what a movement may do to the balance that an account counts as its own."""
    if wish.kind in (MovementKind.BORROW, MovementKind.EARN_REDEEM):
        return (wish.amount,)
    if wish.kind is MovementKind.TRANSFER:
        return (-wish.amount, wish.amount)  # nothing tells which wallet is counted
    return (-wish.amount,)


def _booking(movement: MovementState, change: Decimal, now: int) -> r.AccountMoved:
    wish = movement.wish
    event = AccountEvent(
        account=wish.account,
        event_id=event_id_of(movement),
        kind=AccountEventKind.TRANSFER,
        asset=wish.asset,
        amount=change,
        note=f"{wish.kind} at our asking, seen in the balance",
        venue_time_ns=movement.ended_at,
    )
    return r.AccountMoved(at=now, event=event)
