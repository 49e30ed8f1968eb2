"""The exchanges of ccxt that nobody here has studied: what ccxt itself says of them.

Their rows stand in `generic.json`, so that listing them needs no ccxt. After an upgrade:

`python -c "from crossdock.adapters.venues.ccxt.family import generic; generic.write()"`.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from importlib import import_module
from importlib.resources import files
from pathlib import Path
from typing import Any

import msgspec

from crossdock.adapters.venues.ccxt.family.exchange import (
    NO_WITHDRAWAL,
    PLAIN,
    STOPS,
    TOUCHED,
    TRADING,
    Exchange,
)
from crossdock.model import ContractKind, OrderType, TimeInForce
from crossdock.ports import Can, Evidence, IdCodec, Lookup, RateLimit, Uniqueness

FILE = "generic.json"
ELSEWHERE = ("alpaca",)
"""Ids of ccxt that an adapter of their own stands for."""

UNSIGNED = ("coinbaseinternational",)
"""Ids whose private calls ccxt 4.5.90 cannot sign: its `sign` stumbles over no headers."""

CREDENTIALS: Mapping[str, tuple[str, str]] = {
    "apiKey": ("key", "The API key"),
    "secret": ("key_secret", "The API key's secret"),
    "password": ("passphrase_secret", "The passphrase of the API key"),
    "uid": ("user_id", "The account's number at the exchange"),
    "login": ("login", "The name one logs in with"),
    "walletAddress": ("wallet", "The account's address"),
    "privateKey": ("wallet_key_secret", "The private key that signs, in hex"),
    "accountId": ("account_id", "The account's id at the exchange"),
    "token": ("token_secret", "The token that signs calls"),
}

_NEEDS: Mapping[Can, tuple[str, ...]] = {
    Can.INSTRUMENTS: ("fetchMarkets",),
    Can.BOOK_SNAPSHOT: ("fetchOrderBook",),
    Can.BAR_HISTORY: ("fetchOHLCV",),
    Can.SERVER_TIME: ("fetchTime",),
    Can.MARKET_STREAM: ("watchOrderBook", "watchTrades"),
}
_ACCOUNT_NEEDS: Mapping[Can, tuple[str, ...]] = {
    Can.POSITIONS: ("fetchPositions",),
}
_TRADING_NEEDS = (
    *("createOrder", "cancelOrder", "fetchOrder", "fetchOpenOrders"),
    *("fetchMyTrades", "fetchBalance"),
)
_KINDS: Mapping[ContractKind, tuple[str, str | None]] = {
    ContractKind.SPOT: ("spot", None),
    ContractKind.LINEAR: ("swap", "linear"),
    ContractKind.INVERSE: ("swap", "inverse"),
}


class Row(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What ccxt declares of one exchange."""

    id: str
    name: str
    docs: str
    can: tuple[str, ...]
    types: dict[str, tuple[str, ...]] = {}
    times_in_force: tuple[str, ...] = ()
    credentials: tuple[str, ...] = ()
    has_test_site: bool = False
    call_ms: float = 1000.0  # between two calls


class Rows(msgspec.Struct, frozen=True, kw_only=True):
    """The whole file."""

    made_by: str
    ccxt: str
    rows: tuple[Row, ...]


def unstudied(studied: Collection[str]) -> Iterator[Exchange]:
    """Yield the exchanges that are in the file and not among the studied ones."""
    text = files(__package__).joinpath(FILE).read_bytes()
    for row in msgspec.json.decode(text, type=Rows).rows:
        if row.id not in studied:
            yield _exchange(row)


def rows_of(ccxt: Any, pro: Any) -> Rows:
    """Read every class of the installed ccxt. `pro` is its module of streams."""
    made: list[Row] = []
    for name in sorted(set(ccxt.exchanges) - set(ELSEWHERE)):
        streaming = getattr(pro, name, None)
        made.append(
            row_of(getattr(ccxt, name)(), streaming().has if streaming is not None else {})
        )
    return Rows(
        made_by="generic.write() of the package beside it, from what ccxt's classes declare "
        "in `has`, `features`, `urls` and `requiredCredentials`",
        ccxt=ccxt.__version__,
        rows=tuple(made),
    )


