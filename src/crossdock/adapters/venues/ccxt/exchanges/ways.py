"""The ways in which exchanges differ that are data: what quirks are written in."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from crossdock.model import AccountEventKind


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderCall:
    """One `create_order` of ccxt, or the implicit method an order needs instead.

    `unified` are the arguments behind the symbol: type, side, amount, price. With
    `method` set that implicit method is called with `params` alone, and its reply is
    handed to `Quirks.placed`.
    """

    type: str  # "limit" or "market", or the exchange's own word
    price: str | None
    params: Mapping[str, Any]
    method: str = ""  # an implicit method: "private_post_orderlist_oco"
    unified: Mapping[str, Any] = field(default_factory=dict)  # params left to ccxt


@dataclass(frozen=True, slots=True, kw_only=True)
class Cost:
    """What a request takes from the manifest's rate limits."""

    scope: str
    weight: int = 1


class CancelEvery(StrEnum):
    """How every order of the account is cancelled."""

    ONE_CALL = "one_call"  # cancel_all_orders() without a symbol
    PER_SYMBOL = "per_symbol"  # cancel_all_orders(symbol), for each with open orders
    ONE_BY_ONE = "one_by_one"  # the exchange has none: open orders are cancelled singly


class Known(StrEnum):
    """What a look-up can name an order by."""

    CLIENT_ID = "client_id"
    VENUE_ID = "venue_id"
    OPEN_ORDERS = "open_orders"  # found in the list of open orders by its echoed id
    DONE_ORDERS = "done_orders"  # found in the list of closed or canceled ones


@dataclass(frozen=True, slots=True, kw_only=True)
class FillPaging:
    """How `fetch_my_trades` is asked for everything after a time."""

    needs_symbol: bool = False
    page: int = 100  # the most rows one reply holds; a full one is asked behind
    window_s: float = 0.0  # the longest [since, until) one query may cover; 0: any
    until_param: str = "until"  # "" where the exchange takes no end
    newest_first: bool = False  # a full page holds the newest of its window, not the oldest
    oldest_s: float = 0.0  # how far back it answers at all; 0: everything
    lag_s: float = 5.0  # a fill may appear in the list this long after its own time
    id_param: str = ""  # set: rows behind an execution id are asked for by this param
    first_id: str = "0"  # with `id_param`: where the oldest kept row begins
    params: Mapping[str, Any] = field(default_factory=dict)
    offset_param: str = ""  # how many of the newest rows to pass over; with `total_path`
    total_path: str = ""  # in the reply: how many rows there are in all, on later pages too
    cursor_param: str = ""  # where the next page begins; with `cursor_path`
    cursor_path: str = ""  # in the reply: what to ask the next page with, "" on the last


@dataclass(frozen=True, slots=True, kw_only=True)
class EventSource:
    """One list of what moved the account besides fills.

    `kinds` maps the unified (or, failing that, the exchange's own) `type` of a row to
    ours; rows whose type is not in it (such as "trade") are left out. With `kind` every row is
    of that kind. Signed as `direction` says, or by the sign of `amount`.
    """

    method: str  # "fetch_ledger", "fetch_funding_history", "fetch_deposits", …
    kind: AccountEventKind | None = None
    kinds: Mapping[str, AccountEventKind] = field(default_factory=dict)
    kind_path: str = ""  # in `info`: the exchange's own type, where ccxt's loses it
    needs_code: bool = False  # asked once for each asset that is, or ever was, held
    needs_symbol: bool = False  # asked once for each known symbol
    page: int = 100
    window_s: float = 0.0
    params: Mapping[str, Any] = field(default_factory=dict)
    cursor_param: str = ""  # newest first: what an older page is asked by
    cursor_path: str = ""  # in the reply: what to ask the older page with, none on the last
