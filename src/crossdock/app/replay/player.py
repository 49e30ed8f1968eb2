"""Plays a recording as if it happened now: a market for a paper account."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import msgspec

from crossdock.app.replay.opening import VENUE
from crossdock.app.replay.terms import Terms
from crossdock.errors import Unreachable
from crossdock.model import (
    Bar,
    BookChange,
    Instrument,
    InstrumentId,
    Quote,
    Trade,
    instrument_id,
    symbol_of,
)
from crossdock.ports import Clock, MarketEvent, MarketGap, MarketSink, Recording

SECOND_NS = 1_000_000_000
_TERMS = Terms()  # fees as a backtest of the same recording has them
_OVER = "the recording has come to its end"


class Player:
    """Implements `ports.MarketSource` at `venue`. Times are moved to those of the clock.

    A stream that is asked for again builds its books up to now, and goes on from there.
    """

    def __init__(
        self, recording: Recording, clock: Clock, *, venue: str = VENUE, speed: float = 1.0
    ) -> None:
        self._recording = recording
        self._clock = clock
        self._venue = venue
        self._speed = speed
        self._began_ns: int | None = None
        self._first_ns: int | None = None
        self._is_over = False

    async def instruments(self) -> Sequence[Instrument]:
        return [
            replace(_TERMS.apply(each), id=self._here(each.id))
            for each in self._recording.instruments()
        ]

    def _here(self, instrument: InstrumentId) -> InstrumentId:
        return instrument_id(symbol_of(instrument), self._venue)

    async def watch_market(
        self, instruments: Sequence[InstrumentId], sink: MarketSink
    ) -> None:
        """Play what is watched to the end. Raises Unreachable then: there is no more."""
        if self._is_over:
            raise Unreachable(_OVER)
        joined_ns = self._clock.time_ns()
        if self._began_ns is None:
            self._began_ns = joined_ns
        wanted = set(instruments)
        for event in self._recording.events():
            if self._here(event.instrument) not in wanted:
                continue
            time_ns = time_of(event)
            if self._first_ns is None:
                self._first_ns = time_ns
            due_ns = self._began_ns + int((time_ns - self._first_ns) / self._speed)
            ahead_ns = due_ns - self._clock.time_ns()
            if due_ns < joined_ns and not isinstance(event, BookChange):
                continue  # it was heard already: told again, it would fill orders anew
            if ahead_ns > 0:
                await self._clock.sleep(ahead_ns / SECOND_NS)
            deliver(self._moved(event, due_ns - time_ns), sink)
        self._is_over = True
        raise Unreachable(_OVER)

    def _moved(self, event: MarketEvent, by_ns: int) -> MarketEvent:
        here = self._here(event.instrument)
        if isinstance(event, Bar):
            return msgspec.structs.replace(
                event, instrument=here, start_time_ns=event.start_time_ns + by_ns
            )
        received_ns = event.received_time_ns + by_ns
        if isinstance(event, MarketGap):
            return msgspec.structs.replace(
                event, instrument=here, received_time_ns=received_ns
            )
        return msgspec.structs.replace(
            event,
            instrument=here,
            venue_time_ns=event.venue_time_ns + by_ns,
            received_time_ns=received_ns,
        )


def time_of(event: MarketEvent) -> int:
    """Return when an event was known: a bar when it closed."""
    return event.end_time_ns if isinstance(event, Bar) else event.received_time_ns


def deliver(event: MarketEvent, sink: MarketSink) -> None:
    """Hand an event to the method of a sink that takes it."""
    if isinstance(event, BookChange):
        sink.book(event)
    elif isinstance(event, Trade):
        sink.trades((event,))
    elif isinstance(event, Quote):
        sink.quotes((event,))
    elif isinstance(event, Bar):
        sink.bars((event,))
    else:
        sink.market_gap((event.instrument,), event.reason)
