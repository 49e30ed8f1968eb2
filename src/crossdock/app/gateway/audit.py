"""The audit: everything the streams should have told is asked again, and compared."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from typing import Any

from crossdock.app.gateway.resync import Difference, Resync
from crossdock.app.gateway.streams import Streams
from crossdock.app.kernel import Kernel
from crossdock.core.movements import bookings
from crossdock.errors import AdapterError, AuthFailed, Rejected
from crossdock.model import AccountId, Asset
from crossdock.ports import AccountStream, ServerTime
from crossdock.toolkit.health import HealthState
from crossdock.toolkit.retry import Backoff

log = logging.getLogger(__name__)

SOON_S = 0.5


class Audit:
    """Runs at a steady pace, and at once when something was lost.

    `count` is how often all of it succeeded, `skewed` how far the clocks are apart when
    that is too far to trade, `unexplained` where the venue's holdings and our books
    differed at the last comparison.
    """

    def __init__(
        self,
        kernel: Kernel,
        account: AccountId,
        resync: Resync,
        streams: Streams,
        *,
        every_s: float | None,
        on_unexplained: Callable[[str], None],
    ) -> None:
        self.count = 0
        self.skewed = ""
        self.trouble = ""  # what keeps the account from recovering
        self.unexplained: list[Difference] = []
        self._kernel = kernel
        self._account = account
        self._resync = resync
        self._streams = streams
        self._every_s = every_s
        self._on_unexplained = on_unexplained
        self._wanted = asyncio.Event()
        self._is_soon = False

    def want(self) -> None:
        """Have an audit at once."""
        self._wanted.set()

    async def recover(self, adapter: Any, backoff: Backoff) -> None:
        """Ask everything once before the account trades, as often as it takes.

        Raises AuthFailed or Rejected, which waiting does not mend.
        """
        while True:
            self._wanted.clear()
            try:
                await self._resync.histories(adapter)
                await self._resync.orders(adapter)
            except (AuthFailed, Rejected):
                raise
            except AdapterError as error:
                self.trouble = self._kernel.scrub(str(error))
                log.warning("%s: recovering: %s", self._account, self.trouble)
                await self._kernel.clock.sleep(backoff.next_s())
            else:
                self.trouble = ""
                return

    async def run(self, adapter: Any) -> None:
        """Audit for ever. Raises AuthFailed."""
        while True:
            was_wanted = await self._wait()
            try:
                await self.sample_time(adapter)
                news = await self._resync.histories(adapter)
                if news and not was_wanted and isinstance(adapter, AccountStream):
                    # Connected, and yet it did not tell: a heartbeat proves nothing.
                    self._streams.mute(f"{news} messages came by history alone")
                await self._resync.orders(adapter)
                await self._compare(adapter)
            except AuthFailed:
                raise
            except AdapterError as error:
                told = self._kernel.scrub(str(error))
                log.warning("%s: audit failed, will repeat: %s", self._account, told)
                self._is_soon = True

    async def _wait(self) -> bool:
        """Wait for the next audit; tell whether something asked for it."""
        waiting = asyncio.ensure_future(self._wanted.wait())
        pause_s = SOON_S if self.skewed or self._is_soon else self._every_s
        try:
            await asyncio.wait({waiting}, timeout=pause_s)
        finally:
            waiting.cancel()
        was_wanted = self._wanted.is_set()
        self._wanted.clear()
        self._is_soon = False
        return was_wanted

    async def sample_time(self, adapter: Any) -> None:
        """Compare the venue's clock with ours."""
        if not isinstance(adapter, ServerTime):
            return
        clock, health = self._kernel.clock, self._streams.account_health
        before = clock.time_ns()
        server = await adapter.server_time_ns()
        health.server_time(server, before, clock.time_ns())
        verdict = health.verdict()
        self.skewed = verdict.words if verdict.state is HealthState.SKEWED else ""

    async def _compare(self, adapter: Any) -> None:
        found = await self._resync.differences(adapter)
        if found is None:
            self._is_soon = True  # something moved meanwhile
            return
        moving = {
            it.wish.asset
            for it in self._kernel.state.movements.open.values()
            if it.wish.account == self._account
        }
        # What a movement without a proven end has to do with it, its end will tell.
        found = [each for each in found if each.what not in moving]
        if self._follow(found):
            await self._compare(adapter)  # with what was booked: each is booked once
            return
        self.count += 1
        if found and found == self.unexplained:
            words = "; ".join(f"{d.what}: venue {d.venue}, books {d.books}" for d in found)
            self._on_unexplained(words)
        elif found:
            self._is_soon = True
        self.unexplained = found

    def _follow(self, found: list[Difference]) -> bool:
        """Book what movements of money at our asking explain; tell whether there was any."""
        kernel = self._kernel
        movements = kernel.state.movements
        booked = [
            booking
            for each in found
            for booking in bookings(
                movements.of(self._account),
                Asset(each.what),
                each.venue - each.books,
                kernel.now(),
            )
        ]
        kernel.note(booked)
        return bool(booked)
