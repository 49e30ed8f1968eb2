"""Which column is what, by the many names they are given."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from crossdock.errors import DataError


class Kind(StrEnum):
    """What the rows of a table are."""

    BARS = "bars"
    QUOTES = "quotes"
    TRADES = "trades"
    BOOK = "book"


_TIME: tuple[str, ...] = (
    *("opentime", "starttime", "windowstart", "timeperiodstart", "timestamp"),
    *("timestamputc", "timestampms", "timestampns", "unix", "unixtime", "epoch"),
    *("tsevent", "datetime", "datetimeutc", "timeutc", "dateutc", "time", "date"),
    *("gmttime", "utctime", "begin", "start", "day", "ts", "t", "index", ""),
)

# Names in the order in which they are preferred, without case and punctuation.
_BAR_ROLES: Mapping[str, tuple[str, ...]] = {
    "time": _TIME,
    "open": ("open", "openprice", "priceopen", "o"),
    "high": ("high", "highprice", "pricehigh", "max", "h"),
    "low": ("low", "lowprice", "pricelow", "min", "l"),
    "close": ("close", "closeprice", "priceclose", "closelast", "price", "last", "c"),
    "volume": ("volume", "vol", "v", "basevolume", "tickvolume", "tickvol", "amount"),
}
_QUOTE_ROLES: Mapping[str, tuple[str, ...]] = {
    "time": _TIME,
    "bid": ("bid", "bidprice", "bestbid", "bestbidprice", "bidpx", "bidclose"),
    "ask": ("ask", "askprice", "bestask", "bestaskprice", "askpx", "askclose"),
    "bid_quantity": (
        *("bidquantity", "bidqty", "bidsize", "bidvolume", "bidamount"),
        *("bestbidqty", "bestbidquantity", "bestbidsize", "bidsz"),
    ),
    "ask_quantity": (
        *("askquantity", "askqty", "asksize", "askvolume", "askamount"),
        *("bestaskqty", "bestaskquantity", "bestasksize", "asksz"),
    ),
}
_TRADE_ROLES: Mapping[str, tuple[str, ...]] = {
    "time": ("transacttime", "tradetime", *_TIME),
    "price": ("price", "tradeprice", "lastprice", "px", "p"),
    "quantity": ("quantity", "qty", "size", "amount", "volume", "tradesize", "q"),
    "side": ("side", "takerside", "aggressorside", "direction"),
    "buyer_maker": ("buyermaker", "isbuyermaker", "m"),
    "trade_id": ("tradeid", "aggtradeid", "id", "tid", "a"),
}
_BOOK_ROLES: Mapping[str, tuple[str, ...]] = {
    "time": _TIME,
    "first": ("firstupdateid",),
    "last": ("lastupdateid",),
    "side": ("side",),
    "update": ("updatetype",),
    "price": ("price",),
    "quantity": ("qty", "quantity"),
}
_ANY_ROLES: Mapping[str, tuple[str, ...]] = {
    "symbol": ("symbol", "ticker", "pair", "market", "instrument"),
    "received": ("received", "receivedtime", "localtimestamp", "tsinit", "tsrecv"),
}
_ROLES = {
    Kind.BOOK: _BOOK_ROLES,
    Kind.BARS: _BAR_ROLES,
    Kind.QUOTES: _QUOTE_ROLES,
    Kind.TRADES: _TRADE_ROLES,
}
_REQUIRED = {
    Kind.BOOK: ("time", "first", "last", "side", "update", "price", "quantity"),
    Kind.BARS: ("time", "open", "high", "low", "close"),
    Kind.QUOTES: ("time", "bid", "ask"),
    Kind.TRADES: ("time", "price", "quantity"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Layout:
    """Where each role is: the index of its column. `date` beside `time`: two columns."""

    kind: Kind
    at: Mapping[str, int]
    header: tuple[str, ...]
    unused: tuple[str, ...] = ()


def layout_of(header: Sequence[str]) -> Layout | None:
    """Return what the columns are, or None when no kind of table has such ones."""
    keys = [_key_of(name) for name in header]
    for kind, required in _REQUIRED.items():
        at = _roles_of(keys, {**_ROLES[kind], **_ANY_ROLES})
        volumes = [n for n, key in enumerate(keys) if key.startswith("volume")]
        if kind is Kind.BARS and volumes:
            at.setdefault("volume", volumes[0])
        if all(role in at for role in required):
            # A date in one column and the time of day in the next.
            if {"date", "time"} <= set(keys) and at["time"] in (
                keys.index("date"),
                keys.index("time"),
            ):
                at |= {"date": keys.index("date"), "time": keys.index("time")}
            used = set(at.values())
            left = tuple(name for n, name in enumerate(header) if n not in used)
            return Layout(kind=kind, at=at, header=tuple(header), unused=left)
    return None


def missing(header: Sequence[str], *, file: str, line: int) -> DataError:
    """Return the error about columns that make no table: what is missing, what was found."""
    keys = [_key_of(name) for name in header]
    lacking: dict[Kind, list[str]] = {}
    for kind, required in _REQUIRED.items():
        at = _roles_of(keys, _ROLES[kind])
        lacking[kind] = [role for role in required if role not in at]
    order = (Kind.BARS, Kind.QUOTES, Kind.TRADES, Kind.BOOK)
    nearest = min(
        order,
        key=lambda kind: (len(lacking[kind]) / len(_REQUIRED[kind]), order.index(kind)),
    )
    found = ", ".join(repr(name) for name in header[:20])
    return DataError(
        f"columns are missing for {nearest}: {', '.join(lacking[nearest])}; found: {found}",
        file=file,
        line=line,
        code="data-columns",
        hint="bars need time, open, high, low, close (and volume); quotes time, bid, ask; "
        "trades time, price, quantity",
    )


def twice(header: Sequence[str]) -> str:
    """Return a name that two columns have, or nothing."""
    names = [name.strip().lower() for name in header]
    return next((name for name in names if name and names.count(name) > 1), "")


def _roles_of(keys: Sequence[str], roles: Mapping[str, tuple[str, ...]]) -> dict[str, int]:
    at = {}
    for role, names in roles.items():
        if (name := next((name for name in names if name in keys), None)) is not None:
            at[role] = keys.index(name)
    return at


def _key_of(name: str) -> str:
    """Reduce a name to letters and digits: `1. open` and `Candlestick.Open` are `open`."""
    plain = re.sub(r"^\d+[a-z]?[.:]\s*", "", name.strip().lower())
    return re.sub(r"[^a-z0-9]", "", plain.rstrip(".").rpartition(".")[2])
