"""The audit: everything the streams should have told is asked again, and compared."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from typing import Any

from crossdock.app.gateway.holdings import Difference
from crossdock.app.gateway.pacing import SHARE, SOON_S, Pacing
from crossdock.app.gateway.resync import Resync
from crossdock.app.gateway.streams import Streams
from crossdock.app.kernel import Kernel
from crossdock.core.movements import bookings
from crossdock.errors import AdapterError, AuthFailed, RateLimited, Rejected
from crossdock.model import AccountId, Asset
from crossdock.ports import AccountStream, ServerTime
from crossdock.toolkit import Purpose, metered, serving
from crossdock.toolkit.health import HealthState
from crossdock.toolkit.retry import Backoff

log = logging.getLogger(__name__)


class Audit:
    """Runs at the pace that the venue's limits allow, and at once when something was lost.

    Each asks for fills once, for open orders and for holdings. Deposits, funding and the
    like are asked for less often, and whenever holdings differ from our books: what was
    missed shows there.

    `count` is how often all of it succeeded and `compared_ns` when it last did, `skewed` how
    far the clocks are apart when that is too far to trade, `unexplained` where the venue's
    holdings and our books differed at the last comparison.
    """

    def __init__(
        self,
        kernel: Kernel,
        account: AccountId,
        resync: Resync,
        streams: Streams,
        *,
        every_s: float | None,
        backoff: Backoff,
        on_unexplained: Callable[[str], None],
    ) -> None:
        self.count = 0
        self.compared_ns = 0
        self.skewed = ""
        self.trouble = ""  # what keeps the account from recovering
        self.unexplained: list[Difference] = []
        self._told: list[Difference] = []  # which of them people know of
        self._kernel = kernel
        self._account = account
        self._resync = resync
        self._streams = streams
        self._apart = asyncio.Event()  # the clocks are
        self._pacing = Pacing(kernel.clock, every_s, backoff)
        self._on_unexplained = on_unexplained

    def want(self) -> None:
        """Have an audit at once: something may be lost."""
        self._pacing.want()

    def look(self) -> None:
        """Have one as soon as the pace allows: our picture may be wrong."""
        self._pacing.look()

    async def recover(self, adapter: Any, backoff: Backoff) -> None:
        """Ask everything once before the account trades, as often as it takes.

        Raises AuthFailed or Rejected, which waiting does not mend.
        """
        while True:
            self._pacing.begin()
            try:
                with serving(Purpose.ORDER):  # no order goes out before this is done
                    await self._resync.histories(adapter)
                    await self._resync.orders(adapter)
            except (AuthFailed, Rejected):
                raise
            except AdapterError as error:
                self.trouble = self._kernel.scrub(str(error))
                log.warning("%s: recovering: %s", self._account, self.trouble)
                least_s = error.retry_after_s if isinstance(error, RateLimited) else 0.0
                await self._kernel.clock.sleep(max(backoff.next_s(), least_s))
            else:
                self.trouble = ""
                return

    async def run(self, adapter: Any) -> None:
        """Audit for ever. Raises AuthFailed."""
        was_wanted = False
        while True:
            was_wanted = await self._pacing.wait() or was_wanted
            with metered() as spent:
                try:
                    await self._audit(adapter, was_wanted=was_wanted)
                except AuthFailed:
                    raise
                except AdapterError as error:
                    told = self._kernel.scrub(str(error))
                    log.warning("%s: audit failed, will repeat: %s", self._account, told)
                    self._pacing.failed(spent, error)
                else:
                    self._pacing.succeeded(spent)
                    was_wanted = False  # not before: what was lost may be found only now

    async def _audit(self, adapter: Any, *, was_wanted: bool) -> None:
        await self.sample_time(adapter)
        news = await self._resync.fills(adapter)
        asks_events = self._pacing.events_are_due(was_wanted=was_wanted)
        if asks_events:
            news += await self._events(adapter)
        self._heed(adapter, 0 if was_wanted else news)
        await self._resync.orders(adapter)
        found = self._still(await self._resync.compare(adapter))
        if found and found != self._told and not asks_events:
            late = await self._events(adapter)
            self._heed(adapter, 0 if was_wanted else late)
        await self._judge(adapter, found)

    async def _events(self, adapter: Any) -> int:
        with metered() as spent:
            news = await self._resync.events(adapter)
        self._pacing.events_asked(spent)
        return news

    def _heed(self, adapter: Any, news: int) -> None:
        """Replace a stream that did not tell what history does."""
        if news and isinstance(adapter, AccountStream):
            # Connected, and yet mute: a heartbeat proves nothing.
            self._streams.mute(f"{news} messages came by history alone")

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
        if self.skewed:
            self._apart.set()
        else:
            self._apart.clear()

    async def watch_clock(self, adapter: Any) -> None:
        """Compare the clocks for as long as they are apart: nothing trades until then.

        Raises AuthFailed.
        """
        pause_s = SOON_S
        while True:
            await self._apart.wait()
            await self._kernel.clock.sleep(pause_s)
            least_s = SOON_S
            with metered() as spent:
                try:
                    await self.sample_time(adapter)
                except AuthFailed:
                    raise
                except AdapterError as error:
                    told = self._kernel.scrub(str(error))
                    log.debug("%s: comparing clocks: %s", self._account, told)
                    if isinstance(error, RateLimited):
                        least_s = max(least_s, error.retry_after_s)
            pause_s = max(least_s, spent.pause_s(SHARE))

    async def _judge(self, adapter: Any, found: list[Difference]) -> None:
        """Say what to make of a comparison, made again with care where it found any."""
        if found and found != self._told:
            again = await self._resync.differences(adapter)
            if again is None:  # things are moving
                self._pacing.repeat()
                return
            found = self._still(again)
        if self._follow(found):
            # Again, with what was booked: each is booked once.
            await self._judge(adapter, self._still(await self._resync.compare(adapter)))
            return
        self.count += 1
        self.compared_ns = self._kernel.now()
        if found and found == self.unexplained:
            words = "; ".join(f"{d.what}: venue {d.venue}, books {d.books}" for d in found)
            self._told = found
            self._on_unexplained(words)
        elif found:
            self._pacing.repeat()
        else:
            self._told = []
        self.unexplained = found

    def _still(self, found: list[Difference]) -> list[Difference]:
        """Leave out what an open movement has a part in: its end will tell."""
        moving = {
            it.wish.asset
            for it in self._kernel.state.movements.open.values()
            if it.wish.account == self._account
        }
        return [each for each in found if each.what not in moving]

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
