"""Socket.IO's own client manager over Redis or Valkey, which can be ended."""

from __future__ import annotations

import asyncio

import socketio  # type: ignore[import-untyped]

CHANNEL = "crossdock:socketio"


class SharedClients(socketio.AsyncRedisManager):  # type: ignore[misc]  # no types
    """Rooms that reach over every instance.

    What desks and platforms say each instance hears by itself. This carries what is meant
    for one client or room wherever it is: whoever may write to the Redis server can emit,
    with `socketio.RedisManager(url, channel="crossdock:socketio", write_only=True)`.
    """

    def __init__(self, url: str) -> None:
        super().__init__(url, channel=CHANNEL)

    async def close(self) -> None:
        task: asyncio.Task[None] | None = getattr(self, "thread", None)
        if task is not None:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)
        if self.pubsub is not None:
            await self.pubsub.aclose()
        if self.redis is not None:
            await self.redis.aclose()
