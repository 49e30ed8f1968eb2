"""One receiver's task: makes what waits into messages and sends them, one after the other."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Coroutine
from typing import Any, TypeVar, cast

from crossdock.app.notify.composing import messages_of
from crossdock.app.notify.outbox import Outbox, Waiting
from crossdock.app.notify.rules import Rules, at_least
from crossdock.errors import AdapterError, AuthFailed, NotSent, RateLimited, Rejected
from crossdock.ports import AlertLevel, Clock, Notifier
from crossdock.toolkit.retry import Backoff

log = logging.getLogger(__name__)

SECOND_NS = 1_000_000_000
TRY_S = 75.0  # for one try; a minute of it may be the wait for its turn
FIRST_WAIT_S, MOST_WAIT_S = 1.0, 300.0
KEYS_WAIT_S = 300.0  # after keys were refused
ALARM_AFTER = 3  # tries in a row that failed

Result = TypeVar("Result")


class Sender:
    """Runs until it is cancelled. Whatever the receiver does costs nobody else anything."""

    def __init__(
        self,
        name: str,
        rules: Rules,
        notifier: Notifier,
        outbox: Outbox,
        *,
        clock: Clock,
        backoff: Backoff,
        in_thread: Callable[..., Coroutine[Any, Any, object]],
        told_as: tuple[str, str],
        on_trouble: Callable[[str], None],
        scrub: Callable[[str], str] = str,
    ) -> None:
        """`told_as`: the desk's name and mode. `on_trouble` hears once of each outage.
        `scrub` masks the secrets of the settings in what a notifier's error says.
        """
        self.name = name
        self.rules = rules
        self.failures = 0  # in a row
        self._notifier = notifier
        self._outbox = outbox
        self._clock = clock
        self._backoff = backoff
        self._in_thread = in_thread
        self._desk, self._mode = told_as
        self._on_trouble = on_trouble
        self._scrub = scrub
        self._news = asyncio.Event()
        self._ends = False
        self._not_before_ns = 0  # monotonic

    def wake(self) -> None:
        """Look again: something was taken in."""
        self._news.set()

    def end(self) -> None:
        """Send what waits and can be sent now, then end."""
        self._ends = True
        self._news.set()

    async def run(self) -> None:
        while True:
            self._news.clear()
            ends = self._ends
            try:
                wait_s = await self.round(at_once=ends)
            except Exception:  # a full disk must not end it for good
                log.exception("messages to %s", self.name)
                wait_s = MOST_WAIT_S
            if ends:
                return
            await self._rest(wait_s)

    async def round(self, *, at_once: bool = False) -> float | None:
        """Send what is due; return after how long to look again, None when nothing waits.

        `at_once`: the desk ends, so nothing is gathered any longer.
        """
        now = self._clock.time_ns()
        keep_ns = self.rules.keep_s * SECOND_NS
        outbox, name = self._outbox, self.name
        dropped = await self._call(lambda: outbox.expire(name, now - keep_ns))
        if dropped:
            log.warning("%s: %d messages grew too old to send", name, dropped)
        while (pause_s := self._pause_s()) <= 0:
            message = await self._call(lambda: outbox.first(name))
            if message is None:
                wait_s = await self._compose(at_once=at_once)
                if wait_s is None or wait_s > 0:
                    return wait_s
                continue
            await self._send(message)
        return pause_s

    def _pause_s(self) -> float:
        return (self._not_before_ns - self._clock.monotonic_ns()) / SECOND_NS

    async def _compose(self, *, at_once: bool) -> float | None:
        """Make messages of what waits; return 0 when there are some, else how long to wait."""
        now = self._clock.time_ns()
        outbox, name = self._outbox, self.name
        levels = self.rules.levels_now(now)
        oldest = await self._call(lambda: outbox.oldest_event(name, levels))
        if oldest is None:
            held = await self._call(lambda: outbox.oldest_event(name, tuple(AlertLevel)))
            return None if held is None else self.rules.quiet_left_s(now) or None
        urgent = at_least(AlertLevel.URGENT)
        left_s = self.rules.group_s - (now - oldest) / SECOND_NS
        if left_s > 0 and not at_once:
            if await self._call(lambda: outbox.oldest_event(name, urgent)) is None:
                return min(left_s, float(self.rules.group_s))
            levels = urgent
        made = await self._call(
            lambda: outbox.compose(
                name,
                levels,
                lambda events: messages_of(
                    events, desk=self._desk, mode=self._mode, receiver=name
                ),
            )
        )
        return 0.0 if made else None

    async def _send(self, message: Waiting) -> None:
        alert, outbox, name = message.alert, self._outbox, self.name
        await self._call(lambda: outbox.begins(name, alert.id))
        deadline_ns = self._clock.monotonic_ns() + int(TRY_S * SECOND_NS)
        wait_s = 0.0
        try:
            await self._notifier.notify(
                alert, again=message.in_doubt, deadline_ns=deadline_ns
            )
        except Rejected as error:
            words = self._scrub(str(error))
            await self._call(lambda: outbox.is_refused(name, alert.id, words))
            self._failed(words, final=True)
            return
        except (NotSent, RateLimited, AuthFailed) as error:
            words, before = self._scrub(str(error)), message.in_doubt
            await self._call(
                lambda: outbox.was_not_sent(name, alert.id, in_doubt=before, words=words)
            )
            if isinstance(error, RateLimited):
                wait_s = error.retry_after_s
            if isinstance(error, AuthFailed):
                wait_s = KEYS_WAIT_S
            self._failed(words, final=isinstance(error, AuthFailed))
        except AdapterError as error:
            words = self._scrub(str(error))
            await self._call(lambda: outbox.may_have_arrived(name, alert.id, words))
            self._failed(words)
        except Exception as error:  # a notifier is foreign code
            log.exception("messages to %s", name)
            words = f"{type(error).__name__} in its adapter"
            await self._call(lambda: outbox.may_have_arrived(name, alert.id, words))
            self._failed(words)
        else:
            await self._call(lambda: outbox.is_sent(name, alert.id))
            self.failures = 0
            self._backoff.reset()
            return
        wait_s = max(wait_s, self._backoff.next_s(), FIRST_WAIT_S)
        self._not_before_ns = self._clock.monotonic_ns() + int(wait_s * SECOND_NS)

    def _failed(self, words: str, *, final: bool = False) -> None:
        self.failures += 1
        log.info("a message to %s was not taken: %s", self.name, words)
        if self.failures == (1 if final else ALARM_AFTER):
            self._on_trouble(f"messages to {self.name} do not arrive: {words}")

    async def _call(self, work: Callable[[], Result]) -> Result:
        # Whoever is cancelled here has perhaps sent: that must be written down all the same.
        found = await asyncio.shield(asyncio.ensure_future(self._in_thread(work)))
        return cast("Result", found)

    async def _rest(self, wait_s: float | None) -> None:
        waits = [asyncio.ensure_future(self._news.wait())]
        if wait_s is not None:
            waits.append(asyncio.ensure_future(self._clock.sleep(wait_s)))  # type: ignore[arg-type]
        try:
            await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for each in waits:
                each.cancel()
