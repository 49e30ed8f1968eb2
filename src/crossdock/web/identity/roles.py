"""Who may do what: roles of people, accesses that routes need, scopes of keys."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from crossdock.app.doors.door import Door


class Role(StrEnum):
    """Each may do what the ones before it may."""

    VIEWER = "viewer"
    TRADER = "trader"
    RISK = "risk"
    ADMIN = "admin"

    @property
    def rank(self) -> int:
        return list(Role).index(self)

    def covers(self, other: Role) -> bool:
        return self.rank >= other.rank


class Access(StrEnum):
    """What a route needs, and what a key may be given. PUSH is for other platforms' data."""

    VIEW = "view"
    TRADE = "trade"
    RISK = "risk"
    ADMIN = "admin"
    PUSH = "push"

    @property
    def role(self) -> Role:
        """Return the least role that has it."""
        return _LEAST[self]


_LEAST = {
    Access.VIEW: Role.VIEWER,
    Access.TRADE: Role.TRADER,
    Access.RISK: Role.RISK,
    Access.ADMIN: Role.ADMIN,
    Access.PUSH: Role.TRADER,
}


def scopes_allow(scopes: Iterable[Access], needed: Access) -> bool:
    """Tell whether a key with these scopes may: each covers what lesser roles have.

    Pushing is apart, both ways: a key that may push may do nothing else by that.
    """
    if needed is Access.PUSH:
        return Access.PUSH in scopes
    held = [scope.role for scope in scopes if scope is not Access.PUSH]
    return any(role.covers(needed.role) for role in held)


@dataclass(frozen=True, slots=True, kw_only=True)
class Caller:
    """Who asks. `session` is empty for a key, `scopes` is None for a person."""

    name: str
    role: Role
    session: str = ""
    key: str = ""  # the id of the API key used
    scopes: frozenset[Access] | None = None

    def may(self, needed: Access) -> bool:
        if not self.role.covers(needed.role):
            return False
        return self.scopes is None or scopes_allow(self.scopes, needed)

    @property
    def door(self) -> Door:
        """Return what the desk's journal says of how they came."""
        return Door.DASHBOARD if self.session else Door.API
