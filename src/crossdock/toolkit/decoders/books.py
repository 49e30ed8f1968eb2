"""The two ways in which venues tell a book, each with its way of noticing a loss."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Sequence

import msgspec

from crossdock.model import BookChange, InstrumentId, Level
from crossdock.ports import MarketEvent, MarketGap

_MOST_HELD = 10_000


def raw_levels(rows: Iterable[Sequence[msgspec.Raw]]) -> list[Level]:
    """Return levels whose numbers stand in JSON without quotes, in the venue's own text."""
    return [(str(row[-2], "ascii"), str(row[-1], "ascii")) for row in rows]


def by_side(
    changes: Iterable[tuple[str, str, str]], buys: str = "buy"
) -> tuple[list[Level], list[Level]]:
    """Part (side, price, quantity) into bids and asks."""
    bids: list[Level] = []
    asks: list[Level] = []
    for side, price, quantity in changes:
        (bids if side == buys else asks).append((price, quantity))
    return bids, asks


def goes_on(snapshot: BookChange, change: BookChange) -> bool:
    """Tell whether a change goes on where a snapshot ends, or covers its end."""
    due = snapshot.last_sequence + 1
    return change.first_sequence <= due <= change.last_sequence + 1


class JoinedBook:
    """Changes in the stream, numbered; the snapshot they follow on comes by another way.

    Changes are held until a snapshot comes that they continue. They then carry its time of
    receipt, since nobody could have used them before.
    """

    __slots__ = ("_held", "_last", "has_begun", "instrument")

    def __init__(self, instrument: InstrumentId) -> None:
        self.instrument = instrument
        self.has_begun = False
        self._held: deque[BookChange] = deque(maxlen=_MOST_HELD)
        self._last: int | None = None

    @property
    def joined(self) -> bool:
        return self._last is not None

    @property
    def awaits_snapshot(self) -> bool:
        return self._last is None

    def change(self, change: BookChange) -> list[MarketEvent]:
        last = self._last
        if last is None:
            self._held.append(change)
            return []
        if change.first_sequence > last + 1:
            gap = self.lose(
                f"{last + 1} was due, {change.first_sequence} came", change.received_time_ns
            )
            self._held.append(change)
            return gap
        if change.last_sequence <= last:
            return []
        self._last = change.last_sequence
        return [change]

    def begin(
        self,
        bids: list[Level],
        asks: list[Level],
        number: int,
        venue_time_ns: int,
        received_time_ns: int,
    ) -> list[MarketEvent]:
        """Do as `snapshot` with a book that ends with the change `number`."""
        return self.snapshot(
            BookChange(
                self.instrument,
                True,
                bids,
                asks,
                number,
                number,
                venue_time_ns,
                received_time_ns,
            )
        )

    def snapshot(self, snapshot: BookChange) -> list[MarketEvent]:
        """Begin with a snapshot; nothing comes of one that is older than what is held."""
        last = snapshot.last_sequence
        if self._last is not None and last < self._last:
            return []
        events: list[MarketEvent] = [snapshot]
        for change in self._held:
            if change.last_sequence <= last:
                continue
            if change.first_sequence > last + 1:
                return []
            last = change.last_sequence
            events.append(
                msgspec.structs.replace(change, received_time_ns=snapshot.received_time_ns)
            )
        self._held.clear()
        self._last = last
        self.has_begun = True
        return events

    def follows_on(self, snapshot: BookChange) -> bool:
        """Tell whether a change that is held goes on where the snapshot ends."""
        return any(goes_on(snapshot, change) for change in self._held)

    def lose(self, reason: str, received_time_ns: int) -> list[MarketEvent]:
        """Wait for a new snapshot. Tells of the gap when there was a book to lose."""
        was_joined, self._last = self.joined, None
        self._held.clear()
        return [MarketGap(self.instrument, reason, received_time_ns)] if was_joined else []


class StreamedBook:
    """Snapshots and changes in one stream. Gives numbers where the venue gives none."""

    awaits_snapshot = False  # it comes by itself

    def __init__(self, instrument: InstrumentId) -> None:
        self.instrument = instrument
        self.number = 0
        self.standing = False
        self.has_begun = False

    def snapshot(
        self,
        bids: list[Level],
        asks: list[Level],
        venue_time_ns: int,
        received_time_ns: int,
        *,
        number: int | None = None,
        checksum: int | None = None,
    ) -> BookChange:
        self.standing = self.has_begun = True
        self.number = self.number + 1 if number is None else number
        return BookChange(
            self.instrument,
            True,
            bids,
            asks,
            self.number,
            self.number,
            venue_time_ns,
            received_time_ns,
            checksum,
        )

    def change(
        self,
        bids: list[Level],
        asks: list[Level],
        venue_time_ns: int,
        received_time_ns: int,
        *,
        number: int | None = None,
        checksum: int | None = None,
    ) -> BookChange:
        """Make the change that follows on the last one. The book must be standing."""
        first = self.number + 1
        self.number = first if number is None else number
        return BookChange(
            self.instrument,
            False,
            bids,
            asks,
            first,
            self.number,
            venue_time_ns,
            received_time_ns,
            checksum,
        )

    def break_before(
        self, previous: int | None, received_time_ns: int
    ) -> list[MarketEvent] | None:
        """Return the gap before a change that does not name the last one as its previous.

        None when it follows. Numbers need not be consecutive.
        """
        if previous == self.number:
            return None
        words = f"a change after {self.number} was due, one after {previous} came"
        return self.lose(words, received_time_ns)

    def lose(self, reason: str, received_time_ns: int) -> list[MarketEvent]:
        """Wait for a new snapshot. Tells of the gap when there was a book to lose."""
        was_standing, self.standing = self.standing, False
        return (
            [MarketGap(self.instrument, reason, received_time_ns)] if was_standing else []
        )
