"""Who is signed in. A session is a random token; what it means stays on our side."""

from __future__ import annotations

import json
from dataclasses import dataclass

from crossdock.web.identity.sealing import Seal, digest, token
from crossdock.web.identity.users import User, Users
from crossdock.web.kept.kept import Kept


@dataclass(frozen=True, slots=True, kw_only=True)
class Session:
    token: str
    user: User

    def __repr__(self) -> str:
        return f"Session({self.user.name})"


class Sessions:
    def __init__(self, users: Users, kept: Kept, seal: Seal, *, lasting_s: float) -> None:
        self._users = users
        self._kept = kept
        self._seal = seal
        self.lasting_s = lasting_s

    async def begin(self, user: User) -> Session:
        """Begin one for somebody whose identity was just proven."""
        made = Session(token=token(), user=user)
        told = {"user": user.name, "epoch": user.epoch}
        await self._kept.put(_name(made.token), json.dumps(told), ttl_s=self.lasting_s)
        self._users.saw(user.name)
        return made

    async def find(self, given: str) -> Session | None:
        """Return a session that still holds, of a user who still exists."""
        told = await self._kept.get(_name(given))
        if told is None:
            return None
        meant = json.loads(told)
        user = self._users.get(meant["user"])
        if user is None or user.epoch != meant["epoch"]:
            await self._kept.drop(_name(given))
            return None
        return Session(token=given, user=user)

    async def end(self, given: str) -> None:
        await self._kept.drop(_name(given))

    def csrf_token(self, given: str) -> str:
        """Return what every write of this session carries, which no other site can know."""
        return self._seal.signature("csrf", given)


def _name(given: str) -> str:
    return f"session:{digest(given)}"
