"""What outlives a restart: every value of a metric for a while, and the newest charts."""

from __future__ import annotations

import asyncio
import json
import logging
import sqlite3
from collections.abc import Sequence
from types import TracebackType
from typing import Self

from crossdock.web.database import Database
from crossdock.web.platforms.platforms import Platforms, Row

log = logging.getLogger(__name__)

SECOND_NS = 1_000_000_000
KEPT_NS = 30 * 86_400 * SECOND_NS
MOST_POINTS = 500_000
MOST_WAITING = 10_000
FLUSH_S = 1.0
_SCHEMA = """
CREATE TABLE IF NOT EXISTS platform_points (
  platform TEXT NOT NULL, name TEXT NOT NULL, at_ns INTEGER NOT NULL, value REAL NOT NULL,
  PRIMARY KEY (platform, name, at_ns)) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS platform_points_age ON platform_points (at_ns);
CREATE TABLE IF NOT EXISTS platform_charts (
  platform TEXT NOT NULL, key TEXT NOT NULL, row TEXT NOT NULL,
  PRIMARY KEY (platform, key)) WITHOUT ROWID
"""


class History:
    """Written once a second, not with every push: an async context manager.

    The same point written twice, by a repetition or by a second instance, is one point.
    """

    def __init__(self, database: Database, platforms: Platforms) -> None:
        self._database = database
        self._platforms = platforms
        self._points: list[tuple[str, str, int, float]] = []
        self._charts: dict[tuple[str, str], Row] = {}
        self._task: asyncio.Task[None] | None = None
        with database.writing() as cursor:
            for statement in _SCHEMA.split(";\n"):
                cursor.execute(statement)

    async def __aenter__(self) -> Self:
        self._restore()
        self._platforms.heard.append(self._hear)
        self._task = asyncio.create_task(self._keep())
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)
        self._platforms.heard.remove(self._hear)
        self.flush()

    def points(
        self, platform: str, name: str, since_ns: int, limit: int
    ) -> list[list[float]]:
        """Return the newest `[seconds, value]`, oldest of them first."""
        self.flush()
        rows = self._database.rows(
            "SELECT at_ns, value FROM platform_points WHERE platform = ? AND name = ? "
            "AND at_ns >= ? ORDER BY at_ns DESC LIMIT ?",
            (platform, name, since_ns, limit),
        )
        return [[row["at_ns"] / SECOND_NS, row["value"]] for row in reversed(rows)]

    def flush(self) -> None:
        """Write what has gathered. A database that fails loses this, and nothing else."""
        points, self._points = self._points, []
        charts, self._charts = self._charts, {}
        if not points and not charts:
            return
        try:
            with self._database.writing() as cursor:
                cursor.executemany(
                    "REPLACE INTO platform_points VALUES (?, ?, ?, ?)", points
                )
                cursor.executemany(
                    "REPLACE INTO platform_charts VALUES (?, ?, ?)",
                    [(*key, json.dumps(row)) for key, row in charts.items()],
                )
                self._forget_old(cursor, points)
        except sqlite3.Error as error:
            log.warning("what platforms pushed could not be kept: %s", error)

    def _forget_old(
        self, cursor: sqlite3.Cursor, points: Sequence[tuple[str, str, int, float]]
    ) -> None:
        if not points:
            return
        newest = max(point[2] for point in points)
        cursor.execute("DELETE FROM platform_points WHERE at_ns < ?", (newest - KEPT_NS,))
        cursor.execute(
            "DELETE FROM platform_points WHERE at_ns <= (SELECT at_ns FROM platform_points "
            "ORDER BY at_ns DESC LIMIT 1 OFFSET ?)",
            (MOST_POINTS,),
        )

    def _hear(self, platform: str, subject: str, rows: Sequence[Row]) -> None:
        if subject == "metrics":
            room = max(MOST_WAITING - len(self._points), 0)
            self._points += [
                (platform, row["key"], row["at_ns"], row["value"]["value"])
                for row in rows[:room]
            ]
        elif subject == "charts":
            self._charts |= {(platform, row["key"]): row for row in rows}

    def _restore(self) -> None:
        for row in self._database.rows("SELECT platform, row FROM platform_charts"):
            self._platforms.put(row["platform"], [json.loads(row["row"])])

    async def _keep(self) -> None:
        while True:
            await asyncio.sleep(FLUSH_S)
            self.flush()
