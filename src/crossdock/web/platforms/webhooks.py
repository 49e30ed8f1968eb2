"""Ways in for alerts: each has a token of its own, a user it speaks for, and bounds."""

from __future__ import annotations

import hmac
import json
import secrets
import sqlite3
from collections.abc import Callable

from crossdock.web.database import Database
from crossdock.web.identity.sealing import digest, token
from crossdock.web.problems import Problem
from crossdock.web.shapes.webhooks import NewWebhook, Webhook

PREFIX = "cdw_"
MOST_WEBHOOKS = 50  # of one user
BY_HAND = "manual"  # whose orders people place themselves
_SCHEMA = """
CREATE TABLE IF NOT EXISTS webhooks (
  id TEXT PRIMARY KEY,
  hash TEXT NOT NULL UNIQUE,
  user TEXT NOT NULL COLLATE NOCASE REFERENCES users(name) ON DELETE CASCADE,
  terms TEXT NOT NULL,
  created_ns INTEGER NOT NULL,
  used_ns INTEGER NOT NULL DEFAULT 0
)
"""


class Webhooks:
    """Only the SHA-256 of a token is kept: its 256 random bits need no slower one."""

    def __init__(self, database: Database, now_ns: Callable[[], int]) -> None:
        self._database = database
        self._now_ns = now_ns
        with database.writing() as cursor:
            cursor.execute(_SCHEMA)

    def make(self, user: str, asked: NewWebhook) -> tuple[str, Webhook]:
        """Return a new token, which is shown this once, and what it may do."""
        if asked.strategy == BY_HAND:
            raise Problem(
                422,
                "bad-argument",
                f"strategy: {BY_HAND} is whom orders placed by hand belong to",
                hint="give the webhook a strategy of its own",
            )
        if len(self.of(user)) >= MOST_WEBHOOKS:
            raise Problem(409, "too-many-webhooks", f"{user} has {MOST_WEBHOOKS} already")
        made = PREFIX + token()
        webhook = Webhook(
            **asked.model_dump(),
            id=secrets.token_hex(6),
            user=user,
            created_ns=self._now_ns(),
        )
        with self._database.writing() as cursor:
            cursor.execute(
                "INSERT INTO webhooks VALUES (?, ?, ?, ?, ?, 0)",
                (
                    webhook.id,
                    digest(made),
                    user,
                    json.dumps(asked.model_dump()),
                    webhook.created_ns,
                ),
            )
        return made, webhook

    def find(self, given: str) -> Webhook | None:
        """Return what a token stands for. How long this takes says nothing of any token."""
        hashed = digest(given)
        row = self._database.row("SELECT * FROM webhooks WHERE hash = ?", (hashed,))
        if row is None or not hmac.compare_digest(row["hash"], hashed):
            return None
        with self._database.writing() as cursor:
            cursor.execute(
                "UPDATE webhooks SET used_ns = ? WHERE id = ?", (self._now_ns(), row["id"])
            )
        return _webhook(row)

    def of(self, user: str | None = None) -> list[Webhook]:
        """Return those of a user, or of all."""
        query = "SELECT * FROM webhooks WHERE ?1 IS NULL OR user = ?1 ORDER BY created_ns"
        return [_webhook(row) for row in self._database.rows(query, (user,))]

    def remove(self, webhook_id: str, user: str | None = None) -> None:
        """End one at once. Raises Problem 404 for one that is not `user`'s."""
        with self._database.writing() as cursor:
            done = cursor.execute(
                "DELETE FROM webhooks WHERE id = ?1 AND (?2 IS NULL OR user = ?2)",
                (webhook_id, user),
            )
            if not done.rowcount:
                raise Problem(404, "unknown-webhook", f"there is no webhook {webhook_id!r}")


def _webhook(row: sqlite3.Row) -> Webhook:
    return Webhook(
        **json.loads(row["terms"]),
        id=row["id"],
        user=row["user"],
        created_ns=row["created_ns"],
        last_used_ns=row["used_ns"] or None,
    )
