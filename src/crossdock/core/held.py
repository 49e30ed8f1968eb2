"""What happened in instruments that the venue does not list: kept until it does."""

from __future__ import annotations

from collections.abc import Sequence

from crossdock.core import records as r
from crossdock.model import AccountId, InstrumentId


class Held:
    """Cannot be booked yet, as nobody knows in what it is counted; and is never lost.

    The venue's histories have told of it, and tell of it no more.
    """

    def __init__(self) -> None:
        self._fills: dict[object, r.FillHeld] = {}
        self._events: dict[tuple[AccountId, str], r.EventHeld] = {}

    def __bool__(self) -> bool:
        return bool(self._fills or self._events)

    @property
    def fills(self) -> list[r.FillHeld]:
        return list(self._fills.values())

    @property
    def events(self) -> list[r.EventHeld]:
        return list(self._events.values())

    def keep_fill(self, record: r.FillHeld) -> None:
        self._fills[record.fill.key] = record

    def keep_event(self, record: r.EventHeld) -> None:
        self._events[record.event.account, record.event.event_id] = record

    def restore(self, fills: Sequence[r.FillHeld], events: Sequence[r.EventHeld]) -> None:
        for fill in fills:
            self.keep_fill(fill)
        for event in events:
            self.keep_event(event)

    def has_fill(self, key: object) -> bool:
        return key in self._fills

    def has_event(self, account: AccountId, event_id: str) -> bool:
        return (account, event_id) in self._events

    def booked_fill(self, key: object) -> None:
        self._fills.pop(key, None)

    def booked_event(self, account: AccountId, event_id: str) -> None:
        self._events.pop((account, event_id), None)

    def instruments(self, account: AccountId) -> Sequence[InstrumentId]:
        """Return what an account holds something of here, each once."""
        found = dict.fromkeys(
            it.fill.instrument for it in self.fills if it.fill.account == account
        )
        for record in self.events:
            if record.event.account == account and record.event.instrument is not None:
                found[record.event.instrument] = None
        return list(found)
