"""Asks the desk and is told by it, over connections that come back by themselves."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from types import TracebackType
from typing import Any, Self

from crossdock.app.doors.control.answers import error_of, result_of
from crossdock.app.doors.control.control import ANSWER_TIMEOUT_S, READ_TIMEOUT_S, READS
from crossdock.errors import DeskError, Error
from crossdock.web.link.address import DeskAddress
from crossdock.web.link.connection import CONNECT_S, Connection, connect
from crossdock.web.link.lanes import BUSY_AFTER_S, Lanes, busy
from crossdock.web.link.watching import Change, Sink, Watchers, Watching

log = logging.getLogger(__name__)

MOST_IDLE = 8
INTERVAL_MS = 100
SILENT_S = 5.0  # of a desk that beats each second
FIRST_PAUSE_S, LONGEST_PAUSE_S = 0.25, 5.0


@dataclass(frozen=True, slots=True)
class LinkStanding:
    """Whether the desk is there. `since_ns` is when that began, `words` why it is not."""

    is_connected: bool
    since_ns: int
    words: str = ""


class DeskLink:
    """The process's one way to its desk. An async context manager.

    Entering waits for no desk: where none is, questions raise DeskError
    `desk-not-running`, and what is watched begins when one comes.
    """

    def __init__(
        self,
        address: DeskAddress,
        *,
        interval_ms: int = INTERVAL_MS,
        first_pause_s: float = FIRST_PAUSE_S,
        silent_s: float = SILENT_S,
        busy_after_s: float = BUSY_AFTER_S,
    ) -> None:
        self.address = address
        self.standing = LinkStanding(False, time.time_ns(), "not connected yet")
        self._interval_ms = interval_ms
        self._first_pause_s = first_pause_s
        self._idle: list[Connection] = []
        self._silent_s = silent_s
        self._lanes = Lanes(busy_after_s)
        self._retopic = asyncio.Event()
        self._watchers = Watchers(self._retopic.set)
        self._task: asyncio.Task[None] | None = None
        self._heard_standing: list[Callable[[LinkStanding], None]] = []

    async def __aenter__(self) -> Self:
        self._task = asyncio.create_task(self._keep_watching())
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)
        while self._idle:
            await self._idle.pop().close()

    # ---- questions -------------------------------------------------------------

    async def ask(self, op: str, /, *, within_s: float | None = None, **args: Any) -> Any:
        """Ask for one operation by its name. Raises what the desk refuses, as it does.

        A question is sent once: one without an answer is `desk-silent`, and a write may
        have been done all the same. One that was never sent is `desk-busy`.
        """
        if within_s is None:
            within_s = READ_TIMEOUT_S if op in READS else ANSWER_TIMEOUT_S
        async with self._lanes.turn(op):
            return result_of(await self._answer({"op": op, "args": args}, within_s))

    async def _answer(self, asked: dict[str, Any], within_s: float) -> Any:
        asked["until_ns"] = time.time_ns() + int(within_s * 1e9)
        is_sent = False
        try:
            async with asyncio.timeout(within_s):
                connection = await self._connection()
                try:
                    is_sent = True
                    await connection.send(asked)
                    answer = await connection.line()
                except BaseException:
                    await connection.close()  # its answer would be taken for another's
                    raise
        except TimeoutError:
            if not is_sent:
                raise busy(f"the desk took no question within {within_s:g} s") from None
            raise DeskError(
                f"the desk did not answer within {within_s:g} s",
                code="desk-silent",
                hint="whether it did what was asked is not known: look before you repeat it",
            ) from None
        except OSError as error:
            raise DeskError(
                f"the connection to the desk broke: {error}", code="desk-silent"
            ) from None
        await self._keep(connection)
        return answer

    async def _connection(self) -> Connection:
        while self._idle:
            connection = self._idle.pop()
            if connection.is_usable:
                return connection
            await connection.close()
        return await connect(self.address)

    async def _keep(self, connection: Connection) -> None:
        if len(self._idle) < MOST_IDLE and connection.is_usable:
            self._idle.append(connection)
        else:
            await connection.close()

    # ---- what is pushed --------------------------------------------------------

    def watch(self, topics: Iterable[str], sink: Sink) -> Watching:
        """Hand every change of these topics to `sink`, in this loop, until it is closed.

        A snapshot of each comes first, and again when the desk has come back.
        """
        watching = self._watchers.enter(sink)
        watching.choose(topics)
        return watching

    def snapshot(self, topic: str) -> Change | None:
        """Return what a watched topic amounts to; None where nothing is known of it."""
        return self._watchers.snapshot(topic)

    async def _keep_watching(self) -> None:
        pause_s = self._first_pause_s
        while True:
            try:
                connection = await connect(self.address)
                try:
                    await self._stream(connection)
                finally:
                    await connection.close()
            except Error as error:
                words = error.message
            except (OSError, ValueError, KeyError) as error:
                words = f"the connection to the desk broke: {error}"
            except Exception as error:
                # Nobody would ever be told anything again if this task ended.
                log.exception("watching the desk failed, and begins anew")
                words = f"watching the desk failed: {type(error).__name__}: {error}"
            if self.standing.is_connected:
                pause_s = self._first_pause_s
                self._watchers.forget()
            self._stand(False, words)
            await asyncio.sleep(pause_s)
            pause_s = min(pause_s * 2, LONGEST_PAUSE_S)

    async def _stream(self, connection: Connection) -> None:
        # A desk that hangs is connected to all the same, by the kernel.
        await _require_answer(connection)
        self._retopic.clear()
        args = {
            "topics": list(self._watchers.topics),
            "interval_ms": self._interval_ms,
            "beat": True,
        }
        await connection.send({"op": "watch", "args": args})
        self._stand(True)
        telling = asyncio.create_task(self._tell_topics(connection))
        try:
            await self._hear(connection)
        finally:
            telling.cancel()
            await asyncio.gather(telling, return_exceptions=True)

    async def _hear(self, connection: Connection) -> None:
        """Take in what the desk says. Raises DeskError once it says nothing any more."""
        does_beat = False
        while True:
            try:
                said = await connection.line(self._silent_s)
            except TimeoutError:
                if does_beat:
                    raise DeskError(
                        f"the desk has said nothing for {self._silent_s:g} s",
                        code="desk-silent",
                    ) from None
                # One of a version that does not beat may well have nothing to say.
                await self._require_alive()
                continue
            if said.get("ok") is False:
                raise error_of(said["error"])
            if "beat" in said:
                does_beat = True
                continue
            self._watchers.take(
                Change(
                    topic=said["topic"],
                    seq=said["seq"],
                    at=said.get("at", 0),
                    kind=said["kind"],
                    data=said["data"],
                )
            )

    async def _require_alive(self) -> None:
        connection = await connect(self.address)
        try:
            await _require_answer(connection)
        finally:
            await connection.close()

    async def _tell_topics(self, connection: Connection) -> None:
        with contextlib.suppress(OSError):
            while True:
                await self._retopic.wait()
                self._retopic.clear()
                await connection.send({"topics": list(self._watchers.topics)})

    def hear_standing(self, heard: Callable[[LinkStanding], None]) -> Callable[[], None]:
        """Call `heard` whenever the desk goes or comes back; return what ends that."""
        self._heard_standing.append(heard)
        return lambda: self._heard_standing.remove(heard)

    def _stand(self, is_connected: bool, words: str = "") -> None:
        before = self.standing
        if before.is_connected == is_connected and before.words == words:
            return
        since = before.since_ns if before.is_connected == is_connected else time.time_ns()
        self.standing = LinkStanding(is_connected, since, words)
        for heard in list(self._heard_standing):
            try:
                heard(self.standing)
            except Exception:
                log.exception("one who hears of the desk's standing failed")
        if before.is_connected != is_connected:
            log.info("the desk is %s%s", "there" if is_connected else "away: ", words)


async def _require_answer(connection: Connection) -> None:
    """Ask for little. Raises DeskError `desk-silent` for a desk that does not answer."""
    try:
        async with asyncio.timeout(CONNECT_S):
            await connection.send({"op": "flags", "args": {}})
            await connection.line()
    except TimeoutError:
        raise DeskError(
            f"the desk takes connections and does not answer within {CONNECT_S:g} s",
            code="desk-silent",
        ) from None
