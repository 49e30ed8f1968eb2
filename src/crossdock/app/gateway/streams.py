"""Keeps an account's streams alive, and replaces those that are mute or lost something."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from typing import Any, Protocol

from crossdock.app.gateway.intake import Intake
from crossdock.app.kernel import Kernel
from crossdock.errors import AuthFailed, Error
from crossdock.model import InstrumentId
from crossdock.ports import CONNECTED, AccountStream, MarketSink, MarketStream
from crossdock.toolkit.health import HealthState, StreamHealth
from crossdock.toolkit.retry import Backoff

OVERLAP_S = 0.2
FRUITLESS = 3  # connections in a row without data, before somebody is told
OVERLAP_AT_MOST_S = 3.0


class Market(MarketSink, Protocol):
    """Where an account's market data go, and when the last of some instruments came."""

    def newest_ns(self, instruments: Sequence[InstrumentId]) -> int: ...


class Streams:
    """Both streams of one account. Their loops end by cancellation or with AuthFailed.

    `on_break` is called whenever history must be asked for what a stream did not tell,
    `on_market_down` when no market data comes.
    """

    def __init__(
        self,
        kernel: Kernel,
        intake: Intake,
        market_sink: Market,
        *,
        account_health: StreamHealth,
        market_health: StreamHealth,
        backoff: Callable[[], Backoff],
        on_break: Callable[[], None],
        on_market_down: Callable[[str], None],
        look_s: float | None,
    ) -> None:
        self.account_health = account_health
        self.market_health = market_health
        self._kernel = kernel
        self._intake = intake
        self._market_sink = market_sink
        self._backoff = backoff
        self._on_break = on_break
        self._on_market_down = on_market_down
        self._look_s = look_s
        self._replace = asyncio.Event()
        self._connected = asyncio.Event()

    def gap(self, reason: str) -> None:
        """Take in that the account's stream lost something, or begins."""
        self._on_break()
        if reason == CONNECTED:
            self._connected.set()
        else:
            self._replace.set()

    def mute(self, words: str) -> None:
        """Replace the account's stream: it keeps from us what history tells."""
        self.account_health.gap(words)
        self._replace.set()

    async def account(self, adapter: AccountStream) -> None:
        """Stream an account. One that lost a message is replaced by a fresh connection,
        opened before the old one is closed: between them nothing goes unheard.
        """
        backoff = self._backoff()
        watching = asyncio.ensure_future(adapter.watch_account(self._intake))
        try:
            while True:
                await _first_of(watching, self._replace)
                if watching.done():
                    self.account_health.last_end = await self._end_of(watching)
                    self._on_break()
                    await self._kernel.clock.sleep(backoff.next_s())
                    watching = asyncio.ensure_future(adapter.watch_account(self._intake))
                    continue
                backoff.reset()
                self._connected.clear()
                self._replace.clear()  # what the new connection loses counts again
                old = watching
                watching = asyncio.ensure_future(adapter.watch_account(self._intake))
                await self._close_once_replaced(old)
        finally:
            watching.cancel()

    async def _close_once_replaced(self, old: asyncio.Future[None]) -> None:
        connected = asyncio.ensure_future(self._connected.wait())
        try:
            await asyncio.wait({connected}, timeout=OVERLAP_AT_MOST_S)
            await self._kernel.clock.sleep(OVERLAP_S)
        finally:
            connected.cancel()
            old.cancel()
        await _ended(old)

    async def market(self, adapter: MarketStream, instruments: list[InstrumentId]) -> None:
        """Stream the market; reconnect when it ends or when no data comes.

        Connections that bring nothing, one after the other, are told of once.
        """
        backoff = self._backoff()
        fruitless = 0
        while True:
            watching = asyncio.ensure_future(
                adapter.watch_market(instruments, self._market_sink)
            )
            began_ns = self._kernel.now()
            try:
                while not watching.done():
                    await asyncio.wait({watching}, timeout=self._look_s)
                    if self.market_health.verdict().state is HealthState.MUTE:
                        break
                    if self._market_sink.newest_ns(instruments) > began_ns:
                        backoff.reset()
                        fruitless = 0
                ended = await self._end_of(watching)
            finally:
                watching.cancel()
            self._market_sink.market_gap(instruments, ended)
            self.market_health.last_end = ended
            fruitless += 1
            if fruitless == FRUITLESS:
                self._on_market_down(ended)
            await self._kernel.clock.sleep(backoff.next_s())

    async def _end_of(self, watching: asyncio.Future[None]) -> str:
        return self._kernel.scrub(await _ended(watching))


async def _first_of(watching: asyncio.Future[None], event: asyncio.Event) -> None:
    waiting = asyncio.ensure_future(event.wait())
    both: set[asyncio.Future[Any]] = {watching, waiting}
    try:
        await asyncio.wait(both, return_when=asyncio.FIRST_COMPLETED)
    finally:
        waiting.cancel()


async def _ended(watching: asyncio.Future[None]) -> str:
    """Return why a stream ended, in words; cancel it when it has not."""
    if not watching.done():
        watching.cancel()
    try:
        await watching
    except asyncio.CancelledError:
        current = asyncio.current_task()
        if current is not None and current.cancelling():
            raise
        return "replaced"
    except AuthFailed:
        raise
    except Error as error:
        return str(error)
    return "the venue closed it"
