"""Tables as text: any delimiter, with a header or without, in UTF-8 or UTF-16."""

from __future__ import annotations

import codecs
import csv
import io
import re
from collections.abc import Iterator, Sequence
from itertools import islice
from zoneinfo import ZoneInfo

from crossdock.adapters.feeds.recorded.opening import open_bytes
from crossdock.adapters.feeds.recorded.tables.columns import layout_of, missing, twice
from crossdock.adapters.feeds.recorded.tables.source import Columns, no_rows
from crossdock.adapters.feeds.recorded.tables.times import looks_like_time
from crossdock.errors import DataError

_BLOCK_ROWS = 1 << 9  # more rows alive at once cost more in collecting than they save
_DELIMITERS = ",;\t|"
_BLANK_LINES = (b"\n", b"\r\n")
_FLAGS = ("true", "false")
_PACKED_QUOTE = re.compile(r"\d{8} \d{6,9}$")

_BAR_HEADER = ("time", "open", "high", "low", "close", "volume")
_KLINE_HEADER = (
    *_BAR_HEADER,
    "close_time",
    "quote_volume",
    "count",
    "taker_volume",
    "taker_quote_volume",
    "ignored",
)
_QUOTE_HEADER = ("time", "bid", "ask", "other")
_TRADE_HEADER = ("id", "price", "qty", "quote_qty", "time", "is_buyer_maker", "best_match")
_AGGREGATE_HEADER = (
    *("id", "price", "qty", "first_id", "last_id"),
    *("time", "is_buyer_maker", "best_match"),
)


class CsvTable:
    """A text table. `recognise` makes one."""

    format = "csv"
    symbol = venue = ""
    timeframe = ""
    zone: ZoneInfo | None = None

    def __init__(
        self,
        file: str,
        *,
        encoding: str,
        delimiter: str,
        header: Sequence[str],
        named: bool,
    ) -> None:
        self.file = file
        self.header = header
        self._encoding = encoding
        self.delimiter = delimiter
        self._named = named

    @classmethod
    def recognise(cls, file: str, head: bytes) -> CsvTable | None:
        """Return the table that begins with `head`, or None when it is no table of text.

        Raises DataError for one whose columns are of no use.
        """
        encoding = _encoding_of(head)
        text = codecs.getincrementaldecoder(encoding)("replace").decode(head)
        number, line = _first_line(text)
        if line[:1] in ("{", "[") or "\0" in line or "\ufffd" in line:
            return None
        delimiter = max(_DELIMITERS, key=line.count)
        if not line.count(delimiter) or "{" in line:
            return None
        try:
            fields = next(csv.reader([line], delimiter=delimiter))
        except csv.Error:
            return None
        named = not looks_like_time(fields[0]) and not _is_float(fields[-1] or "x")
        header = [name.strip() for name in fields] if named else _unnamed(fields)
        if named and _is_trade(fields):
            named, header = False, _unnamed(fields)
        if header and (name := twice(header)):
            raise DataError(
                f"two columns are called {name!r}",
                file=file,
                line=number,
                code="data-columns",
                hint="give each column a name of its own",
            )
        if layout_of(header) is None:
            if line.startswith("<"):  # markup; MetaTrader's <DATE>,<TIME> is a header
                return None
            if not named:
                raise DataError(
                    f"there is no header, and {len(fields)} columns without one are "
                    f"nothing known: {line[:60]!r}",
                    file=file,
                    line=number,
                    code="data-columns",
                    hint="add a first line such as time,open,high,low,close,volume",
                )
            raise missing(header, file=file, line=number)
        return cls(file, encoding=encoding, delimiter=delimiter, header=header, named=named)

    def nanoseconds(self, column: int) -> bool:
        return False

    def blocks(self, *, zone: ZoneInfo | None) -> Iterator[Columns]:
        width = len(self.header)
        done = 0
        for _, read in self._reading():
            block = list(filter(None, read))
            if set(map(len, block)) - {width}:
                raise self._uneven(done, block)
            if block:
                yield list(zip(*block, strict=True))
            done += len(block)
        if not done:
            raise no_rows(self.file)

    def plain_body(self, least_bytes: int) -> bytes | None:
        """Return what is below the header, or None where it is shorter or not plain.

        Plain is ASCII in which every delimiter ends a cell and every newline a row.
        """
        if self._encoding != "utf-8-sig":
            return None
        try:
            with open_bytes(self.file) as source:
                header = b"\n" if self._named else b""
                while header in _BLANK_LINES:
                    header = source.readline().removeprefix(codecs.BOM_UTF8)
                body = source.read().removeprefix(codecs.BOM_UTF8)
        except DataError:
            return None  # it breaks off: reading it row by row tells where
        if len(body) < least_bytes or not (_is_plain(header) and _is_plain(body)):
            return None
        if b"\r" in header.removesuffix(b"\r\n"):
            return None
        if b"\r" in body:
            body = body.replace(b"\r\n", b"\n")
        if b"\r" in body or _has_long_lines(body):
            return None
        return body

    def line_of(self, row: int) -> int:
        rows = (line for line, block in self._reading(1) if block[0])
        return next(islice(rows, row, None), 0)

    def _reading(self, size: int = _BLOCK_ROWS) -> Iterator[tuple[int, list[list[str]]]]:
        """Yield (line reached, rows); empty rows are blank lines."""
        with io.TextIOWrapper(
            open_bytes(self.file), encoding=self._encoding, newline=""
        ) as text:
            reader = csv.reader(text, delimiter=self.delimiter, strict=True)
            try:
                if self._named:
                    next(row for row in reader if row)
                while block := list(islice(reader, size)):
                    yield reader.line_num, block
            except csv.Error as error:
                raise DataError(
                    f"is no table of text from here on: {error}",
                    file=self.file,
                    line=max(1, reader.line_num),
                    code="data-corrupt",
                    hint="look at this line for a quote that is not closed, or zero bytes",
                ) from None
            except UnicodeError:
                raise self._undecoded() from None

    def _uneven(self, done: int, block: list[list[str]]) -> DataError:
        width = len(self.header)
        at = next(n for n, row in enumerate(block) if len(row) != width)
        cut = len(block[at]) < width and at == len(block) - 1 and len(block) < _BLOCK_ROWS
        return DataError(
            f"has {len(block[at])} fields, and there are {width} columns",
            file=self.file,
            line=self.line_of(done + at),
            code="data-truncated" if cut else "data-columns",
            hint="the file is cut off: get it again, or remove the last line"
            if cut
            else "correct the line, or remove it",
        )

    def _undecoded(self) -> DataError:
        with open_bytes(self.file) as source:
            data = source.read()
        line = 0
        try:
            data.decode(self._encoding)
        except UnicodeDecodeError as error:
            line = data[: error.start].count(b"\n") + 1
        return DataError(
            f"is not text in {self._encoding.removesuffix('-sig')}",
            file=self.file,
            line=line,
            code="data-corrupt",
            hint="save it as UTF-8",
        )


