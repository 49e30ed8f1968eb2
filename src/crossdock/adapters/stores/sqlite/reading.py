"""A projection asked beside its writer: a connection that can only read, for one question."""

from __future__ import annotations

import os
import sqlite3
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from crossdock.adapters.stores.sqlite.projection import SqliteProjection, TableSchema
from crossdock.adapters.stores.sqlite.search import LONGEST_S
from crossdock.errors import AdapterError

_LOOK_EVERY = 10_000  # steps of SQLite's machine between two looks at the time


class ReadingProjection(SqliteProjection):
    """Sees the rows as they were at its first query, whatever is written meanwhile.

    For the thread that made it, while the desk or another process goes on writing. What
    would write raises AdapterError.
    """

    def __init__(
        self,
        path: str | os.PathLike[str],
        schema: Mapping[str, TableSchema],
        within_s: float = LONGEST_S,
    ) -> None:
        """Open a database that is there. Raises AdapterError, also later: when all its
        queries together take longer than `within_s`.
        """
        self._path = Path(path)
        self._schema = dict(schema)
        self._statements = {}
        self._end = time.monotonic() + within_s
        with self._errors("read"):
            self._connection = sqlite3.connect(
                f"{self._path.absolute().as_uri()}?mode=ro", uri=True, isolation_level=None
            )
        self._connection.row_factory = sqlite3.Row
        self._connection.set_progress_handler(self._is_late, _LOOK_EVERY)
        self._connection.execute("BEGIN")

    def _is_late(self) -> bool:
        return time.monotonic() > self._end

    @contextmanager
    def _errors(self, what: str) -> Iterator[None]:
        try:
            with super()._errors(what):
                yield
        except AdapterError as error:
            if not self._is_late():
                raise
            raise AdapterError(
                "the question took too long",
                code="search-slow",
                hint="ask for less of it; trading goes on",
            ) from error
