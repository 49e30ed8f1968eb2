"""The file of users and keys, which also keeps what is short-lived where no Redis does."""

from __future__ import annotations

import contextlib
import os
import sqlite3
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from crossdock.errors import ConfigError

VERSION = 1
_BUSY_S = 5.0
_SCHEMA = """
CREATE TABLE users (
  name TEXT PRIMARY KEY COLLATE NOCASE,
  role TEXT NOT NULL,
  password TEXT NOT NULL DEFAULT '',   -- argon2id; empty: no sign-in by password
  totp TEXT NOT NULL DEFAULT '',       -- sealed; empty: none
  totp_step INTEGER NOT NULL DEFAULT 0,-- the last one used: a code works once
  epoch INTEGER NOT NULL DEFAULT 0,    -- raised to end every session
  source TEXT NOT NULL,                -- who vouches for them: password, oidc, …
  subject TEXT NOT NULL DEFAULT '',    -- what they are to whoever vouches, once seen
  created_ns INTEGER NOT NULL,
  seen_ns INTEGER NOT NULL DEFAULT 0
);
CREATE TABLE keys (
  id TEXT PRIMARY KEY,
  hash TEXT NOT NULL UNIQUE,           -- SHA-256 of a token of 256 random bits
  user TEXT NOT NULL COLLATE NOCASE REFERENCES users(name) ON DELETE CASCADE,
  label TEXT NOT NULL,
  scopes TEXT NOT NULL,
  created_ns INTEGER NOT NULL,
  until_ns INTEGER NOT NULL,
  used_ns INTEGER NOT NULL DEFAULT 0
);
CREATE TABLE kept (name TEXT PRIMARY KEY, value TEXT NOT NULL, until_ns INTEGER NOT NULL)
  WITHOUT ROWID;
CREATE INDEX kept_until ON kept (until_ns);
"""


class Database:
    """One connection, used in the loop alone. Made for its owner only, on first use."""

    def __init__(self, path: Path) -> None:
        try:
            path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            # Made under its final mode: SQLite's own would be what the umask leaves.
            os.close(os.open(path, os.O_CREAT | os.O_RDWR, 0o600))
            self._connection = sqlite3.connect(
                path, timeout=_BUSY_S, isolation_level=None, check_same_thread=False
            )
            self._connection.row_factory = sqlite3.Row
            for pragma in ("journal_mode = WAL", "foreign_keys = ON", "synchronous = FULL"):
                self._connection.execute(f"PRAGMA {pragma}")
            self._migrate(path)
        except (OSError, sqlite3.Error) as error:
            raise ConfigError(
                f"the dashboard's database {path} cannot be opened: {error}",
                code="dashboard-database",
                hint="set dashboard.database to a file in a folder of your own",
            ) from None

    def _migrate(self, path: Path) -> None:
        with self.writing() as cursor:
            version = cursor.execute("PRAGMA user_version").fetchone()[0]
            if version > VERSION:
                raise ConfigError(
                    f"{path} was written by a newer Crossdock (format {version})",
                    code="dashboard-database",
                    hint="use that version, or another file",
                )
            if version == 0:
                for statement in _SCHEMA.split(";\n"):
                    cursor.execute(statement)
                cursor.execute(f"PRAGMA user_version = {VERSION}")

    @contextlib.contextmanager
    def writing(self) -> Iterator[sqlite3.Cursor]:
        """Write all of it or nothing; no other writer comes between."""
        cursor = self._connection.cursor()
        cursor.execute("BEGIN IMMEDIATE")
        try:
            yield cursor
        except BaseException:
            cursor.execute("ROLLBACK")
            raise
        cursor.execute("COMMIT")

    def row(self, query: str, values: Sequence[Any] = ()) -> sqlite3.Row | None:
        found: sqlite3.Row | None = self._connection.execute(query, values).fetchone()
        return found

    def rows(self, query: str, values: Sequence[Any] = ()) -> list[sqlite3.Row]:
        return self._connection.execute(query, values).fetchall()

    def close(self) -> None:
        self._connection.close()
