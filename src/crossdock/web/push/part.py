"""What the application is given of all this: the socket, and platforms' routes beside it."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from contextlib import AsyncExitStack
from types import TracebackType
from typing import Any, Self

from crossdock.web.dashboard import Dashboard
from crossdock.web.parts import Part
from crossdock.web.platforms.channel import Channel
from crossdock.web.platforms.history import History
from crossdock.web.platforms.intake import SignalIntake
from crossdock.web.platforms.platforms import Platforms, Row
from crossdock.web.platforms.routes import platform_routes
from crossdock.web.platforms.webhook_routes import webhook_routes
from crossdock.web.platforms.webhooks import Webhooks
from crossdock.web.problems import Problem
from crossdock.web.push.push import Push
from crossdock.web.shapes.platforms import Pushed


class Pushing:
    """Runs the socket and what feeds it, for as long as the application does."""

    def __init__(self, dashboard: Dashboard, now_s: Callable[[], float]) -> None:
        self.push = Push(dashboard, now_s)
        self.platforms = Platforms(dashboard.now_ns)
        self.history = History(dashboard.identity.database, self.platforms)
        url = dashboard.settings.dashboard.redis_url.reveal()
        self.channel = Channel(url, self.platforms) if url else None
        self._now_ns = dashboard.now_ns
        self._stack = AsyncExitStack()

    async def take(self, platform: str, said: Sequence[Pushed]) -> None:
        """Take in what a platform pushed here, and tell the other instances."""
        self.platforms.take(platform, said)
        if self.channel is not None:
            await self.channel.share(platform, said)

    async def __aenter__(self) -> Self:
        self.push.feed("platform", self._known)
        self.push.feed("platforms", self._all)
        self.platforms.heard.append(self._hear)
        await self._stack.enter_async_context(self.history)
        if self.channel is not None:
            await self._stack.enter_async_context(self.channel)
        await self._stack.enter_async_context(self.push)
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self._stack.aclose()

    def _hear(self, platform: str, subject: str, rows: Sequence[Row]) -> None:
        now, rooms = self._now_ns(), self.push.rooms
        rooms.take(f"platform:{platform}", "change", list(reversed(rows)), now)
        rooms.take("platforms", "change", [self.platforms.standing(platform)], now)

    def _known(self, room: str) -> tuple[Any, int]:
        try:
            rows = self.platforms.rows(room.partition(":")[2])
        except Problem:
            rows = []  # nothing yet
        return rows, self._now_ns()

    def _all(self, _: str) -> tuple[Any, int]:
        return self.platforms.all(), self._now_ns()


def push_part(dashboard: Dashboard, now_s: Callable[[], float] = time.monotonic) -> Part:
    running = Pushing(dashboard, now_s)
    webhooks = Webhooks(dashboard.identity.database, dashboard.now_ns)
    dashboard.meters.push_clients = lambda: len(running.push.clients)
    return Part(
        routers=[
            platform_routes(running.platforms, running.history, running.take),
            webhook_routes(webhooks, SignalIntake(dashboard, webhooks)),
        ],
        mounts={"/socket.io": running.push.application},
        running=running,
    )
