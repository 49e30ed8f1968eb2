"""What is still to be told, in one SQLite file beside the journal.

Events wait for each receiver until they are made into messages; a message stays until it
was taken, refused, or has grown too old. Every step is one transaction, so a process may
die between any two of them.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import msgspec

from crossdock.errors import ConfigError
from crossdock.ports import Alert, AlertEvent, AlertLevel

FORMAT = 1
KEPT_DONE = 1000
_SCHEMA = """
CREATE TABLE IF NOT EXISTS position (only INTEGER PRIMARY KEY CHECK (only = 1), sequence INTEGER NOT NULL);
CREATE TABLE IF NOT EXISTS events (
  number INTEGER PRIMARY KEY, receiver TEXT NOT NULL, id TEXT NOT NULL, at INTEGER NOT NULL,
  level TEXT NOT NULL, body BLOB NOT NULL, UNIQUE (receiver, id));
CREATE TABLE IF NOT EXISTS messages (
  number INTEGER PRIMARY KEY, receiver TEXT NOT NULL, id TEXT NOT NULL, at INTEGER NOT NULL,
  state TEXT NOT NULL DEFAULT 'waiting', tries INTEGER NOT NULL DEFAULT 0,
  in_doubt INTEGER NOT NULL DEFAULT 0, words TEXT NOT NULL DEFAULT '', title TEXT NOT NULL,
  body BLOB NOT NULL, UNIQUE (receiver, id));
