"""Bars as JSON: a list of records or of rows, or values under their times."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from crossdock.adapters.feeds.recorded.opening import open_bytes
from crossdock.adapters.feeds.recorded.tables.columns import layout_of, missing
from crossdock.adapters.feeds.recorded.tables.source import Columns, no_rows
from crossdock.errors import DataError

_LIST = re.compile(rb"\s*\[\s*\{")
_ROWS = re.compile(rb"\s*\[\s*\[")
_SERIES = re.compile(rb'\s*\{\s*"Meta Data"\s*:')
_BAR = ("time", "open", "high", "low", "close", "volume")
_KLINE = (
    *(*_BAR, "close_time", "quote_volume", "count"),
    *("taker_volume", "taker_quote_volume", "ignored"),
)
_TRADE = ("time", "id", "type", "side", "price", "amount", "cost")
# Rows do not name their values: of ccxt's bars, Binance's klines, freqtrade's trades.
_HEADERS = {len(names): names for names in (_BAR, _KLINE, _TRADE)}
_INTERVALS = {"min": "m", "minute": "m", "hour": "h", "h": "h", "day": "d", "d": "d"}


class JsonTable:
    """One JSON document. Numbers stay the text they are written as."""

    format = "json"

    def __init__(self, file: str, rows: Sequence[Mapping[str, Any]], text: str) -> None:
        self.file = file
        self.header = list(rows[0])
        self.symbol = self.venue = ""
        self.timeframe = ""
        self.zone: ZoneInfo | None = None
        self._rows = rows
        self._text = text

    @classmethod
    def recognise(cls, file: str, head: bytes) -> JsonTable | None:
        """Return the table a file holds, or None when it is no document of this kind."""
        head = head.removeprefix(b"\xef\xbb\xbf")
        if not (_LIST.match(head) or _ROWS.match(head) or _SERIES.match(head)):
            return None
        text, document = _document(file)
        about: Mapping[str, Any] = {}
        rows = document
        if isinstance(document, dict):
            about = document["Meta Data"] if isinstance(document["Meta Data"], dict) else {}
            series = next((v for k, v in document.items() if "Time Series" in k), None)
            if not isinstance(series, dict):
                return None
            rows = [{"time": time, **values} for time, values in series.items()]
        if not rows:
            raise no_rows(file)
        if isinstance(rows[0], list) and (names := _HEADERS.get(len(rows[0]))):
            rows = [_under(names, row) for row in rows]
        if not all(isinstance(row, dict) for row in rows):
            return None
        table = cls(file, rows, text)
        if layout_of(table.header) is None:
            raise missing(table.header, file=file, line=table.line_of(0))
        table._read_about({re.sub(r"^\d+[.:] ", "", k): v for k, v in about.items()})
        return table

    def nanoseconds(self, column: int) -> bool:
        return False

    def blocks(self, *, zone: ZoneInfo | None) -> Iterator[Columns]:
        for number, row in enumerate(self._rows):
            if row.keys() != self._rows[0].keys():
                names = sorted(set(self.header) ^ set(row))
                raise DataError(
                    f"has other members than the first: {', '.join(names)}",
                    file=self.file,
                    line=self.line_of(number),
                    code="data-columns",
                    hint="correct the record, or remove it",
                )
        yield [[row[name] for row in self._rows] for name in self.header]

    def line_of(self, row: int) -> int:
        """Find a record by the text of its time: the decoder tells no positions."""
        layout = layout_of(self.header)
        name = self.header[layout.at["time"]] if layout else self.header[0]
        wanted = self._rows[row].get(name)
        nth = sum(each.get(name) == wanted for each in self._rows[: row + 1])
        places = re.finditer(rf"(?<![\w.]){re.escape(str(wanted))}(?![\w.])", self._text)
        found = [place.start() for place in places]
        per_row = max(
            1, len(found) // max(1, sum(r.get(name) == wanted for r in self._rows))
        )
        at = (nth - 1) * per_row
        return self._text.count("\n", 0, found[at]) + 1 if at < len(found) else 0

    def _read_about(self, about: Mapping[str, Any]) -> None:
        self.symbol = str(about.get("Symbol", ""))
        if found := re.fullmatch(r"(\d+)([a-z]+)", str(about.get("Interval", ""))):
            unit = _INTERVALS.get(found[2], "")
            self.timeframe = f"{found[1]}{unit}" if unit else ""
        if zone := about.get("Time Zone"):
            try:
                self.zone = ZoneInfo(str(zone))
            except (ZoneInfoNotFoundError, ValueError):
                raise DataError(
                    f"the time zone {zone!r} is not known",
                    file=self.file,
                    code="data-timezone",
                    hint="say the time zone, like --timezone America/New_York",
                ) from None


def _under(names: Sequence[str], row: Any) -> Any:
    if not isinstance(row, list):
        return row
    more = (f"value {number}" for number in range(len(names) + 1, len(row) + 1))
    return dict(zip((*names, *more), row, strict=False))


def _document(file: str) -> tuple[str, Any]:
    with open_bytes(file) as source:
        data = source.read()
    try:
        text = data.decode("utf-8-sig")
        document = json.loads(
            text,
            parse_float=str,
            parse_int=str,
            parse_constant=str,
            object_pairs_hook=_once,
        )
    except UnicodeDecodeError as error:
        raise DataError(
            "is not text in UTF-8",
            file=file,
            line=data[: error.start].count(b"\n") + 1,
            code="data-corrupt",
            hint="save it as UTF-8",
        ) from None
    except json.JSONDecodeError as error:
        cut = error.pos >= len(text.rstrip()) - 1
        raise DataError(
            f"is no JSON from here on: {error.msg}",
            file=file,
            line=error.lineno,
            code="data-truncated" if cut else "data-corrupt",
            hint="the file is cut off: get it again" if cut else "correct it at this line",
        ) from None
    except _TwiceError as error:
        places = [m.start() for m in re.finditer(re.escape(json.dumps(error.key)), text)]
        raise DataError(
            f"{error.key!r} is there a second time",
            file=file,
            line=text.count("\n", 0, places[1]) + 1 if len(places) > 1 else 0,
            code="data-duplicate",
            hint="keep one of both",
        ) from None
    return text, document


class _TwiceError(Exception):
    def __init__(self, key: str) -> None:
        super().__init__(key)
        self.key = key


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    made = dict(pairs)
    if len(made) != len(pairs):
        names = [name for name, _ in pairs]
        raise _TwiceError(next(name for name in names if names.count(name) > 1))
    return made
