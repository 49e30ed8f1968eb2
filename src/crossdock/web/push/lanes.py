"""Who is told of a topic and when: those of one rate together, so that one text does."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable

from engineio.exceptions import EngineIOError  # type: ignore[import-untyped]

from crossdock.web.push.board import Topic
from crossdock.web.push.client import Client

log = logging.getLogger(__name__)

_AT_ONCE = 50  # sends between two turns of everybody else


class Lane:
    """The clients of one topic at one rate, each with the version it was last told."""

    def __init__(self, topic: Topic, period_s: float) -> None:
        self.topic = topic
        self.period_s = period_s
        self.members: dict[Client, int] = {}
        self.told_s = float("-inf")
        self.timer: asyncio.TimerHandle | None = None

    def close(self) -> None:
        if self.timer is not None:
            self.timer.cancel()
            self.timer = None


class Pusher:
    """Sends what is due. It waits for no client: one whose way is not free is passed by.

    Whoever is passed by is told once its way is free, if that is soon, and else with the
    others the next time; always what is newest then.
    """

    def __init__(self, now_s: Callable[[], float]) -> None:
        self._now_s = now_s
        self._due: dict[Lane, None] = {}
        self._drained: dict[Client, None] = {}
        self._wake = asyncio.Event()

    def changed(self, lane: Lane) -> None:
        """Have a lane told as soon as its rate allows."""
        if lane.timer is not None or lane in self._due:
            return
        left_s = lane.told_s + lane.period_s - self._now_s()
        if left_s <= 0:
            self._is_due(lane)
        else:
            self._again(lane, left_s)

    def begin(self, lane: Lane, client: Client) -> None:
        """Tell somebody who just came all there is."""
        lane.members[client] = 0
        client.drained = self.drained
        if lane.topic.version:
            client.late[lane] = None
            self.drained(client)

    def drained(self, client: Client) -> None:
        self._drained[client] = None
        self._wake.set()

    def _is_due(self, lane: Lane) -> None:
        lane.timer = None
        self._due[lane] = None
        self._wake.set()

    def _again(self, lane: Lane, in_s: float) -> None:
        loop = asyncio.get_running_loop()
        lane.timer = loop.call_later(in_s, self._is_due, lane)

    async def run(self) -> None:
        while True:
            await self._wake.wait()
            self._wake.clear()
            while self._due:
                lane = next(iter(self._due))
                del self._due[lane]
                await self._tell(lane)
            while self._drained:
                client = next(iter(self._drained))
                del self._drained[client]
                await self._tell_late(client)
            await asyncio.sleep(0)

    async def _tell(self, lane: Lane) -> None:
        lane.told_s = self._now_s()
        newest = lane.topic.version
        has_late = False
        for number, (client, known) in enumerate(list(lane.members.items())):
            if known >= newest:
                continue
            if not client.is_free:
                client.late[lane] = None
                has_late = True
                continue
            await self._send(lane, client, known)
            if number % _AT_ONCE == _AT_ONCE - 1:
                await asyncio.sleep(0)
        if has_late and lane.timer is None:
            self._again(lane, lane.period_s)

    async def _tell_late(self, client: Client) -> None:
        for lane in list(client.late):
            if not client.is_free:
                return
            del client.late[lane]
            known = lane.members.get(client)
            if known is None or known >= lane.topic.version:
                continue
            is_soon = self._now_s() - lane.told_s < lane.period_s / 2
            if known == 0 or is_soon:
                await self._send(lane, client, known)

    async def _send(self, lane: Lane, client: Client, known: int) -> None:
        text = lane.topic.text_since(known)
        if client not in lane.members:
            return
        lane.members[client] = lane.topic.version
        try:
            await client.send(text)
        except EngineIOError as error:
            log.debug("%r is going: %s", client, error)
        except Exception:
            log.exception("%r could not be told of %s", client, lane.topic.room)
