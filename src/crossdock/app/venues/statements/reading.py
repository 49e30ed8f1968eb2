"""Reads a whole export, or nothing of it."""

from __future__ import annotations

import csv
import hashlib
import io
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, tzinfo
from pathlib import Path
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from crossdock.app.venues.catalogue import venues
from crossdock.app.venues.statements import (
    binance,
    bitmex,
    bittrex,
    coinbase_pro,
    ftx,
    kraken,
    td_ameritrade,
)
from crossdock.app.venues.statements.rows import Draft, Layout, Row
from crossdock.errors import ConfigError, DataError
from crossdock.model import (
    AccountId,
    Asset,
    ExecutionId,
    Fill,
    VenueOrderId,
    instrument_id,
)

STATEMENTS: Mapping[str, Sequence[Layout]] = {
    "binance": binance.LAYOUTS,
    "bitmex": bitmex.LAYOUTS,
    "bittrex": bittrex.LAYOUTS,
    "bittrex_global": bittrex.LAYOUTS,
    "coinbase_pro": coinbase_pro.LAYOUTS,
    "ftx": ftx.LAYOUTS,
    "ftx_us": ftx.LAYOUTS,
    "kraken": kraken.LAYOUTS,
    "tdameritrade": td_ameritrade.LAYOUTS,
}
"""By the venue's id in the catalogue."""

_DELIMITERS = (",", ";", "\t")
_PREAMBLE_LINES = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Statement:
    """What a file held. `left_out` counts the rows that are no executions, by kind."""

    venue: str
    what: str
    fills: tuple[Fill, ...]  # by time
    left_out: Mapping[str, int]
    duplicates: int  # rows that say again what another said, by the venue's own id
    notes: tuple[str, ...]


def layouts_of(venue: str) -> tuple[str, Sequence[Layout]]:
    """Return the id and the known exports of a venue, by any of its names.

    Raises ConfigError for a venue that is not known, or whose exports are not.
    """
    found = venues().find(venue)
    if found.id not in STATEMENTS:
        raise ConfigError(
            f"no export of {found.name} can be read",
            code="bad-argument",
            hint=f"can be read: {', '.join(STATEMENTS)}",
        )
    return found.id, STATEMENTS[found.id]


def read_statement(
    venue: str, path: Path, *, account: str = "statement", timezone: str = ""
) -> Statement:
    """Read a venue's export as fills of `account`.

    Reading a file again gives the same fills with the same ids. Raises DataError for a
    file or row that cannot be read, with its line; then nothing of it is returned.
    """
    venue_id, layouts = layouts_of(venue)
    table = _Table(path, layouts, _zone(timezone))
    seen: dict[tuple[str, str, str], tuple[Draft, int]] = {}
    nameless: Counter[str] = Counter()
    left_out: Counter[str] = Counter()
    duplicates = 0
    fills: list[Fill] = []
    for row in table.rows():
        assert table.layout.fill is not None, "a layout without executions was refused"
        draft = table.layout.fill(row)
        if isinstance(draft, str):
            left_out[draft] += 1
            continue
        execution = draft.execution_id
        if not execution:
            digest = _digest(row)
            nameless[digest] += 1
            execution = f"{digest}-{nameless[digest]}"
        key = (draft.symbol, draft.order_id, execution)
        known, line = seen.setdefault(key, (draft, row.line))
        if known is not draft:
            if known != draft:
                raise DataError(
                    f"execution {execution} is there with other values in line {line}",
                    file=path.name,
                    line=row.line,
                    code="data-duplicate",
                    hint="one of the two is wrong; nothing was read",
                )
            duplicates += 1
            continue
        fills.append(_fill(draft, execution, venue_id, AccountId(account)))
    twins = sum(count - 1 for count in nameless.values())
    return Statement(
        venue=venue_id,
        what=table.layout.what,
        fills=tuple(sorted(fills, key=lambda fill: fill.venue_time_ns)),
        left_out=dict(sorted(left_out.items())),
        duplicates=duplicates,
        notes=tuple(_notes(table, twins)),
    )


def _fill(draft: Draft, execution: str, venue: str, account: AccountId) -> Fill:
    return Fill(
        account=account,
        instrument=instrument_id(draft.symbol, venue),
        venue_order_id=VenueOrderId(draft.order_id),
        execution_id=ExecutionId(execution),
        side=draft.side,
        price=draft.price,
        quantity=draft.quantity,
        fee=draft.fee,
        fee_asset=Asset(draft.fee_asset),
        liquidity=draft.liquidity,
        venue_time_ns=draft.time_ns,
    )


