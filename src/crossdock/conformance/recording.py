"""Sinks that keep what a stream pushes, and wait for what is expected of it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager, suppress
from decimal import Decimal

from crossdock.conformance.rig import PATIENT_S, Rig, soon
from crossdock.model import (
    AccountEvent,
    BookChange,
    ClientOrderId,
    Fill,
    FillKey,
    Instrument,
    InstrumentId,
    OrderReport,
    Quote,
    Trade,
)


class _Recording:
    def __init__(self) -> None:
        self._changed = asyncio.Event()

    def _note(self) -> None:
        self._changed.set()

    async def until(self, holds: Callable[[], bool], what: str) -> None:
        """Wait for news until something holds."""
        try:
            async with asyncio.timeout(PATIENT_S):
                while not holds():
                    self._changed.clear()
                    await self._changed.wait()
        except TimeoutError:
            raise AssertionError(f"the stream never told of {what}") from None


class AccountRecording(_Recording):
    """Implements `ports.AccountSink`."""

    def __init__(self) -> None:
        super().__init__()
        self.reports: list[OrderReport] = []
        self.all_fills: list[Fill] = []
        self.events: list[AccountEvent] = []
        self.gaps: list[str] = []

    def orders(self, batch: Sequence[OrderReport]) -> None:
        self.reports.extend(batch)
        self._note()

    def fills(self, batch: Sequence[Fill]) -> None:
        self.all_fills.extend(batch)
        self._note()

    def account_events(self, batch: Sequence[AccountEvent]) -> None:
        self.events.extend(batch)
        self._note()

    def account_gap(self, reason: str) -> None:
        self.gaps.append(reason)
        self._note()

    def instruments_changed(self, instruments: Sequence[Instrument]) -> None:
        self._note()

    def reports_of(self, order: ClientOrderId) -> list[OrderReport]:
        return [it for it in self.reports if it.client_order_id == order]

    def fills_of(self, order: ClientOrderId) -> dict[FillKey, Fill]:
        """Return the fills of an order, each once."""
        return {it.key: it for it in self.all_fills if it.client_order_id == order}

    def filled(self, order: ClientOrderId) -> Decimal:
        return sum((it.quantity for it in self.fills_of(order).values()), Decimal(0))


class MarketRecording(_Recording):
    """Implements `ports.MarketSink`."""

    def __init__(self) -> None:
        super().__init__()
        self.all_quotes: list[Quote] = []
        self.all_trades: list[Trade] = []
        self.changes: list[BookChange] = []
        self.gaps: list[tuple[Sequence[InstrumentId], str]] = []
        self.gap_before = 0  # how many changes came before the newest gap

    def quotes(self, batch: Sequence[Quote]) -> None:
        self.all_quotes.extend(batch)
        self._note()

    def trades(self, batch: Sequence[Trade]) -> None:
        self.all_trades.extend(batch)
        self._note()

    def book(self, change: BookChange) -> None:
        self.changes.append(change)
        self._note()

    def market_gap(self, instruments: Sequence[InstrumentId], reason: str) -> None:
        self.gaps.append((instruments, reason))
        self.gap_before = len(self.changes)
        self._note()


@asynccontextmanager
async def account_watched(rig: Rig) -> AsyncIterator[AccountRecording]:
    """Record an account's stream, from when it listens until the context is left."""
    sink = AccountRecording()
    watching = asyncio.create_task(rig.adapter.watch_account(sink))
    try:
        started = asyncio.create_task(sink.until(lambda: bool(sink.gaps), "its start"))
        await asyncio.wait({watching, started}, return_when=asyncio.FIRST_COMPLETED)
        if watching.done():
            started.cancel()
            await watching
        await started
        yield sink
    finally:
        await _stopped(watching)


@asynccontextmanager
async def market_watched(rig: Rig) -> AsyncIterator[MarketRecording]:
    """Record the instrument's market data, from its first snapshot on."""
    sink = MarketRecording()
    watching = asyncio.create_task(rig.adapter.watch_market([rig.instrument.id], sink))
    try:
        await sink.until(lambda: bool(sink.changes), "a snapshot")
        yield sink
    finally:
        await _stopped(watching)


async def _stopped(watching: asyncio.Task[None]) -> None:
    watching.cancel()
    with suppress(asyncio.CancelledError):
        await soon(watching)
