"""A hostile venue for one trial: the sandbox as a child, and its admin port."""

from __future__ import annotations

from typing import Any

import aiohttp

from crossdock.app.demo.processes import SandboxProcess

ACCOUNT = "main"


class Hostile:
    """Faults in, truth out."""

    def __init__(
        self, sandbox: SandboxProcess, http: aiohttp.ClientSession, venue: str
    ) -> None:
        self._venue = venue
        self._sandbox = sandbox
        self._http = http

    async def arm(self, kind: str, **terms: object) -> None:
        await self._call("POST", "/faults", {"venue": self._venue, "kind": kind, **terms})

    async def act(self, action: str, **terms: object) -> None:
        await self._call(
            "POST", "/actions", {"venue": self._venue, "action": action, **terms}
        )

    async def disarm(self) -> None:
        await self._call("DELETE", "/faults")

    async def hits(self) -> dict[str, int]:
        hit: dict[str, int] = (await self._call("GET", "/faults"))["hit"]
        return hit

    async def truth(self) -> dict[str, Any]:
        """Return everything the venue knows of the traded account."""
        told = await self._call("GET", "/truth")
        account: dict[str, Any] = told["venues"][self._venue]["accounts"][ACCOUNT]
        return account

    async def _call(self, method: str, path: str, body: object = None) -> dict[str, Any]:
        url = self._sandbox.addresses["admin"] + path
        async with self._http.request(method, url, json=body) as reply:
            told: dict[str, Any] = await reply.json()
            if reply.status != 200:
                raise RuntimeError(f"admin {method} {path}: {told}")
            return told
