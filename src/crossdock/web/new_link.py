"""A new one-time link into a dashboard, for whoever its files belong to."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from crossdock.app.settings import DashboardSettings
from crossdock.errors import ConfigError
from crossdock.web.identity.identity import Identity
from crossdock.web.identity.users import Source, User, Users
from crossdock.web.identity.ways.links import Purpose

_BY_LINK = (Source.LINK, Source.PASSWORD)


@dataclass(frozen=True, slots=True, kw_only=True)
class NewLink:
    """`user` is empty for the first one, who chooses a name."""

    link: str
    purpose: Purpose
    user: str


async def new_link(
    settings: DashboardSettings,
    url: str,
    user: str = "",
    *,
    now_ns: Callable[[], int] = time.time_ns,
) -> NewLink:
    """Make a link, whether or not the dashboard runs; older ones for the same end.

    It signs in whoever comes by links alone, has others choose a password anew, and makes the
    first administrator where there is nobody. No user named: the only one it can be. Raises
    ConfigError when that is not told, or the files are somebody else's.
    """
    require_own(settings.database, os.geteuid())
    identity = Identity(settings, now_ns)
    try:
        if identity.users.is_empty() and settings.password_sign_in:
            return await _made(identity, url, Purpose.SET_UP)
        found = _chosen(identity.users, user)
        by_link = found.source is Source.LINK
        purpose = Purpose.SIGN_IN if by_link else Purpose.PASSWORD
        return await _made(identity, url, purpose, found.name)
    finally:
        await identity.close()


async def _made(identity: Identity, url: str, purpose: Purpose, user: str = "") -> NewLink:
    token = await identity.links.make(purpose, user)
    return NewLink(link=link_of(url, purpose, token), purpose=purpose, user=user)


def link_of(url: str, purpose: Purpose, token: str) -> str:
    """Return the address; its token is behind #, which no server and no log sees."""
    page = "sign-in" if purpose is Purpose.SIGN_IN else "set-up"
    return f"{url}/{page}#{token}"


def _chosen(users: Users, name: str) -> User:
    by_link = [each for each in users.all() if each.source in _BY_LINK]
    if not name:
        for fitting in ([u for u in by_link if u.source is Source.LINK], by_link):
            if len(fitting) == 1:
                return fitting[0]
    found = users.get(name)
    if found is not None and found.source in _BY_LINK:
        return found
    known = ", ".join(each.name for each in by_link)
    raise ConfigError(
        f"nobody called {name!r} comes in by link or password"
        if name
        else "for whom the link is was not said",
        code="unknown-user",
        hint=f"name one of: {known}" if known else "all come in by way of somebody else",
    )


def require_own(database: Path, me: int) -> None:
    """Raise ConfigError where the dashboard's files are another user's of this machine.

    An administrator of the machine could open them, and would leave files beside them that
    the dashboard cannot.
    """
    try:
        owner = database.stat().st_uid
    except FileNotFoundError:
        return
    except OSError as error:
        raise _not_ours(database, error.strerror or "") from None
    if owner != me:
        raise _not_ours(database, f"it is the file of user {owner}")


def _not_ours(database: Path, why: str) -> ConfigError:
    return ConfigError(
        f"the dashboard's database {database} is not yours: {why}",
        code="dashboard-database",
        hint="ask for the link as the user the dashboard runs as",
    )
