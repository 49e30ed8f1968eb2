"""Where writes arrive and market events come past, in the order of their time."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Generator
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from crossdock.adapters.venues.paper.matching.bars import match_bar
from crossdock.adapters.venues.paper.matching.engine import Engine
from crossdock.adapters.venues.paper.matching.market import Market
from crossdock.adapters.venues.paper.matching.ticks import (
    follow_queue,
    match_offers,
    match_trade,
)
from crossdock.adapters.venues.paper.news import News
from crossdock.errors import AdapterError, NotSent
from crossdock.model import Bar, BookChange, Trade
from crossdock.ports import Clock

T = TypeVar("T")
T_co = TypeVar("T_co", covariant=True)


@dataclass(slots=True)
class _Write:
    due_ns: int
    act: Callable[[int], Any]
    has_arrived: bool = False
    reply: Any = None
    error: AdapterError | None = None


class _Answer(Generic[T_co]):
    """The reply of a write that is done, as a future has it; with it the news are told.

    Nobody need wait for it, and a task for each order would cost as much as the order.
    """

    __slots__ = ("_floor", "_reply")

    def __init__(self, floor: Floor, reply: T_co) -> None:
        self._floor = floor
        self._reply = reply

    def done(self) -> bool:
        return True

    def result(self) -> T_co:
        self._floor.catch_up()
        return self._reply

    def __await__(self) -> Generator[None, None, T_co]:
        return self._told().__await__()

    async def _told(self) -> T_co:
        return self.result()


class Floor:
    """Runs the engine. What it changed is kept before anybody is told of it.

    A write of no latency is done before `write` returns; what came of it is told with its
    reply, or by the next event, whichever is first, and never from within the call.
    `is_due` is true while a write or a message is on its way.
    """

    def __init__(
        self,
        engine: Engine,
        news: News,
        *,
        clock: Clock,
        keep: Callable[[], None],
    ) -> None:
        self.is_due = False
        self._engine = engine
        self._news = news
        self._clock = clock
        self._keep = keep
        self._latency_ns = engine.models.latency.one_way_ns
        self._writes: deque[_Write] = deque()
        self._pump: asyncio.Task[None] | None = None

    # ---- writes ------------------------------------------------------------------

    def write(self, act: Callable[[int], T], deadline_ns: int) -> Awaitable[T]:
        """Send a write, which does its `act` at the UTC time it arrives.

        Errors come from here or from what is returned.
        """
        if self._clock.monotonic_ns() >= deadline_ns:
            raise NotSent("its deadline had passed")
        now_ns = self._clock.time_ns()
        if not self._latency_ns:
            try:
                return _Answer(self, act(now_ns))
            finally:
                self.send()
        write = _Write(now_ns + self._latency_ns, act)
        self._writes.append(write)
        self._wake()
        return self._answered(write)

    async def _answered(self, write: _Write) -> Any:
        while not write.has_arrived:
            await self._until(write.due_ns)
        await self._until(write.due_ns + self._latency_ns)
        if write.error is not None:
            raise write.error
        return write.reply

    async def _until(self, due_ns: int) -> None:
        while (left_ns := due_ns - self._clock.time_ns()) > 0:
            await self._clock.sleep(left_ns / 1e9)
        self.catch_up()

    def _arrive(self, write: _Write) -> None:
        try:
            write.reply = write.act(write.due_ns)
        except AdapterError as error:
            write.error = error
        write.has_arrived = True
        self.send()

    # ---- time ---------------------------------------------------------------------

    def expire(self) -> None:
        """End what has expired by now, and tell of it."""
        self._engine.expire(self._clock.time_ns())
        self.send()
        if self.is_due:
            self.catch_up()

    def send(self) -> None:
        """Keep what has changed, and put the news of it on its way."""
        if self._news.has_unsent:
            self._keep()
            self._news.send()
            self.is_due = True
            if self._latency_ns:
                self._wake()

    def catch_up(self) -> None:
        """Let arrive what has arrived by now: writes first, then what the desk is told."""
        now_ns = self._clock.time_ns()
        while self._writes and self._writes[0].due_ns <= now_ns:
            self._arrive(self._writes.popleft())
        self._news.deliver(now_ns)
        self.is_due = bool(self._writes) or self._news.due_ns is not None

    def _wake(self) -> None:
        self.is_due = True
        if self._pump is None or self._pump.done():
            self._pump = asyncio.get_running_loop().create_task(
                self._pumped(), name="paper latency"
            )

    async def _pumped(self) -> None:
        while self.is_due:
            dues = [write.due_ns for write in list(self._writes)[:1]]
            if self._news.due_ns is not None:
                dues.append(self._news.due_ns)
            await self._until(min(dues, default=0))

    async def close(self) -> None:
        """Stop. What was on its way to the venue never arrives."""
        for write in self._writes:
            write.has_arrived = True  # else its sender would wait for ever, and not yield
            write.error = NotSent("the account was closed before it arrived")
        self._writes.clear()
        if self._pump is not None:
            self._pump.cancel()
            with suppress(asyncio.CancelledError):
                await self._pump

    # ---- the market: called for markets with open orders ------------------------------

    def quoted(self, market: Market) -> None:
        if market.book is None:
            self._engine.expire(self._clock.time_ns())
            match_offers(self._engine, market)
            self._after_event()

    def traded(self, market: Market, trade: Trade) -> None:
        self._engine.expire(self._clock.time_ns())
        match_trade(self._engine, market, trade)
        self._after_event()

    def book_changed(self, market: Market, change: BookChange) -> None:
        self._engine.expire(self._clock.time_ns())
        follow_queue(market, change)
        match_offers(self._engine, market)
        self._after_event()

    def bar_came(self, market: Market, bar: Bar) -> None:
        self._engine.expire(self._clock.time_ns())
        match_bar(self._engine, market, bar)
        self._after_event()

    def _after_event(self) -> None:
        self.send()
        if self.is_due:
            self.catch_up()
