"""Pushing by a Redis or Valkey channel, where a dashboard listens to the same server."""

from __future__ import annotations

import json
import time
from collections.abc import Mapping
from typing import Any

from crossdock.errors import ConfigError, ExtraMissing, NotSent, Rejected, Unavailable

CHANNEL = "crossdock:platform:{}"


class RedisWay:
    """Publishes once, and tells when nobody listened. A channel keeps nothing."""

    def __init__(self, url: str, platform: str, *, timeout_s: float = 10.0) -> None:
        try:
            import redis
        except ImportError:
            raise ExtraMissing(
                "pushing by Redis needs a package that is not here",
                hint="pip install 'crossdock[dashboard]'",
            ) from None
        try:
            self._redis = redis.Redis.from_url(
                url, socket_timeout=timeout_s, socket_connect_timeout=timeout_s
            )
        except ValueError as error:
            raise ConfigError(
                f"this is no address of a Redis server: {error}",
                code="config-value",
                hint="like redis://127.0.0.1:6379/0",
            ) from None
        self._failures: tuple[type[Exception], ...] = (redis.RedisError, OSError)
        self._channel = CHANNEL.format(platform)

    def __repr__(self) -> str:
        return self._channel

    def close(self) -> None:
        self._redis.close()

    def push(self, subject: str, said: Mapping[str, Any]) -> None:
        # Told when it was: what comes late, or twice, is then seen to be no news.
        data = {"at_ns": time.time_ns(), **said}
        try:
            message = json.dumps({"subject": subject, "data": data}, allow_nan=False)
        except (TypeError, ValueError) as error:
            raise Rejected(f"{subject} cannot be written as JSON: {error}") from None
        try:
            listening = self._redis.publish(self._channel, message)
        except self._failures as error:
            raise NotSent(
                f"the Redis server does not take it: {type(error).__name__}",
                hint="the same values may be pushed again",
            ) from None
        if not listening:
            raise Unavailable(f"no dashboard listens to {self._channel}")
