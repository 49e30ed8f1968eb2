"""Short-lived values in the file that holds the users: shared by this machine's instances."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable

from crossdock.web.database import Database
from crossdock.web.kept.kept import KeptAway

SECOND_NS = 1_000_000_000


class SqliteKept:
    """`Kept` in a SQLite table. A call takes microseconds, so it stays in the loop."""

    def __init__(self, database: Database, now_ns: Callable[[], int]) -> None:
        self._database = database
        self._now_ns = now_ns

    async def get(self, name: str) -> str | None:
        return self._get(name)

    async def put(self, name: str, value: str, *, ttl_s: float) -> None:
        with self._database.writing() as cursor:
            self._forget_old(cursor)
            self._put(cursor, name, value, ttl_s)

    async def add(self, name: str, value: str, *, ttl_s: float) -> bool:
        with self._database.writing() as cursor:
            self._forget_old(cursor)
            if self._get(name) is not None:
                return False
            self._put(cursor, name, value, ttl_s)
        return True

    async def take(self, name: str) -> str | None:
        with self._database.writing() as cursor:
            found = self._get(name)
            cursor.execute("DELETE FROM kept WHERE name = ?", (name,))
        return found

    async def drop(self, name: str) -> None:
        with self._database.writing() as cursor:
            cursor.execute("DELETE FROM kept WHERE name = ?", (name,))

    async def count(self, name: str, *, ttl_s: float) -> int:
        with self._database.writing() as cursor:
            number = int(self._get(name) or 0) + 1
            self._put(cursor, name, str(number), ttl_s)
        return number

    async def names(self, prefix: str) -> list[str]:
        rows = self._database.rows(
            "SELECT name FROM kept WHERE name >= ? AND name < ? AND until_ns > ?",
            (prefix, prefix + "\U0010ffff", self._now_ns()),
        )
        return [row["name"] for row in rows]

    async def ping(self) -> None:
        try:
            self._database.row("SELECT 1 FROM kept LIMIT 1")
        except sqlite3.Error as error:
            raise KeptAway(f"the dashboard's database fails: {error}") from error

    async def close(self) -> None:
        """Nothing is held beside the database itself."""

    def _get(self, name: str) -> str | None:
        row = self._database.row(
            "SELECT value FROM kept WHERE name = ? AND until_ns > ?", (name, self._now_ns())
        )
        return None if row is None else str(row["value"])

    def _put(self, cursor: sqlite3.Cursor, name: str, value: str, ttl_s: float) -> None:
        until = self._now_ns() + int(ttl_s * SECOND_NS)
        cursor.execute("REPLACE INTO kept VALUES (?, ?, ?)", (name, value, until))

    def _forget_old(self, cursor: sqlite3.Cursor) -> None:
        cursor.execute("DELETE FROM kept WHERE until_ns <= ?", (self._now_ns(),))
