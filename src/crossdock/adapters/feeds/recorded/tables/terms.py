"""What the reader of a table was told, and what all kinds of rows share."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from math import isfinite
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from crossdock.adapters.feeds.recorded.names import pair_of
from crossdock.adapters.feeds.recorded.tables.columns import Layout
from crossdock.adapters.feeds.recorded.tables.source import Table
from crossdock.analysis.bar_checks import Fail
from crossdock.errors import DataError
from crossdock.model import timeframe_of, width_of
from crossdock.ports import UNNAMED

NEWEST_FIRST_NOTE = "rows were newest first, and were turned round"


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """What the caller said, and what the file's name says where he did not."""

    symbol: str = ""
    venue: str = ""
    timeframe: str = ""
    named_symbol: str = ""
    named_timeframe: str = ""
    zone: ZoneInfo | None = None

    def in_timezone(self, name: str, *, file: str) -> Terms:
        """Return terms with a zone. Raises DataError for one that is not known."""
        try:
            return replace(self, zone=ZoneInfo(name))
        except (ZoneInfoNotFoundError, ValueError, OSError):
            raise DataError(
                f"the time zone {name!r} is not known",
                file=file,
                code="data-timezone",
                hint="use a name of the IANA list, like Europe/London or UTC",
            ) from None


def notes_on_columns(layout: Layout) -> list[str]:
    """Return what there is to say about the columns of a table of bars."""
    notes = []
    if "volume" not in layout.at:
        notes.append("there is no column of volumes: they are 0")
    if any("adj" in name.lower() for name in layout.unused):
        notes.append("the adjusted close was left aside: bars are as traded")
    return notes


def notes_on_width(terms: Terms, width_ns: int) -> list[str]:
    """Return what there is to say about bars so far apart, when nobody said how far."""
    named = terms.named_timeframe
    if not named or width_of(named) == width_ns:
        return []
    apart = timeframe_of(width_ns)
    return [
        f"the file's name says {named}, and its bars are {apart} apart: taken as the latter"
    ]


def numbers(values: Sequence[Any], name: str, done: int, fail: Fail) -> list[float]:
    """Return values as finite floats. `done` rows came before them."""
    try:
        read = list(map(float, values))
        plain = all(map(isfinite, read))
    except (ValueError, TypeError):
        plain = False
    if plain and not (isinstance(values[0], str) and _odd(values)):
        return read
    for row, value in enumerate(values, done):
        words = str(value).strip() if value is not None else ""
        try:
            if (
                not words
                or not isfinite(float(str(value)))
                or "_" in words
                or not words.isascii()
            ):
                raise ValueError(words)
        except ValueError:
            shown = f"{name} is {words[:40]!r}" if words else f"{name} is empty"
            raise fail(
                row,
                f"{shown}, which is no finite number",
                code="data-value",
                hint="write plain numbers like 1234.5; remove rows without a value",
            ) from None
    return read


def _odd(values: Sequence[str]) -> bool:
    # float() also takes 1_000 and digits of other scripts, which no exporter writes.
    joined = "".join(values)
    return "_" in joined or not joined.isascii()


def symbol_rows(
    names: Sequence[str], terms: Terms, table: Table, notes: list[str]
) -> tuple[str, Sequence[int] | None]:
    """Return the symbol, and the rows that are about it, None for all.

    Said beats a column of symbols beats the file's own words beats its name.
    """
    found = sorted(set(names))
    said = terms.symbol
    if len(found) > 1:
        mine = [n for n in found if said and said in (n, pair_of(n))]
        if not mine:
            raise DataError(
                f"holds {len(found)} symbols: {', '.join(found[:8])}",
                file=table.file,
                code="data-symbol",
                hint="say which one with --symbol",
            )
        return said, [row for row, name in enumerate(names) if name == mine[0]]
    if said:
        return said, None
    for each in (*found, table.symbol):
        if each.strip():
            pair, _, venue = each.strip().partition("@")
            if venue and "/" in pair:
                return pair, None  # an instrument's own id, as frames of the desk hold it
            plain = each.strip().replace("@", ".")
            return (plain if "/" in plain else pair_of(plain) or f"{plain}/USD"), None
    if terms.named_symbol:
        notes.append(
            f"the symbol {terms.named_symbol} was read off the file's name; say --symbol "
            "if it is another"
        )
        return terms.named_symbol, None
    notes.append("nothing names the symbol: say --symbol")
    return UNNAMED, None
