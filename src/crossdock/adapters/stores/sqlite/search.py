"""Reads a projection's history by text, by a connection that can only read."""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path
from typing import Any

from crossdock.errors import AdapterError

LONGEST_S = 5.0
_LOOK_EVERY = 10_000  # steps of SQLite's machine between two looks at the time
_COLUMNS = "sequence, at, record, order_id, correlation, payload"


def search(
    path: Path,
    *,
    text: str = "",
    kinds: Sequence[str] = (),
    account: str = "",
    since_ns: int = 0,
    until_ns: int | None = None,
    before: int | None = None,
    limit: int = 100,
) -> list[dict[str, Any]]:
    """Return rows of `history` that hold every word of `text`, newest first.

    Raises AdapterError for a file that cannot be read, and for a search that takes too
    long. May be called in any thread, and while another process writes.
    """
    tests, values = _tests(text, kinds, account, since_ns, until_ns, before)
    where = f" WHERE {' AND '.join(tests)}" if tests else ""
    statement = f"SELECT {_COLUMNS} FROM history{where} ORDER BY sequence DESC LIMIT ?"  # noqa: S608  only names of columns
    end = time.monotonic() + LONGEST_S
    try:
        opened = sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True)
        with closing(opened) as connection:
            connection.row_factory = sqlite3.Row
            connection.set_progress_handler(lambda: time.monotonic() > end, _LOOK_EVERY)
            return [dict(row) for row in connection.execute(statement, (*values, limit))]
    except sqlite3.OperationalError as error:
        if time.monotonic() > end:
            raise AdapterError(
                "the search took too long",
                code="search-slow",
                hint="narrow it: a shorter time, an account, a kind of record",
            ) from error
        raise AdapterError(f"the projection {path} cannot be searched: {error}") from error
    except sqlite3.Error as error:
        raise AdapterError(f"the projection {path} cannot be searched: {error}") from error


def _tests(
    text: str,
    kinds: Sequence[str],
    account: str,
    since_ns: int,
    until_ns: int | None,
    before: int | None,
) -> tuple[list[str], list[Any]]:
    tests: list[str] = []
    values: list[Any] = []
    for test, value in (
        ("sequence < ?", before),
        ("at >= ?", since_ns or None),
        ("at < ?", until_ns),
    ):
        if value is not None:
            tests.append(test)
            values.append(value)
    if kinds:
        tests.append(f"record IN ({', '.join('?' * len(kinds))})")
        values += kinds
    if account:
        tests.append("instr(payload, ?) > 0")
        values.append(f'"account":"{account}"')
    for word in text.split():
        tests.append("instr(lower(payload), ?) > 0")
        values.append(word.lower())
    return tests, values
