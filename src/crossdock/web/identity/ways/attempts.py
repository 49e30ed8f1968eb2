"""How often somebody may try: the more that failed, the longer the wait."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

from crossdock.web.kept.kept import Kept
from crossdock.web.problems import Problem

SECOND_NS = 1_000_000_000
REMEMBERED_S = 3600.0


@dataclass(frozen=True, slots=True)
class _Rule:
    free: int  # failures without a wait
    longest_s: float


# A user's waits stay short: a stranger could lock them out for as long.
_RULES = {"user": _Rule(4, 60.0), "address": _Rule(10, 900.0)}


class Attempts:
    """Counts sign-ins that failed, by user and by address, over every instance."""

    def __init__(self, kept: Kept, now_ns: Callable[[], int]) -> None:
        self._kept = kept
        self._now_ns = now_ns

    async def begin(self, *, user: str, address: str) -> None:
        """Count one before it is looked at. Raises Problem 429 while there is a wait."""
        who = {"user": user.lower(), "address": address}
        waits = [await self._wait_s(kind, name) for kind, name in who.items()]
        if (wait_s := max(waits)) > 0:
            raise _too_many(wait_s)
        for kind, name in who.items():
            rule = _RULES[kind]
            number = await self._kept.count(f"tries:{kind}:{name}", ttl_s=REMEMBERED_S)
            if number > rule.free:
                wait_s = min(2.0 ** min(number - rule.free, 30), rule.longest_s)
                until = self._now_ns() + int(wait_s * SECOND_NS)
                # Of those that come at once, over every instance, one is looked at.
                if not await self._kept.add(
                    f"wait:{kind}:{name}", str(until), ttl_s=wait_s
                ):
                    raise _too_many(wait_s)

    async def succeeded(self, *, user: str, address: str) -> None:
        """Forget a user's failures. The address keeps its count, less this one's wait."""
        await self._kept.drop(f"tries:user:{user.lower()}")
        await self._kept.drop(f"wait:user:{user.lower()}")
        await self._kept.drop(f"wait:address:{address}")

    async def _wait_s(self, kind: str, name: str) -> float:
        until = await self._kept.get(f"wait:{kind}:{name}")
        return 0.0 if until is None else (int(until) - self._now_ns()) / SECOND_NS


def _too_many(wait_s: float) -> Problem:
    return Problem(
        429,
        "too-many-attempts",
        f"too many failed: wait {math.ceil(wait_s)} s",
        headers={"Retry-After": str(math.ceil(wait_s))},
    )
