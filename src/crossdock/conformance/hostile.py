"""One venue of a running sandbox, reached through its admin port."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Self

import aiohttp


class Hostile:
    """Faults in, truth out."""

    def __init__(
        self, admin_url: str, http: aiohttp.ClientSession, venue: str, account: str = "main"
    ) -> None:
        self._admin_url = admin_url
        self._http = http
        self._venue = venue
        self._account = account
        self.url = ""

    @classmethod
    async def opened(
        cls,
        admin_url: str,
        http: aiohttp.ClientSession,
        config: Mapping[str, Any],
        account: str,
    ) -> Self:
        """Have the sandbox host one more venue; its `url` is known then."""
        made = cls(admin_url, http, config["name"], account)
        made.url = (await made._call("POST", "/venues", config))["url"]
        return made

    async def close(self) -> None:
        """Have the venue hosted no longer: each one costs, if only by its ticks."""
        await self._call("DELETE", f"/venues/{self._venue}")

    async def arm(self, kind: str, **terms: object) -> None:
        await self._call("POST", "/faults", {"venue": self._venue, "kind": kind, **terms})

    async def act(self, action: str, **terms: object) -> None:
        await self._call(
            "POST", "/actions", {"venue": self._venue, "action": action, **terms}
        )

    async def seed(self, seed: int, rate: float, kinds: tuple[str, ...]) -> None:
        """Arm faults, so many a second, until they are disarmed."""
        order = {"venue": self._venue, "seed": seed, "rate": rate, "kinds": kinds}
        await self._call("POST", "/faults/seed", order)

    async def disarm(self) -> None:
        await self._call("DELETE", "/faults")

    async def hits(self) -> dict[str, int]:
        hit: dict[str, int] = (await self._call("GET", "/faults"))["hit"]
        return hit

    async def is_armed(self) -> bool:
        """Tell whether a fault is still to come, here or at another venue."""
        return bool((await self._call("GET", "/faults"))["armed"])

    async def truth(self) -> dict[str, Any]:
        """Return everything the venue knows of the traded account."""
        account: dict[str, Any] = (await self._told())["accounts"][self._account]
        return account

    async def best(self, symbol: str) -> dict[str, str | None]:
        """Return the best `bid` and `ask` of a market."""
        best: dict[str, str | None] = (await self._told())["best"][symbol]
        return best

    async def _told(self) -> dict[str, Any]:
        told: dict[str, Any] = (await self._call("GET", "/truth"))["venues"][self._venue]
        return told

    async def _call(self, method: str, path: str, body: object = None) -> dict[str, Any]:
        url = self._admin_url + path
        async with self._http.request(method, url, json=body) as reply:
            told: dict[str, Any] = await reply.json()
            if reply.status != 200:
                raise RuntimeError(f"admin {method} {path}: {told}")
            return told
