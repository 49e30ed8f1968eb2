"""A table before anybody knows what its columns mean."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, Protocol
from zoneinfo import ZoneInfo

from crossdock.errors import DataError

Columns = Sequence[Sequence[Any]]


class Table(Protocol):
    """Rows in blocks of columns. Values are text where the file holds text."""

    @property
    def file(self) -> str: ...
    @property
    def format(self) -> str:
        """Return csv, json, feather or parquet."""

    @property
    def header(self) -> Sequence[str]: ...
    @property
    def symbol(self) -> str:
        """Return the symbol the file itself is about; empty where it does not say."""

    @property
    def venue(self) -> str: ...
    @property
    def timeframe(self) -> str: ...
    @property
    def zone(self) -> ZoneInfo | None:
        """Return the zone its times are in, where the file says so."""

    def blocks(self, *, zone: ZoneInfo | None) -> Iterator[Columns]:
        """Yield the columns of some thousand rows at a time. Raises DataError.

        Times without a zone come as text where `zone` is given.
        """

    def nanoseconds(self, column: int) -> bool:
        """Tell whether numbers of this column are known to be nanoseconds since 1970."""

    def line_of(self, row: int) -> int:
        """Return the line, from 1, at which a row (from 0) is."""


def no_rows(file: str) -> DataError:
    return DataError(
        "there is a header, but no row beneath it",
        file=file,
        code="data-empty",
        hint="record or export it again",
    )
