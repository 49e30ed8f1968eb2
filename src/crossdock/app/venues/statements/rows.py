"""One row of an export, and the values in it: exact, or refused with file and line."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, tzinfo
from decimal import Decimal

from crossdock.errors import DataError
from crossdock.model import Liquidity, Side

_NUMBER = re.compile(r"[+-]?(\d+|\d{1,3}(,\d{3})+)?(\.\d*)?([eE][+-]?\d{1,3})?")
_ISO = re.compile(
    r"(\d{4})-(\d{2})-(\d{2})(?:[T ](\d{1,2}):(\d{2})(?::(\d{2})(?:\.(\d{1,9}))?)?)?"
    r"(?: ?(Z|UTC|[+-]\d{2}:?\d{2}))?"
)
_AMERICAN = re.compile(
    r"(\d{1,2})/(\d{1,2})/(\d{4}|\d{2})(?:,? (\d{1,2}):(\d{2})(?::(\d{2}))?(?: ?([AaPp][Mm]))?)?"
)
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_SIDES = {
    "buy": Side.BUY,
    "bought": Side.BUY,
    "limit_buy": Side.BUY,
    "market_buy": Side.BUY,
    "sell": Side.SELL,
    "sold": Side.SELL,
    "limit_sell": Side.SELL,
    "market_sell": Side.SELL,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """What a row says of one execution, before it is known whose it was."""

    symbol: str
    side: Side
    price: Decimal
    quantity: Decimal
    fee: Decimal
    fee_asset: str
    time_ns: int
    execution_id: str = ""  # empty: the export has none
    order_id: str = ""
    liquidity: Liquidity = Liquidity.UNKNOWN


@dataclass(frozen=True, slots=True, kw_only=True)
class Layout:
    """One kind of file a venue exported, told by its columns.

    `fill` returns what a row says, or in one word what kind of row is left out. Without
    it the file holds no executions, and `words` say which export does.
    """

    what: str
    columns: tuple[str, ...]
    source: str  # where these columns are documented
    fill: Callable[[Row], Draft | str] | None = None
    words: str = ""
    end: str = ""  # the last line of a whole file


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    file: str
    line: int
    values: Mapping[str, str]  # by column, in lower case
    zone: tzinfo

    def wrong(self, column: str, expected: str, *, code: str = "data-value") -> DataError:
        """Make the error for a value that cannot be used."""
        return DataError(
            f"{column} is {self.values.get(column.lower(), '')!r}",
            file=self.file,
            line=self.line,
            code=code,
            hint=f"expected {expected}; nothing was read",
        )

    def text(self, column: str) -> str:
        return self.values.get(column.lower(), "").strip()

    def word(self, column: str) -> str:
        """Return a text that must be there. Raises DataError."""
        if found := self.text(column):
            return found
        raise self.wrong(column, "a value")

    def number(self, column: str, *, empty: Decimal | None = None) -> Decimal:
        """Return the exact number of a column. Raises DataError."""
        return self.exact(self.text(column), column, empty=empty)

    def exact(self, text: str, column: str, *, empty: Decimal | None = None) -> Decimal:
        if not text and empty is not None:
            return empty
        bare = text.replace("$", "")
        if not re.search(r"\d", bare) or not _NUMBER.fullmatch(bare):
            raise self.wrong(column, "a plain number, like 1234.5")
        return Decimal(bare.replace(",", ""))

    def positive(self, column: str) -> Decimal:
        number = self.number(column)
        if number <= 0:
            raise self.wrong(column, "a number above zero")
        return number

    def side(self, column: str) -> Side:
        found = _SIDES.get(self.text(column).lower())
        if found is None:
            raise self.wrong(column, "buy or sell")
        return found

    def pair(self, column: str, separator: str) -> tuple[str, str]:
        """Split a market at its separator. Raises DataError."""
        first, _, second = self.text(column).partition(separator)
        if not first or not second or separator in second or "@" in first + second:
            raise self.wrong(column, f"two assets with {separator} between them")
        return first, second

    def moment(self, column: str) -> int:
        """Return UTC nanoseconds. A time without a zone is one of `zone`. Raises DataError."""
        text = self.text(column)
        try:
            if found := _ISO.fullmatch(text):
                return self._iso(found)
            if found := _AMERICAN.fullmatch(text):
                return self._american(found)
        except _AmbiguousHour:
            raise self.wrong(
                column,
                "a time that this zone had once: clocks were changed then",
                code="data-timezone",
            ) from None
        except ValueError:
            pass
        raise self.wrong(column, "a time like 2021-01-31T09:30:00Z", code="data-time")

    def _iso(self, found: re.Match[str]) -> int:
        year, month, day, hour, minute, second, fraction, offset = found.groups()
        local = datetime(
            int(year),
            int(month),
            int(day),
            int(hour or 0),
            int(minute or 0),
            int(second or 0),
            tzinfo=UTC,
        )
        below_second = int((fraction or "").ljust(9, "0"))
        if offset in ("Z", "UTC"):
            return _since_epoch(local) + below_second
        if offset:
            sign = -1 if offset[0] == "-" else 1
            ahead = timedelta(hours=int(offset[1:3]), minutes=int(offset[-2:]))
            return _since_epoch(local - sign * ahead) + below_second
        return _since_epoch(self._here(local)) + below_second

    def _american(self, found: re.Match[str]) -> int:
        month, day, year, hour, minute, second, half = found.groups()
        hours = int(hour or 0)
        if half and not 1 <= hours <= 12:
            raise ValueError(f"no hour of half a day: {hours}")
        if half:
            hours = hours % 12 + (12 if half.lower() == "pm" else 0)
        full = int(year) + (2000 if len(year) == 2 else 0)
        return _since_epoch(
            self._here(
                datetime(
                    full,
                    int(month),
                    int(day),
                    hours,
                    int(minute or 0),
                    int(second or 0),
                    tzinfo=UTC,
                )
            )
        )

    def _here(self, local: datetime) -> datetime:
        first = local.replace(tzinfo=self.zone)
        if first.utcoffset() != first.replace(fold=1).utcoffset():
            raise _AmbiguousHour
        return first


class _AmbiguousHour(Exception):
    pass


def _since_epoch(moment: datetime) -> int:
    since = moment - _EPOCH
    return (since.days * 86_400 + since.seconds) * 1_000_000_000
