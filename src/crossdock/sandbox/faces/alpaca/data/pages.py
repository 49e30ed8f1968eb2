"""Histories of several symbols in pages that follow one another.

https://docs.alpaca.markets/docs/market-data-faq, read 2026-11-21: a page holds at most
`limit` rows of all symbols together, sorted by symbol and then by time.
"""

from __future__ import annotations

import binascii
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from crossdock.sandbox.faces.alpaca.assets import Asset
from crossdock.sandbox.faces.alpaca.params import Query
from crossdock.sandbox.faces.alpaca.refusals import data_refusal

Row = dict[str, Any]
Rows = Sequence[tuple[int, Row]]
"""Rows with what orders them within a symbol, oldest first."""

_USUAL, _MOST = 1000, 10_000
_DAY_NS = 86_400 * 10**9


@dataclass(frozen=True, slots=True)
class Span:
    """The time asked for, both ends included."""

    start_ns: int
    end_ns: int

    def holds(self, at_ns: int) -> bool:
        return self.start_ns <= at_ns <= self.end_ns


def span_of(query: Query, now_ns: int) -> Span:
    """Return the span asked for: from the day's begin to now, where nothing is said."""
    start_ns, end_ns = query.moment_ns("start"), query.moment_ns("end")
    if start_ns is None:
        start_ns = now_ns // _DAY_NS * _DAY_NS
    end_ns = now_ns if end_ns is None else end_ns
    if end_ns < start_ns:
        raise data_refusal("end should not be before start")
    return Span(start_ns, end_ns)


def page_of(
    query: Query, assets: Sequence[Asset], rows_of: Callable[[Asset], Rows]
) -> tuple[dict[str, list[Row]], str | None]:
    """Return the rows of a page by symbol, and the token of the next one if there is one."""
    limit = query.whole("limit", _USUAL, _MOST)
    descends = query.one_of("sort", ("asc", "desc"), "asc") == "desc"
    begin = _read(query.text("page_token"))
    found: dict[str, list[Row]] = {}
    left, last = limit, None
    for asset in sorted(assets, key=lambda it: it.symbol):
        if begin is not None and asset.symbol < begin[0]:
            continue
        rows = list(rows_of(asset))
        if descends:
            rows.reverse()
        if begin is not None and asset.symbol == begin[0]:
            edge = begin[1]
            rows = [it for it in rows if (it[0] < edge if descends else it[0] > edge)]
        if rows and not left:
            return found, last
        page = rows[:left]
        if page:
            found[asset.symbol] = [row for _, row in page]
            last = _token(asset.symbol, page[-1][0])
            left -= len(page)
        if len(page) < len(rows):
            return found, last
    return found, None


def _token(symbol: str, key: int) -> str:
    return urlsafe_b64encode(f"{symbol}|{key}".encode()).decode()


def _read(token: str) -> tuple[str, int] | None:
    if not token:
        return None
    try:
        symbol, _, key = urlsafe_b64decode(token).decode().rpartition("|")
        return symbol, int(key)
    except (binascii.Error, UnicodeDecodeError, ValueError):
        raise data_refusal("invalid page_token") from None
