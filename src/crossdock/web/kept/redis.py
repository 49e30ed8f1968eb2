"""Short-lived values in Redis or Valkey: shared by instances on several machines."""

from __future__ import annotations

from typing import cast

from redis.asyncio import Redis
from redis.exceptions import RedisError

from crossdock.web.kept.kept import KeptAway

_PREFIX = "crossdock:kept:"


class RedisKept:
    """`Kept` on a Redis server."""

    def __init__(self, url: str) -> None:
        self._redis: Redis = Redis.from_url(url, decode_responses=True)

    async def get(self, name: str) -> str | None:
        with _failing():
            found = await self._redis.get(_PREFIX + name)
        return cast("str | None", found)  # decode_responses

    async def put(self, name: str, value: str, *, ttl_s: float) -> None:
        with _failing():
            await self._redis.set(_PREFIX + name, value, px=_ms(ttl_s))

    async def add(self, name: str, value: str, *, ttl_s: float) -> bool:
        with _failing():
            done = await self._redis.set(_PREFIX + name, value, px=_ms(ttl_s), nx=True)
        return bool(done)

    async def take(self, name: str) -> str | None:
        with _failing():
            found = await self._redis.getdel(_PREFIX + name)
        return cast("str | None", found)

    async def drop(self, name: str) -> None:
        with _failing():
            await self._redis.delete(_PREFIX + name)

    async def count(self, name: str, *, ttl_s: float) -> int:
        with _failing():
            async with self._redis.pipeline(transaction=True) as together:
                together.incr(_PREFIX + name)
                together.pexpire(_PREFIX + name, _ms(ttl_s))
                number, _ = await together.execute()
        return int(number)

    async def names(self, prefix: str) -> list[str]:
        with _failing():
            return [
                name.removeprefix(_PREFIX)
                async for name in self._redis.scan_iter(match=f"{_PREFIX}{prefix}*")
            ]

    async def ping(self) -> None:
        with _failing():
            await self._redis.ping()

    async def close(self) -> None:
        await self._redis.aclose()


class _failing:  # noqa: N801  reads as the statement that it is
    """Turns what the client raises into KeptAway, which carries no address or password."""

    def __enter__(self) -> None:
        return None

    def __exit__(self, kind: object, error: BaseException | None, trace: object) -> None:
        if isinstance(error, RedisError):
            raise KeptAway(f"Redis fails: {type(error).__name__}") from error


def _ms(ttl_s: float) -> int:
    return max(1, int(ttl_s * 1000))