CREATE INDEX IF NOT EXISTS messages_waiting ON messages (receiver, number) WHERE state = 'waiting';
"""
# Only constants are ever put into a statement.
_WHICH = "WHERE receiver = ? AND level IN (SELECT value FROM json_each(?))"
_ALL = "WHERE state = 'waiting'"
_ONE = "WHERE receiver = ? AND id = ?"
_OLD = "WHERE state = 'waiting' AND receiver = ? AND at < ?"
_COLUMNS = ("receiver", "at", "title", "state", "tries", "words", "id")
_encode = msgspec.json.Encoder().encode
_decode_event = msgspec.json.Decoder(AlertEvent).decode
_decode_alert = msgspec.json.Decoder(Alert).decode

Compose = Callable[[Sequence[AlertEvent]], Sequence[Alert]]


class Waiting(msgspec.Struct, frozen=True, kw_only=True):
    """A message to send. `in_doubt`: an earlier try may have arrived."""

    alert: Alert
    in_doubt: bool
    tries: int


class Outbox:
    """One file. Used by one thread at a time; which one may change."""

    def __init__(self, path: Path) -> None:
        """Open, or make, the file. Raises ConfigError for one that is none of ours."""
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch(mode=0o600)
        path.chmod(0o600)  # it tells of orders and positions
        self._rows = sqlite3.connect(path, check_same_thread=False, isolation_level=None)
        try:
            self._rows.executescript(
                f"PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL; {_SCHEMA}"
            )
            found = self._rows.execute("PRAGMA user_version").fetchone()[0]
            if found not in (0, FORMAT):
                raise ConfigError(
                    f"{path} was written by a newer Crossdock", hint="upgrade crossdock"
                )
            self._rows.execute(f"PRAGMA user_version={FORMAT}")
        except sqlite3.DatabaseError as error:
            self._rows.close()
            raise ConfigError(
                f"the outbox {path} cannot be read: {error}",
                hint="move it away: what it had still to tell is lost, nothing else",
            ) from error
        except BaseException:
            self._rows.close()
            raise

    def close(self) -> None:
        self._rows.close()

    # ---- what has happened -----------------------------------------------------

    def position(self) -> int | None:
        """Return the journal's sequence up to which all was taken in; None at first."""
        row = self._rows.execute("SELECT sequence FROM position").fetchone()
        return None if row is None else int(row[0])

    def take_in(self, events: Iterable[tuple[str, AlertEvent]], position: int) -> None:
        """Keep events by receiver, and how far the journal was read, in one step."""
        with self._whole():
            for receiver, event in events:
                self._rows.execute(
                    "INSERT OR IGNORE INTO events (receiver, id, at, level, body)"
                    " VALUES (?, ?, ?, ?, ?)",
                    (receiver, event.id, event.at, event.level, _encode(event)),
                )
            self._rows.execute("INSERT OR REPLACE INTO position VALUES (1, ?)", (position,))

    def forget_waiting(self) -> None:
        """Drop all that waits: people want no more messages."""
        with self._whole():
            self._rows.execute("DELETE FROM events")
            self._end(_ALL, "dropped", "notifications were turned off")

    # ---- what is to be sent ----------------------------------------------------

    def oldest_event(self, receiver: str, levels: Sequence[AlertLevel]) -> int | None:
        """Return when the first event of these levels happened that is in no message."""
        found = self._rows.execute(
            f"SELECT MIN(at) FROM events {_WHICH}",  # noqa: S608
            (receiver, _encode(levels)),
        ).fetchone()[0]
        return None if found is None else int(found)

    def compose(self, receiver: str, levels: Sequence[AlertLevel], compose: Compose) -> int:
        """Make the events of these levels into messages; return how many."""
        with self._whole():
            rows = self._rows.execute(
                f"SELECT body FROM events {_WHICH} ORDER BY number",  # noqa: S608
                (receiver, _encode(levels)),
            ).fetchall()
            alerts = compose([_decode_event(body) for (body,) in rows]) if rows else []
            for alert in alerts:
                self._rows.execute(
                    "INSERT OR IGNORE INTO messages (receiver, id, at, title, body)"
                    " VALUES (?, ?, ?, ?, ?)",
                    (receiver, alert.id, alert.at, alert.title, _encode(alert)),
                )
            self._rows.execute(
                f"DELETE FROM events {_WHICH}",  # noqa: S608
                (receiver, _encode(levels)),
            )
        return len(alerts)

    def first(self, receiver: str) -> Waiting | None:
        """Return the oldest message that waits."""
        row = self._rows.execute(
            "SELECT body, in_doubt, tries FROM messages"
            " WHERE receiver = ? AND state = 'waiting' ORDER BY number LIMIT 1",
            (receiver,),
        ).fetchone()
        if row is None:
            return None
        return Waiting(alert=_decode_alert(row[0]), in_doubt=bool(row[1]), tries=row[2])

    # ---- how sending went ------------------------------------------------------

    def begins(self, receiver: str, message: str) -> None:
        """Note, before the first byte leaves, that a message may from now on have arrived."""
        self._rows.execute(
            "UPDATE messages SET in_doubt = 1, tries = tries + 1"
            " WHERE receiver = ? AND id = ?",
            (receiver, message),
        )

    def was_not_sent(
        self, receiver: str, message: str, *, in_doubt: bool, words: str
    ) -> None:
        """Note a try that certainly did not arrive, and whether an earlier one may have."""
        self._rows.execute(
            "UPDATE messages SET in_doubt = ?, words = ? WHERE receiver = ? AND id = ?",
            (int(in_doubt), words, receiver, message),
        )

    def may_have_arrived(self, receiver: str, message: str, words: str) -> None:
        self._rows.execute(
            "UPDATE messages SET words = ? WHERE receiver = ? AND id = ?",
            (words, receiver, message),
        )

    def is_sent(self, receiver: str, message: str) -> None:
        with self._whole():
            self._end(_ONE, "sent", "", receiver, message)

    def is_refused(self, receiver: str, message: str, words: str) -> None:
        """End a message that will never be taken."""
        with self._whole():
            self._end(_ONE, "refused", words, receiver, message)

    def expire(self, receiver: str, before_ns: int) -> int:
        """Drop what is older; return how many events and messages that were."""
        with self._whole():
            events = self._rows.execute(
                "DELETE FROM events WHERE receiver = ? AND at < ?", (receiver, before_ns)
            ).rowcount
            messages = self._end(
                _OLD,
                "expired",
                "could not be sent in time",
                receiver,
                before_ns,
            )
        return events + messages

    def rows(self, limit: int = 100) -> list[dict[str, Any]]:
        """Return messages, newest first: what each says and how sending it stands."""
        found = self._rows.execute(
            f"SELECT {', '.join(_COLUMNS)} FROM messages ORDER BY number DESC LIMIT ?",  # noqa: S608
            (limit,),
        )
        return [dict(zip(_COLUMNS, row, strict=True)) for row in found]

    def _end(self, which: str, state: str, words: str, *values: object) -> int:
        ended = self._rows.execute(
            f"UPDATE messages SET state = ?, words = ?, in_doubt = 0 {which}",  # noqa: S608
            (state, words, *values),
        ).rowcount
        self._rows.execute(
            "DELETE FROM messages WHERE state <> 'waiting' AND number <="
            " (SELECT MAX(number) FROM messages) - ?",
            (KEPT_DONE,),
        )
        return ended

    @contextmanager
    def _whole(self) -> Iterator[None]:
        """All of it or nothing."""
        self._rows.execute("BEGIN IMMEDIATE")
        try:
            yield
        except BaseException:
            with suppress(sqlite3.Error):
                self._rows.execute("ROLLBACK")
            raise
        self._rows.execute("COMMIT")
