"""A new one-time link into a dashboard, for whoever its files belong to."""

from __future__ import annotations

import contextlib
import os
import time
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from pathlib import Path

from crossdock.app.own_folder import stranger_of
from crossdock.app.settings import DashboardSettings
from crossdock.errors import ConfigError
from crossdock.web.database import Database
from crossdock.web.identity.users import Source, User, Users
from crossdock.web.identity.ways.links import Links, Purpose
from crossdock.web.kept import keeping_of, kept_of
from crossdock.web.kept.chosen import REDIS

_BY_LINK = (Source.LINK, Source.PASSWORD)


@dataclass(frozen=True, slots=True, kw_only=True)
class NewLink:
    """`user` is empty for the first one, who chooses a name."""

    url: str
    purpose: Purpose
    user: str
    token: str = field(repr=False)

    @property
    def link(self) -> str:
        """The address; its token is behind #, which no server and no log sees."""
        page = "sign-in" if self.purpose is Purpose.SIGN_IN else "set-up"
        return f"{self.url}/{page}#{self.token}"


async def make_link(links: Links, url: str, purpose: Purpose, user: str = "") -> NewLink:
    token = await links.make(purpose, user)
    return NewLink(url=url, purpose=purpose, user=user, token=token)


def is_set_up_due(settings: DashboardSettings, users: Users) -> bool:
    """Tell whether whoever comes first makes themselves the administrator."""
    return settings.password_sign_in and users.is_empty()


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
    async with _opened(settings, now_ns) as (users, links):
        if is_set_up_due(settings, users):
            return await make_link(links, url, Purpose.SET_UP)
        found = _chosen(users, user)
        by_link = found.source is Source.LINK
        purpose = Purpose.SIGN_IN if by_link else Purpose.PASSWORD
        return await make_link(links, url, purpose, found.name)


@contextlib.asynccontextmanager
async def _opened(
    settings: DashboardSettings, now_ns: Callable[[], int]
) -> AsyncIterator[tuple[Users, Links]]:
    """Open what a link takes, and no more: no secret key is needed, and none is made."""
    database = Database(settings.database)
    try:
        kept = kept_of(settings, database, now_ns)
        try:
            yield Users(database, now_ns), Links(kept)
        finally:
            await kept.close()
    finally:
        database.close()


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

    An administrator of the machine could open them, and would leave files beside them, or
    before them, that the dashboard cannot.
    """
    try:
        owner = database.stat().st_uid
    except FileNotFoundError:
        _require_own_place(database, me)
        return
    except OSError as error:
        raise _not_ours(database, error.strerror or "") from None
    if owner != me:
        raise _not_ours(database, f"it is the file of user {owner}")


def _require_own_place(database: Path, me: int) -> None:
    try:
        other = stranger_of(database, me)
    except OSError as error:
        raise _not_ours(database, error.strerror or "") from None
    if other is not None:
        raise _not_ours(database, f"it would be made in a folder of user {other}")


def require_same_place(settings: DashboardSettings, keeps_in: str) -> None:
    """Raise ConfigError where the dashboard that runs keeps its links somewhere else.

    It may have been told so by a flag, or by an environment that is not this one.
    """
    ours = keeping_of(settings)
    if ours == keeps_in:
        return
    raise ConfigError(
        f"the dashboard that runs keeps its links in its {keeps_in}, these settings say "
        f"{ours}: it would not know the link",
        code="links-elsewhere",
        hint="give dashboard.redis_url as the dashboard has it, as "
        "CROSSDOCK_DASHBOARD_REDIS_URL in the environment"
        if keeps_in == REDIS
        else "leave dashboard.redis_url out, in the environment, too, as the dashboard does",
    )


def _not_ours(database: Path, why: str) -> ConfigError:
    return ConfigError(
        f"the dashboard's database {database} is not yours: {why}",
        code="dashboard-database",
        hint="ask for the link as the user the dashboard runs as",
    )