def _digest(row: Row) -> str:
    told = "\x1f".join(f"{name}={row.values[name]}" for name in sorted(row.values))
    return hashlib.sha256(told.encode()).hexdigest()[:20]


def _notes(table: _Table, twins: int) -> Iterator[str]:
    if twins:
        yield (
            f"{twins} rows are equal to another one; the export has no ids, so each "
            "counts as an execution of its own"
        )
    if table.layout.end and not table.ended:
        yield f"the file does not end with {table.layout.end}: it may have been cut off"


def _zone(name: str) -> tzinfo:
    if not name:
        return UTC
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError):
        raise ConfigError(
            f"there is no time zone {name!r}",
            code="bad-argument",
            hint="expected a name like Europe/London",
        ) from None


class _Table:
    """The rows below the header, whichever of the known layouts that is."""

    def __init__(self, path: Path, layouts: Sequence[Layout], zone: tzinfo) -> None:
        self._file = path.name
        self._zone = zone
        self._text = _decoded(path)
        self.ended = False
        self.layout, self._header, self._delimiter, self._header_line = self._find(layouts)
        if self.layout.fill is None:
            raise DataError(
                f"this is {self.layout.what}, which holds no executions",
                file=self._file,
                code="data-kind",
                hint=self.layout.words,
            )

    def _find(self, layouts: Sequence[Layout]) -> tuple[Layout, list[str], str, int]:
        lines = self._text.splitlines()[:_PREAMBLE_LINES]
        for number, line in enumerate(lines, 1):
            for delimiter in _DELIMITERS:
                fields = next(csv.reader([line], delimiter=delimiter), [])
                header = [field.strip().lower() for field in fields]
                fitting = [
                    each
                    for each in layouts
                    if {name.lower() for name in each.columns} <= set(header)
                ]
                if fitting:
                    best = max(fitting, key=lambda each: len(each.columns))
                    return best, header, delimiter, number
        known = "; or ".join(
            f"{each.what}: {', '.join(each.columns)}" for each in layouts if each.fill
        )
        raise DataError(
            "no line among the first ones is a header of a known export",
            file=self._file,
            code="data-columns",
            hint=f"expected the columns of {known}",
        )

    def rows(self) -> Iterator[Row]:
        stream = io.StringIO(self._text, newline="")
        for _ in range(self._header_line):
            stream.readline()
        reader = csv.reader(stream, delimiter=self._delimiter, strict=True)
        before = 0
        while True:
            try:
                fields = next(reader, None)
            except csv.Error as error:
                raise self._broken(
                    self._header_line + reader.line_num, str(error)
                ) from None
            if fields is None:
                return
            line, before = self._header_line + before + 1, reader.line_num
            if not any(field.strip() for field in fields):
                continue
            if self.layout.end and fields[0].strip() == self.layout.end:
                self.ended = True
                continue
            if self.ended:
                raise self._broken(line, "there is a row after the end of the file")
            width = len(self._header)
            if len(fields) < width or any(field.strip() for field in fields[width:]):
                raise self._broken(line, f"{len(fields)} values, and {width} columns")
            values = dict(zip(self._header, fields, strict=False))
            yield Row(file=self._file, line=line, values=values, zone=self._zone)

    def _broken(self, line: int, words: str) -> DataError:
        return DataError(
            words,
            file=self._file,
            line=line,
            code="data-line",
            hint="mend this line or export the file again; nothing was read",
        )


def _decoded(path: Path) -> str:
    """Return the text of a UTF-8 or UTF-16 file; Bittrex wrote UTF-16 without a mark."""
    try:
        raw = path.read_bytes()
    except FileNotFoundError:
        raise DataError(
            "there is no such file",
            file=str(path),
            code="data-missing",
            hint="check the path",
        ) from None
    if not raw.strip(b"\x00\xff\xfe\xef\xbb\xbf \t\r\n"):
        raise DataError(
            "the file is empty", file=path.name, code="data-empty", hint="export it again"
        )
    encoding = "utf-8-sig"
    if raw[:2] in (b"\xff\xfe", b"\xfe\xff"):
        encoding = "utf-16"
    elif raw[1:2] == b"\x00":
        encoding = "utf-16-le"
    try:
        return raw.decode(encoding)
    except UnicodeDecodeError:
        raise DataError(
            f"the file is no {encoding.upper()} text",
            file=path.name,
            code="data-format",
            hint="save it as CSV in UTF-8, not as a spreadsheet",
        ) from None
