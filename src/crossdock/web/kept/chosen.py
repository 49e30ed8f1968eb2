"""Which place the settings choose for what is short-lived."""

from __future__ import annotations

from collections.abc import Callable

from crossdock.app.settings import DashboardSettings
from crossdock.web.database import Database
from crossdock.web.kept.kept import Kept
from crossdock.web.kept.sqlite import SqliteKept

REDIS, DATABASE = "redis", "database"


def keeping_of(settings: DashboardSettings) -> str:
    """Return the name of the place, without its address or password."""
    return REDIS if settings.redis_url else DATABASE


def kept_of(
    settings: DashboardSettings, database: Database, now_ns: Callable[[], int]
) -> Kept:
    """Open it. `database` stays its owner's to close."""
    if url := settings.redis_url.reveal():
        from crossdock.web.kept.redis import RedisKept

        return RedisKept(url)
    return SqliteKept(database, now_ns)
