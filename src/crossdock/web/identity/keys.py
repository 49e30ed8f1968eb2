"""API keys: tokens of programs, with scopes and an end."""

from __future__ import annotations

import secrets
import sqlite3
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from crossdock.web.database import Database
from crossdock.web.identity.roles import Access
from crossdock.web.identity.sealing import digest, token
from crossdock.web.problems import Problem

PREFIX = "cdk_"
LONGEST_DAYS = 366
MOST_KEYS = 50  # of one user
SECOND_NS = 1_000_000_000
DAY_NS = 24 * 3600 * SECOND_NS
_USED_EVERY_NS = 60 * SECOND_NS  # a write with every call would be dear


@dataclass(frozen=True, slots=True, kw_only=True)
class ApiKey:
    id: str
    user: str
    label: str
    scopes: frozenset[Access]
    created_ns: int
    until_ns: int
    used_ns: int


class ApiKeys:
    """Only the SHA-256 of a token is kept: its 256 random bits need no slower one."""

    def __init__(self, database: Database, now_ns: Callable[[], int]) -> None:
        self._database = database
        self._now_ns = now_ns

    def make(
        self, user: str, label: str, scopes: Iterable[Access], days: int
    ) -> tuple[str, ApiKey]:
        """Return a new token, which is shown this once, and its key."""
        if len(self.of(user)) >= MOST_KEYS:
            raise Problem(409, "too-many-keys", f"{user} has {MOST_KEYS} keys already")
        made = PREFIX + token()
        now = self._now_ns()
        key = ApiKey(
            id=secrets.token_hex(6),
            user=user,
            label=label,
            scopes=frozenset(scopes),
            created_ns=now,
            until_ns=now + min(days, LONGEST_DAYS) * DAY_NS,
            used_ns=0,
        )
        with self._database.writing() as cursor:
            cursor.execute(
                "INSERT INTO keys VALUES (?, ?, ?, ?, ?, ?, ?, 0)",
                (
                    key.id,
                    digest(made),
                    user,
                    label,
                    " ".join(sorted(key.scopes)),
                    now,
                    key.until_ns,
                ),
            )
        return made, key

    def find(self, given: str) -> ApiKey | None:
        """Return the key of a token that has not ended."""
        if not given.startswith(PREFIX):
            return None
        row = self._database.row("SELECT * FROM keys WHERE hash = ?", (digest(given),))
        if row is None or row["until_ns"] <= self._now_ns():
            return None
        key = _key(row)
        if self._now_ns() - key.used_ns > _USED_EVERY_NS:
            with self._database.writing() as cursor:
                cursor.execute(
                    "UPDATE keys SET used_ns = ? WHERE id = ?", (self._now_ns(), key.id)
                )
        return key

    def of(self, user: str | None = None) -> list[ApiKey]:
        """Return the keys of a user, or of all, ended ones included."""
        query = "SELECT * FROM keys WHERE ?1 IS NULL OR user = ?1 ORDER BY created_ns"
        return [_key(row) for row in self._database.rows(query, (user,))]

    def remove(self, key_id: str, user: str | None = None) -> None:
        """End a key at once. Raises Problem 404 for one that is not `user`'s."""
        with self._database.writing() as cursor:
            done = cursor.execute(
                "DELETE FROM keys WHERE id = ?1 AND (?2 IS NULL OR user = ?2)",
                (key_id, user),
            )
            if not done.rowcount:
                raise Problem(404, "unknown-key", f"there is no key {key_id!r}")


def _key(row: sqlite3.Row) -> ApiKey:
    return ApiKey(
        id=row["id"],
        user=row["user"],
        label=row["label"],
        scopes=frozenset(Access(word) for word in row["scopes"].split()),
        created_ns=row["created_ns"],
        until_ns=row["until_ns"],
        used_ns=row["used_ns"],
    )
