"""Redis channels `crossdock:platform:NAME`: platforms push by them, instances share by them."""

from __future__ import annotations

import asyncio
import json
import logging
import secrets
from collections.abc import Sequence
from types import TracebackType
from typing import Any, Self

from pydantic import TypeAdapter, ValidationError
from redis.asyncio import Redis
from redis.exceptions import RedisError

from crossdock.web.exact_numbers import read_json
from crossdock.web.misfits import words_of
from crossdock.web.platforms.platforms import Platforms
from crossdock.web.problems import Problem
from crossdock.web.shapes.platforms import PUSHED, Pushed

log = logging.getLogger(__name__)

PREFIX = "crossdock:platform:"
LARGEST = 4 << 20
FIRST_PAUSE_S, LONGEST_PAUSE_S = 0.25, 5.0


class Channel:
    """Takes in what is published, and publishes what came by HTTP to the other instances.

    A message is `{"subject": …, "data": {…} or […]}` in JSON; `data` as the API takes it.
    One that is not is logged and passed over. Whoever may write to the Redis server may
    push.
    """

    def __init__(self, url: str, platforms: Platforms) -> None:
        self._redis: Redis = Redis.from_url(url, decode_responses=True)
        self._platforms = platforms
        self._me = secrets.token_hex(8)
        self._task: asyncio.Task[None] | None = None
        self.is_listening = asyncio.Event()
        self.refused = 0

    async def __aenter__(self) -> Self:
        self._task = asyncio.create_task(self._listen())
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
        await self._redis.aclose()

    async def share(self, platform: str, said: Sequence[Pushed]) -> None:
        """Tell the other instances. Redis that is away costs them this, and us nothing."""
        message = {
            "from": self._me,
            "subject": said[0].subject,
            "data": [each.model_dump(mode="json", exclude_none=True) for each in said],
        }
        try:
            await self._redis.publish(PREFIX + platform, json.dumps(message))
        except (RedisError, OSError) as error:
            log.warning("other instances are not told: %s", type(error).__name__)

    async def _listen(self) -> None:
        pause_s = FIRST_PAUSE_S
        while True:
            try:
                async with self._redis.pubsub(ignore_subscribe_messages=True) as heard:
                    await heard.psubscribe(PREFIX + "*")
                    self.is_listening.set()
                    pause_s = FIRST_PAUSE_S
                    async for message in heard.listen():
                        self._take(str(message["channel"]), message["data"])
            except (RedisError, OSError) as error:
                self.is_listening.clear()
                log.warning("platforms cannot push by Redis: %s", type(error).__name__)
                await asyncio.sleep(pause_s)
                pause_s = min(pause_s * 2, LONGEST_PAUSE_S)

    def _take(self, channel: str, text: str) -> None:
        platform = channel.removeprefix(PREFIX)
        try:
            message = _message(text)
            if message.get("from") == self._me:
                return
            self._platforms.take(platform, said_in(message))
        except (Problem, ValueError) as error:
            self.refused += 1
            log.warning("what %.60s published is refused: %.300s", platform, error)


def _message(text: str) -> dict[str, Any]:
    if len(text) > LARGEST:
        raise ValueError("it is too large")
    message = read_json(text)
    if not isinstance(message, dict):
        raise ValueError("it is not an object")  # noqa: TRY004  as any that is not one
    return message


def said_in(message: dict[str, Any]) -> list[Pushed]:
    """Return what a message says. Raises ValueError."""
    shape = PUSHED.get(str(message.get("subject")))
    if shape is None:
        raise ValueError(f"it has no subject that there is: {', '.join(PUSHED)}")
    data = message.get("data")
    try:
        found: list[Pushed] = TypeAdapter(list[shape]).validate_python(  # type: ignore[valid-type]
            data if isinstance(data, list) else [data]
        )
    except ValidationError as error:
        raise ValueError(words_of(error.errors()[:3])) from None
    return found
