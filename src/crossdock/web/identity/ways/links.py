"""One-time links: the first administrator, a password to choose, a sign-in of the demo."""

from __future__ import annotations

import json
from dataclasses import dataclass
from enum import StrEnum

from crossdock.web.identity.sealing import digest, token
from crossdock.web.kept.kept import Kept
from crossdock.web.problems import Problem

SET_UP_S = 3600.0
INVITED_S = 3 * 24 * 3600.0
SIGN_IN_S = 300.0


class Purpose(StrEnum):
    SET_UP = "set-up"  # become the first administrator, by a name of one's own
    PASSWORD = "password"  # noqa: S105  choose a password, for a user who is known
    SIGN_IN = "sign-in"


@dataclass(frozen=True, slots=True, kw_only=True)
class Meant:
    purpose: Purpose
    user: str = ""


class Links:
    """Each works once, until its time."""

    def __init__(self, kept: Kept) -> None:
        self._kept = kept

    async def make(self, purpose: Purpose, user: str = "") -> str:
        """Return the token of a new link; older ones for the same no longer work."""
        prefix = _prefix(purpose, user)
        await self._drop(prefix)
        made = token()
        told = json.dumps({"purpose": purpose, "user": user})
        ttl_s = _TIMES[purpose]
        await self._kept.put(f"link:{digest(made)}", told, ttl_s=ttl_s)
        await self._kept.put(f"{prefix}{digest(made)}", digest(made), ttl_s=ttl_s)
        return made

    async def revoke(self, user: str) -> None:
        """End every link of a user, who is one no longer: the name may be another's soon."""
        for purpose in Purpose:
            await self._drop(_prefix(purpose, user))

    async def _drop(self, prefix: str) -> None:
        for name in await self._kept.names(prefix):
            meaning = await self._kept.take(name)
            if meaning is not None:
                await self._kept.drop(f"link:{meaning}")

    async def look(self, given: str) -> Meant:
        """Return what a link is for, and leave it. Raises Problem for one that is spent."""
        return _meant(await self._kept.get(f"link:{digest(given)}"))

    async def use(self, given: str, *purposes: Purpose) -> Meant:
        """Spend a link. Raises Problem when it is spent, too old, or for something else."""
        if (await self.look(given)).purpose not in purposes:
            raise _spent()
        return _meant(await self._kept.take(f"link:{digest(given)}"))


_TIMES = {
    Purpose.SET_UP: SET_UP_S,
    Purpose.PASSWORD: INVITED_S,
    Purpose.SIGN_IN: SIGN_IN_S,
}


def _prefix(purpose: Purpose, user: str) -> str:
    return f"link-for:{purpose}:{user.lower()}:"


def _meant(told: str | None) -> Meant:
    if told is None:
        raise _spent()
    meaning = json.loads(told)
    return Meant(purpose=Purpose(meaning["purpose"]), user=meaning["user"])


def _spent() -> Problem:
    return Problem(
        403,
        "link-spent",
        "this link was used already, is too old, or never was one",
        hint="where the dashboard runs, `crossdock dashboard link` prints a new one",
    )
