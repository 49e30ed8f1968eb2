"""The projection: tables made from a schema, written in journal order, dropped on change."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from hashlib import blake2b
from itertools import groupby
from pathlib import Path
from typing import Protocol

from crossdock.errors import AdapterError, ConfigError
from crossdock.ports import Row

_APPLICATION_ID = 0x58444B50  # "XDKP"
_META = "crossdock_projection"
_LAYOUT = 1  # raised when the same schema makes other tables than before


class TableSchema(Protocol):
    """What a table needs to say. Any object with these attributes will do."""

    @property
    def columns(self) -> Sequence[str]: ...
    @property
    def key(self) -> Sequence[str]:
        """The columns that make a row the same row."""

    @property
    def order(self) -> str:
        """The column that grows with time, by which a query is newest first."""

    @property
    def indexes(self) -> Sequence[Sequence[str]]:
        """Columns by which it is asked often, beside its key and order."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """The plainest `TableSchema`."""

    columns: Sequence[str]
    key: Sequence[str]
    order: str
    indexes: Sequence[Sequence[str]] = ()


class SqliteProjection:
    """A `ports.Projection`. One connection, used from the thread that made it.

    Columns have no type: a value comes back as it went in, text or integer.
    """

    def __init__(
        self, path: str | os.PathLike[str], schema: Mapping[str, TableSchema]
    ) -> None:
        """Open or make the database; another schema than before drops its rows.

        Raises ConfigError when the file is not a projection or the schema makes no sense.
        """
        self._path = Path(path)
        self._schema = dict(schema)
        _check(self._schema)
        self._statements: dict[tuple[str, tuple[str, ...]], str] = {}
        self._path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        os.close(os.open(self._path, os.O_RDWR | os.O_CREAT, 0o600))
        self._connection = sqlite3.connect(self._path, isolation_level=None)
        try:
            self._connection.row_factory = sqlite3.Row
            self._begin()
        except BaseException:
            self._connection.close()
            raise

    def position(self) -> int:
        with self._errors("read"):
            found = self._connection.execute(f"SELECT position FROM {_META}").fetchone()  # noqa: S608 a constant
        return int(found[0])

    def upsert(self, rows: Sequence[tuple[str, Row]], position: int) -> None:
        """Write rows and position in one transaction.

        A row may leave out columns that are not of the key: they keep their value.
        """
        connection = self._connection
        with self._errors("written"), self._transaction():
            for (table, columns), group in groupby(rows, key=_shape):
                statement = self._statement(table, columns)
                connection.executemany(statement, [tuple(row.values()) for _, row in group])
            moved = connection.execute(
                f"UPDATE {_META} SET position = ? WHERE position <= ?",  # noqa: S608 a constant
                (position, position),
            )
            if moved.rowcount != 1:
                raise AdapterError(
                    f"the projection is already past position {position}",
                    hint="apply the journal in order, or clear the projection first",
                )

    def query(self, table: str, where: Row | None = None, limit: int = 100) -> list[Row]:
        """Return rows that equal `where` in each of its columns, newest first."""
        schema = self._table(table)
        where = where or {}
        self._require(table, where)
        tests = " AND ".join(f"{_quoted(column)} IS ?" for column in where)
        statement = (
            f"SELECT * FROM {_quoted(table)}"  # noqa: S608 quoted names of the schema
            + (f" WHERE {tests}" if tests else "")
            + f" ORDER BY {_quoted(schema.order)} DESC, rowid DESC LIMIT ?"
        )
        with self._errors("read"):
            found = self._connection.execute(statement, (*where.values(), max(limit, 0)))
            return [dict(row) for row in found]

    def clear(self) -> None:
        """Drop every row; the position is 0 again."""
        with self._errors("written"), self._transaction():
            self._rebuild()

    def close(self) -> None:
        self._connection.close()

    def _begin(self) -> None:
        connection = self._connection
        try:
            (found,) = connection.execute("PRAGMA application_id").fetchone()
            tables = _tables(connection)
            if tables and found != _APPLICATION_ID:
                raise ConfigError(
                    f"{self._path} is another program's database",
                    hint="give the projection a file of its own",
                )
            connection.execute("PRAGMA journal_mode = WAL")
            # A power cut may take the last commits, never the file; the journal has them.
            connection.execute("PRAGMA synchronous = NORMAL")
            with self._transaction():
                connection.execute(f"PRAGMA application_id = {_APPLICATION_ID}")
                kept = (
                    connection.execute(f"SELECT digest FROM {_META}").fetchone()  # noqa: S608 a constant
                    if _META in tables
                    else None
                )
                if kept is None or kept[0] != _digest(self._schema):
                    self._rebuild()
        except sqlite3.DatabaseError as error:
            raise ConfigError(
                f"{self._path} cannot be used as a projection: {error}",
                hint="move the file away; the rows are made anew from the journal",
            ) from error

    def _rebuild(self) -> None:
        connection = self._connection
        for name in _tables(connection):
            connection.execute(f"DROP TABLE {_quoted(name)}")
        for name, table in self._schema.items():
            columns = ", ".join(
                _quoted(column) + (" NOT NULL" if column in table.key else "")
                for column in table.columns
            )
            key = ", ".join(_quoted(column) for column in table.key)
            connection.execute(
                f"CREATE TABLE {_quoted(name)} ({columns}, PRIMARY KEY ({key}))"
            )
            connection.execute(
                f"CREATE INDEX {_quoted(name + ' newest')} ON {_quoted(name)}"
                f" ({_quoted(table.order)})"
            )
            for index in table.indexes:
                by = ", ".join(_quoted(column) for column in index)
                connection.execute(
                    f"CREATE INDEX {_quoted(name + ' by ' + ' '.join(index))}"
                    f" ON {_quoted(name)} ({by})"
                )
        connection.execute(f"CREATE TABLE {_META} (digest, position)")
        connection.execute(f"INSERT INTO {_META} VALUES (?, 0)", (_digest(self._schema),))  # noqa: S608 a constant

    def _statement(self, table: str, columns: tuple[str, ...]) -> str:
        statement = self._statements.get((table, columns))
        if statement is None:
            schema = self._table(table)
            self._require(table, columns)
            if missing := set(schema.key).difference(columns):
                raise ConfigError(f"a row of {table} lacks its key: {sorted(missing)}")
            names = ", ".join(_quoted(column) for column in columns)
            key = ", ".join(_quoted(column) for column in schema.key)
            changes = ", ".join(
                f"{_quoted(column)} = excluded.{_quoted(column)}"
                for column in columns
                if column not in schema.key
            )
            statement = self._statements[table, columns] = (
                f"INSERT INTO {_quoted(table)} ({names})"  # noqa: S608 quoted names of the schema
                f" VALUES ({', '.join('?' * len(columns))}) ON CONFLICT ({key}) DO "
                + (f"UPDATE SET {changes}" if changes else "NOTHING")
            )
        return statement

    def _table(self, name: str) -> TableSchema:
        try:
            return self._schema[name]
        except KeyError:
            raise ConfigError(
                f"the projection has no table {name}", hint=f"it has {sorted(self._schema)}"
            ) from None

    def _require(self, table: str, columns: Mapping[str, object] | tuple[str, ...]) -> None:
        known = self._table(table).columns
        for column in columns:
            if column not in known:
                raise ConfigError(
                    f"the table {table} has no column {column}",
                    hint=f"it has {list(known)}",
                )

    @contextmanager
    def _transaction(self) -> Iterator[None]:
        self._connection.execute("BEGIN IMMEDIATE")
        try:
            yield
            self._connection.execute("COMMIT")
        except BaseException:
            if self._connection.in_transaction:
                self._connection.execute("ROLLBACK")
            raise

    @contextmanager
    def _errors(self, what: str) -> Iterator[None]:
        try:
            yield
        except (sqlite3.Error, OverflowError) as error:
            raise AdapterError(
                f"the projection {self._path} cannot be {what}: {error}",
                hint="trading goes on; the rows are caught up from the journal",
            ) from error


def _check(schema: Mapping[str, TableSchema]) -> None:
    for name, table in schema.items():
        named = {*table.key, table.order, *(each for by in table.indexes for each in by)}
        if not table.key or not named.issubset(table.columns):
            raise ConfigError(
                f"the key, order and indexes of table {name} must be columns of it"
            )
        if name == _META or name.startswith("sqlite_"):
            raise ConfigError(f"a table cannot be called {name}")


def _digest(schema: Mapping[str, TableSchema]) -> bytes:
    words = [
        (name, tuple(table.columns), tuple(table.key), table.order, [*table.indexes])
        for name, table in sorted(schema.items())
    ]
    return blake2b(repr((_LAYOUT, words)).encode(), digest_size=16).digest()


def _shape(pair: tuple[str, Row]) -> tuple[str, tuple[str, ...]]:
    table, row = pair
    return table, tuple(row)


def _tables(connection: sqlite3.Connection) -> list[str]:
    found = connection.execute(
        "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite\\_%'"
        " ESCAPE '\\'"
    )
    return [row[0] for row in found]


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'