def _is_plain(text: bytes) -> bool:
    return text.isascii() and b'"' not in text and b"\0" not in text


def _has_long_lines(text: bytes) -> bool:
    """Tell whether a cell may be longer than the reader of rows takes."""
    size = csv.field_size_limit() // 2
    starts = range(0, len(text) - size, size)
    return any(text.find(b"\n", start, start + size) < 0 for start in starts)


def _encoding_of(head: bytes) -> str:
    if head.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return "utf-16"
    return "utf-8-sig"


def _first_line(text: str) -> tuple[int, str]:
    for number, line in enumerate(text.splitlines(), 1):
        if line.strip():
            return number, line
    return 1, ""


def _is_float(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True


def _is_trade(fields: Sequence[str]) -> bool:
    flag = next((n for n, each in enumerate(fields) if each.strip().lower() in _FLAGS), 0)
    return flag in (5, 6) and _is_float(fields[0]) and looks_like_time(fields[flag - 1])


def _unnamed(fields: Sequence[str]) -> list[str]:
    """Return the header of a file that has none, by what its first row looks like."""
    count = len(fields)
    if _is_trade(fields):
        six = fields[5].strip().lower() in _FLAGS
        return list((_TRADE_HEADER if six else _AGGREGATE_HEADER)[:count])
    if not looks_like_time(fields[0]) or not all(map(_is_float, fields[1:])):
        return []
    if count in (3, 4) and _PACKED_QUOTE.match(fields[0]):
        return list(_QUOTE_HEADER[:count])
    if 5 <= count <= 6:
        return list(_BAR_HEADER[:count])
    return list(_KLINE_HEADER[:count]) if 11 <= count <= 12 else []
