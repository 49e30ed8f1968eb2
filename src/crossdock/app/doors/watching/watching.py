"""A control connection that has become a stream: what changed, to whoever keeps up.

Lines are `{"topic", "seq", "kind", "at", "data"}`; `kind` is snapshot, change or error.
Nothing is ever queued: a line is made when the last ones have left, from what is then.
Whoever asks for it by `"beat": true` gets `{"beat": at}` first, and each second.
"""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import Awaitable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import msgspec

from crossdock.app.doors.acting.steering import SteeringOperations
from crossdock.app.doors.acting.strategies import StrategyOperations
from crossdock.app.doors.reading.looking import LookingOperations
from crossdock.app.doors.reading.status import desk_status
from crossdock.app.doors.watching import market_topics as m
from crossdock.app.doors.watching import topics as t
from crossdock.errors import DeskError, Error
from crossdock.ports import Clock

if TYPE_CHECKING:
    from crossdock.app.desk import Desk

log = logging.getLogger(__name__)

SECOND_NS = 1_000_000_000
STALLED_S = 30.0  # after which whoever does not read is let go
LEAST_MS, MOST_MS = 20, 10_000
MOST_TOPICS = 500
AGAIN_S = 1.0  # after which a topic that failed is tried again
BEAT_S = 1.0
PLAIN = (
    "status",
    "books",
    "orders",
    "fills",
    "positions",
    "portfolio",
    "signals",
    "strategies",
    "risk",
    "alerts",
    "doubts",
    "flags",
)


class _Watched:
    """One topic of one connection."""

    def __init__(self, name: str, topic: t.Topic | None, error: Error | None) -> None:
        self.name = name
        self.topic = topic
        self.error = error
        self.seq = 0
        self.next_ns = 0  # monotonic, before which it is not looked at
        self.told_error = ""
        self.every_ns = 0 if topic is None else int(topic.every_s * SECOND_NS)
        self._asked: asyncio.Future[t.News | None] | None = None
        self._is_left = False

    async def news(self) -> t.News | None:
        """Return what is new. What takes its time, such as a venue's word, is told by a
        later look: the other topics are not kept waiting.
        """
        if self.topic is None:
            raise self.error or DeskError("there is no such topic")
        if self._is_left:
            return None
        if self._asked is None:
            news = self.topic.news()
            if not isinstance(news, Awaitable):
                return news
            self._asked = asyncio.ensure_future(news)
            await asyncio.sleep(0)  # most have their answer without waiting for anybody
        asked = self._asked
        if self._is_left or not asked.done():
            return None
        self._asked = None
        return asked.result()

    def leave(self) -> None:
        """Let go of what was asked for: nobody watches this any more."""
        self._is_left = True
        if self._asked is not None:
            self._asked.cancel()
            self._asked.add_done_callback(lambda it: it.cancelled() or it.exception())


