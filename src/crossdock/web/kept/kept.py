"""What sessions and all else that is short-lived are kept in."""

from __future__ import annotations

from typing import Protocol


class KeptAway(OSError):
    """What keeps the values fails: who is signed in cannot be told just now."""


class Kept(Protocol):
    """Names with values, each until its time. Every call is atomic, or raises KeptAway."""

    async def get(self, name: str) -> str | None: ...

    async def put(self, name: str, value: str, *, ttl_s: float) -> None: ...

    async def add(self, name: str, value: str, *, ttl_s: float) -> bool:
        """Put a value where there is none; tell whether that was so."""
        ...

    async def take(self, name: str) -> str | None:
        """Return a value and drop it: of two who take, one gets it."""
        ...

    async def drop(self, name: str) -> None: ...

    async def count(self, name: str, *, ttl_s: float) -> int:
        """Add one and return the sum. The time begins anew with each."""
        ...

    async def names(self, prefix: str) -> list[str]: ...

    async def ping(self) -> None:
        """Raise KeptAway when values can be neither kept nor found."""
        ...

    async def close(self) -> None: ...
