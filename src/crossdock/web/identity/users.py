"""People, and what they may do."""

from __future__ import annotations

import re
import secrets
import sqlite3
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

from crossdock.web.database import Database
from crossdock.web.identity.roles import Role
from crossdock.web.problems import Problem

NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._@+-]{0,63}")


class Source(StrEnum):
    """Who vouches for somebody. Nobody signs in by another way than their own."""

    PASSWORD = "password"  # noqa: S105
    OIDC = "oidc"
    PROXY = "proxy"
    OWN = "authenticator"
    LINK = "link"  # by one-time links alone, as in the demo


@dataclass(frozen=True, slots=True, kw_only=True)
class User:
    name: str
    role: Role
    source: Source
    epoch: int
    created_ns: int
    seen_ns: int
    has_totp: bool
    has_password: bool


class Users:
    def __init__(self, database: Database, now_ns: Callable[[], int]) -> None:
        self._database = database
        self._now_ns = now_ns

    def get(self, name: str) -> User | None:
        row = self._database.row("SELECT * FROM users WHERE name = ?", (name,))
        return None if row is None else _user(row)

    def require(self, name: str) -> User:
        """Raise Problem 404 for a name nobody has."""
        found = self.get(name)
        if found is None:
            raise Problem(404, "unknown-user", f"there is no user {name!r}")
        return found

    def all(self) -> list[User]:
        return [_user(row) for row in self._database.rows("SELECT * FROM users")]

    def is_empty(self) -> bool:
        return self._database.row("SELECT 1 FROM users LIMIT 1") is None

    def add(
        self,
        name: str,
        role: Role,
        source: Source,
        *,
        password: str = "",
        first: bool = False,
    ) -> User:
        """Raise Problem for a name that is taken or cannot be one. `password`: its hash.

        `first`: only where there is nobody yet.
        """
        if not NAME.fullmatch(name):
            raise Problem(
                422,
                "bad-argument",
                f"{name!r} cannot be a user's name",
                hint="letters, digits and . _ @ + -, 64 of them at most",
            )
        with self._database.writing() as cursor:
            if first and cursor.execute("SELECT 1 FROM users").fetchone():
                raise Problem(
                    409, "link-used", "somebody has set this dashboard up already"
                )
            if cursor.execute("SELECT 1 FROM users WHERE name = ?", (name,)).fetchone():
                raise Problem(409, "user-exists", f"there is a user {name!r} already")
            cursor.execute(
                "INSERT INTO users (name, role, source, password, epoch, created_ns) "
                "VALUES (?, ?, ?, ?, ?, ?)",
                # No two of one name begin alike: what the former one had is void.
                (name, role, source, password, secrets.randbits(62), self._now_ns()),
            )
        return self.require(name)

    def set_role(self, name: str, role: Role) -> User:
        with self._database.writing() as cursor:
            cursor.execute("UPDATE users SET role = ? WHERE name = ?", (role, name))
            _require_admin(cursor)
        return self.require(name)

    def remove(self, name: str) -> None:
        self.require(name)
        with self._database.writing() as cursor:
            cursor.execute("DELETE FROM users WHERE name = ?", (name,))
            _require_admin(cursor)

    def end_sessions(self, name: str) -> None:
        """Make every session of a user void, on every instance."""
        self._set(name, "epoch = epoch + 1")

    def saw(self, name: str) -> None:
        self._set(name, "seen_ns = ?", self._now_ns())

    # ---- what they sign in with ------------------------------------------------

    def password_of(self, name: str) -> str:
        """Return the hash of a password; empty for nobody and for those without one.

        Also for those somebody else vouches for, whatever was once set for their name.
        """
        query = "SELECT password FROM users WHERE name = ? AND source = ?"
        row = self._database.row(query, (name, Source.PASSWORD))
        return "" if row is None else str(row[0])

    def set_password(self, name: str, password: str) -> None:
        """Keep a hash, and end every session begun with the old one."""
        self._set(name, "password = ?, epoch = epoch + 1", password)

    def rehash(self, name: str, password: str) -> None:
        """Keep a newer hash of the same password."""
        self._set(name, "password = ?", password)

    def totp_of(self, name: str) -> str:
        return self._text(name, "totp")

    def set_totp(self, name: str, sealed: str) -> None:
        self._set(name, "totp = ?, totp_step = 0", sealed)

    def use_totp_step(self, name: str, step: int) -> bool:
        """Mark a step as used; False when it, or a later one, was used before."""
        with self._database.writing() as cursor:
            done = cursor.execute(
                "UPDATE users SET totp_step = ? WHERE name = ? AND totp_step < ?",
                (step, name, step),
            )
            return done.rowcount == 1

    def bind_subject(self, name: str, subject: str) -> bool:
        """Tie a user to what they are elsewhere; False when they are tied to another."""
        with self._database.writing() as cursor:
            cursor.execute(
                "UPDATE users SET subject = ? WHERE name = ? AND subject = ''",
                (subject, name),
            )
        return self._text(name, "subject") == subject

    def _text(self, name: str, column: str) -> str:
        query = f"SELECT {column} FROM users WHERE name = ?"  # noqa: S608  our own words
        row = self._database.row(query, (name,))
        return "" if row is None else str(row[0])

    def _set(self, name: str, change: str, *values: object) -> None:
        with self._database.writing() as cursor:
            query = f"UPDATE users SET {change} WHERE name = ?"  # noqa: S608  our own words
            cursor.execute(query, (*values, name))


def _user(row: sqlite3.Row) -> User:
    return User(
        name=row["name"],
        role=Role(row["role"]),
        source=Source(row["source"]),
        epoch=row["epoch"],
        created_ns=row["created_ns"],
        seen_ns=row["seen_ns"],
        has_totp=bool(row["totp"]),
        has_password=bool(row["password"]),
    )


def _require_admin(cursor: sqlite3.Cursor) -> None:
    if not cursor.execute("SELECT 1 FROM users WHERE role = 'admin'").fetchone():
        raise Problem(
            409,
            "last-admin",
            "nobody would be left who is an administrator",
            hint="make somebody else one first",
        )