class _Beat:
    """Says each second that the desk lives, so that its silence says something, too."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._next_ns = 0

    def line(self) -> bytes | None:
        now = self._clock.monotonic_ns()
        if now < self._next_ns:
            return None
        self._next_ns = now + int(BEAT_S * SECOND_NS)
        return msgspec.json.encode({"beat": self._clock.time_ns()}) + b"\n"


class Watching:
    """Serves `watch` on connections of the control server."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._clock = desk.kernel.clock

    async def serve(
        self,
        reader: asyncio.StreamReader,
        writer: asyncio.StreamWriter,
        args: Mapping[str, Any],
    ) -> None:
        """Push until the other side leaves, or stops reading for half a minute.

        A line `{"topics": […]}` that it sends puts other topics in the place of these.
        """
        watched = self._topics({}, _names(args.get("topics", ())))
        interval_s = _interval_s(args.get("interval_ms", 100))
        beat = _Beat(self._clock) if args.get("beat") is True else None
        if beat is not None:
            interval_s = min(interval_s, BEAT_S)
        holder = [watched]
        listening = asyncio.ensure_future(self._listen(reader, holder))
        try:
            await self._push(writer, holder, interval_s, listening, beat)
        finally:
            listening.cancel()
            for each in holder[0].values():
                each.leave()

    async def _listen(
        self, reader: asyncio.StreamReader, holder: list[dict[str, _Watched]]
    ) -> None:
        while line := await reader.readline():
            try:
                names = _names(json.loads(line)["topics"])
            except (ValueError, KeyError, TypeError, DeskError) as error:
                log.debug("a line on a watched connection: %s", error)
                continue
            before = holder[0]
            holder[0] = self._topics(before, names)
            for name in before.keys() - holder[0].keys():
                before[name].leave()

    async def _push(
        self,
        writer: asyncio.StreamWriter,
        holder: Sequence[dict[str, _Watched]],
        interval_s: float,
        listening: asyncio.Future[None],
        beat: _Beat | None,
    ) -> None:
        transport = writer.transport
        drained_ns = self._clock.monotonic_ns()
        begin = 0
        while not listening.done() and not transport.is_closing():
            if not transport.get_write_buffer_size():
                drained_ns = self._clock.monotonic_ns()
                if beat is not None and (line := beat.line()) is not None:
                    writer.write(line)
                # Each time from where the last one ended: where there is room for a few
                # topics only, all of them have their turn.
                topics = [*holder[0].values()]
                for turn in range(len(topics)):
                    watched = topics[(begin + turn) % len(topics)]
                    line = await self._line(watched)
                    if line is None:
                        continue
                    if transport.is_closing():
                        return
                    writer.write(line)
                    if transport.get_write_buffer_size():
                        begin += turn + 1
                        break  # the others are told what is newest once this has left
                    await asyncio.sleep(0)  # orders go first
            elif self._clock.monotonic_ns() - drained_ns > STALLED_S * SECOND_NS:
                log.warning("a watcher did not read for %g s and is let go", STALLED_S)
                transport.abort()
                return
            pause = asyncio.ensure_future(self._clock.sleep(interval_s))
            try:
                await asyncio.wait({pause, listening}, return_when=asyncio.FIRST_COMPLETED)
            finally:
                pause.cancel()

    async def _line(self, watched: _Watched) -> bytes | None:
        """Return what a topic has to say now, None for nothing."""
        now = self._clock.monotonic_ns()
        if now < watched.next_ns:
            return None
        try:
            news = await watched.news()
            watched.next_ns = now + watched.every_ns
        except Exception as error:
            watched.next_ns = now + int(AGAIN_S * SECOND_NS)
            if watched.topic is not None:
                # What it took for told was not: it begins anew, by a snapshot.
                watched.topic = self._topic(watched.name)
            if isinstance(error, Error):
                return self._failure(watched, error)
            log.exception("the topic %s failed", watched.name)
            return self._failure(watched, DeskError(str(error), code="internal"))
        if news is None:
            return None
        watched.told_error = ""
        return self._said(watched, "snapshot" if news.is_snapshot else "change", news.data)

    def _failure(self, watched: _Watched, error: Error) -> bytes | None:
        if watched.told_error == error.message:
            return None
        watched.told_error = error.message
        return self._said(
            watched,
            "error",
            {"code": error.code, "message": error.message, "hint": error.hint},
        )

    def _said(self, watched: _Watched, kind: str, data: Any) -> bytes:
        watched.seq += 1
        said = {
            "topic": watched.name,
            "seq": watched.seq,
            "kind": kind,
            "at": self._clock.time_ns(),
            "data": data,
        }
        return msgspec.json.encode(said) + b"\n"

    # ---- topics ----------------------------------------------------------------

    def _topics(
        self, before: Mapping[str, _Watched], names: Sequence[str]
    ) -> dict[str, _Watched]:
        """Keep those that were watched already: they go on from what they told last."""
        return {name: before.get(name) or self._made(name) for name in names}

    def _made(self, name: str) -> _Watched:
        try:
            return _Watched(name, self._topic(name), None)
        except Error as error:
            return _Watched(name, None, error)

    def _topic(self, name: str) -> t.Topic:
        desk = self._desk
        looking = LookingOperations(desk)
        kind, _, rest = name.partition(":")
        if kind == "ladder" and rest:
            return m.Ladder(desk, looking, rest)
        if kind == "candle" and ":" in rest:
            symbol, _, timeframe = rest.rpartition(":")
            return m.CandleChart(desk, looking, symbol, timeframe)
        operations, steering = desk.operations, SteeringOperations(desk)
        match name:
            case "status":
                return t.Whole(lambda: desk_status(desk), 1.0)
            case "books":
                return m.Books(desk)
            case "orders":
                return t.Orders(desk)
            case "fills":
                return t.Fills(desk, operations.fills_of_each)
            case "positions":
                return self._with_fills(t.Whole(operations.positions))
            case "portfolio":
                return self._with_fills(t.Whole(self._portfolio))
            case "signals":
                return t.Signals(desk, looking)
            case "strategies":
                strategies = StrategyOperations(desk)
                return t.Rows(
                    lambda: strategies.strategies(log=False, curve=False), "name", 1.0
                )
            case "risk":
                return t.Whole(steering.risk, 1.0)
            case "alerts":
                return t.Alerts(desk)
            case "doubts":
                return t.Whole(operations.doubts, 0.5)
            case "flags":
                return t.Whole(steering.flags, 0.0, lambda: desk.kernel.sequence)
        raise DeskError(
            f"there is no topic {name!r}",
            code="unknown-topic",
            hint=f"there are {', '.join(PLAIN)}, ladder:SYMBOL and candle:SYMBOL:TIMEFRAME",
        )

    def _with_fills(self, topic: t.Topic) -> t.Topic:
        """Look once a second, and at once when something was filled."""
        return t.Hastened(
            topic,
            lambda: self._desk.happenings.fill_count,
            self._clock.monotonic_ns,
            1.0,
        )

    def _portfolio(self) -> dict[str, Any]:
        return self._desk.operations.portfolio()


def _names(given: Any) -> list[str]:
    if not isinstance(given, list | tuple) or not all(isinstance(it, str) for it in given):
        raise DeskError("topics is a list of names", code="bad-argument")
    names = list(dict.fromkeys(given))
    if len(names) > MOST_TOPICS:
        raise DeskError(f"at most {MOST_TOPICS} topics are watched", code="bad-argument")
    return names


def _interval_s(given: Any) -> float:
    if isinstance(given, bool) or not isinstance(given, int | float):
        raise DeskError("interval_ms is a number", code="bad-argument")
    return min(max(given, LEAST_MS), MOST_MS) / 1000