def row_of(exchange: Any, streams: Mapping[str, Any]) -> Row:
    """Read one class. What it emulates, or does not declare, counts as absent."""
    has = {**streams, **exchange.has}
    has |= {name: streams[name] for name in streams if name.startswith("watch")}

    def every(names: Iterable[str]) -> bool:
        return all(has.get(name) is True for name in names)

    can = {each for each, names in _NEEDS.items() if every(names)}
    types = _types(exchange, has)
    if every(_TRADING_NEEDS) and types and exchange.id not in UNSIGNED:
        can |= TRADING
        can |= {each for each, names in _ACCOUNT_NEEDS.items() if every(names)}
    docs = exchange.urls.get("doc") or exchange.urls.get("www") or ""
    return Row(
        id=exchange.id,
        name=exchange.name,
        docs=docs if isinstance(docs, str) else docs[0],
        can=tuple(sorted(can)),
        types={kind.value: each for kind, each in types.items()},
        times_in_force=_times(exchange),
        credentials=tuple(
            each for each in CREDENTIALS if exchange.requiredCredentials.get(each)
        ),
        has_test_site=bool(exchange.urls.get("test")),
        call_ms=float(exchange.rateLimit),
    )


def _types(exchange: Any, has: Mapping[str, Any]) -> dict[ContractKind, tuple[str, ...]]:
    found: dict[ContractKind, tuple[str, ...]] = {}
    for kind, (market, sub) in _KINDS.items():
        if has.get(market) is not True:
            continue
        asked = _Asked(exchange, market, sub)
        if not asked.is_known and kind is ContractKind.INVERSE:
            continue
        types: list[OrderType] = [
            each
            for each in PLAIN
            if each is OrderType.LIMIT or has.get("createMarketOrder") is not False
        ]
        types += STOPS if asked("stopLossPrice") else ()
        types += TOUCHED if asked("takeProfitPrice") else ()
        found[kind] = tuple(each.value for each in types)
    return found


class _Asked:
    """What `features` say of orders on one kind of market."""

    def __init__(self, exchange: Any, market: str, sub: str | None) -> None:
        self._told = exchange.feature_value_by_type(market, sub, "createOrder") or {}

    @property
    def is_known(self) -> bool:
        return bool(self._told)

    def __call__(self, name: str) -> bool:
        return self._told.get(name) is True

    def time_in_force(self, name: str) -> bool:
        return (self._told.get("timeInForce") or {}).get(name) is True


def _times(exchange: Any) -> tuple[str, ...]:
    """Return those that every kind of market takes."""
    asked = [_Asked(exchange, market, sub) for market, sub in _KINDS.values()]
    known = [each for each in asked if each.is_known]
    prompt = (TimeInForce.IOC, TimeInForce.FOK)
    told = (it for it in prompt if known and all(each.time_in_force(it) for each in known))
    return (TimeInForce.GTC.value, *(each.value for each in told))


def _exchange(row: Row) -> Exchange:
    can = frozenset(Can(each) for each in row.can)
    trades = Can.SUBMIT in can
    per_s = max(1, int(1000 / max(row.call_ms, 1.0)))
    return Exchange(
        id=row.id,
        name=row.name,
        docs_url=row.docs,
        can=can,
        order_types={
            ContractKind(kind): tuple(OrderType(each) for each in types)
            for kind, types in (row.types if trades else {}).items()
        },
        times_in_force=tuple(TimeInForce(each) for each in row.times_in_force)
        if trades
        else (),
        evidence=UNPROVEN if trades else None,
        keys={CREDENTIALS[each][0]: CREDENTIALS[each][1] for each in row.credentials},
        environments=("live", "test") if row.has_test_site else ("live",),
        rate_limits=(RateLimit(scope="all", calls=per_s * 10, per_s=10.0, reserve=per_s),),
        oddities=("Nobody here has studied it: an order in doubt is asked of a person.",),
        keys_url="",
        keys_help=NO_WITHDRAWAL,
    )


UNPROVEN = Evidence(
    client_id=IdCodec.NONE,
    lookup=Lookup.NONE,
    uniqueness=Uniqueness.NONE,
    retention_s=60.0,
    arrival_horizon_s=300.0,
    visibility_lag_s=10.0,
    silence_s=10.0,
)
"""Of an exchange nobody has studied: nothing about a lost order can be proven."""


def write() -> None:
    """Write the file anew from the installed ccxt, a row a line."""
    rows = rows_of(import_module("ccxt"), import_module("ccxt.pro"))
    Path(__file__).with_name(FILE).write_bytes(encoded(rows))


def encoded(rows: Rows) -> bytes:
    encode = msgspec.json.Encoder().encode
    lines = b",\n".join(encode(row) for row in rows.rows)
    head = b'{"made_by":%b,\n"ccxt":%b,\n"rows":[\n' % (
        encode(rows.made_by),
        encode(rows.ccxt),
    )
    return head + lines + b"\n]}\n"
