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
class Pages:
    """How a list is asked for the page behind one, where a span's rows take several.

    One way at the most. Without any a span is cut where a page of it was full, by time.
    """

    offset_param: str = ""  # how many of the newest rows to pass over
    total_path: str = ""  # with that, in the reply: how many rows there are in all
    number_param: str = ""  # the number of a page, from one on
    cursor_param: str = ""  # where the next page begins, as one of these two says
    cursor_path: str = ""  # in the reply: what to ask the next page with, "" on the last
    row_field: str = ""  # of a page's last row: what the page behind it is asked with
    rows_path: str = ""  # with that, in the reply: its rows; "": the reply is the list

    @property
    def are_followed(self) -> bool:
        return bool(self.offset_param or self.number_param or self.cursor_param)


@dataclass(frozen=True, slots=True, kw_only=True)
class FillPaging:
    """How `fetch_my_trades` is asked for everything after a time."""

    needs_symbol: bool = False
    page: int = 100  # the most rows one reply holds; a full one is asked behind
    pages: Pages = Pages()
    window_s: float = 0.0  # the longest [since, until) one query may cover; 0: any
    since_param: str = ""  # in milliseconds, where ccxt says it less exactly
    until_param: str = "until"  # "" where the exchange takes no end
    newest_first: bool = False  # a full page holds the newest of its window, not the oldest
    wants_since: bool = False  # asked without a time it lists something else, or refuses
    oldest_s: float = 0.0  # how far back it answers at all; 0: everything
    lag_s: float = 5.0  # a fill may appear in the list this long after its own time
    id_param: str = ""  # set: rows behind an execution id are asked for by this param
    first_id: str = "0"  # with `id_param`: where the oldest kept row begins
    params: Mapping[str, Any] = field(default_factory=dict)


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
    ids_within_kind: bool = False  # rows of two types may have one and the same id
    needs_code: bool = False  # asked once for each asset that is, or ever was, held
    needs_symbol: bool = False  # asked once for each known symbol
    page: int = 100  # the most rows one reply holds
    pages: Pages = Pages()
    newest_first: bool = False  # a full page holds the newest of its window, not the oldest
    window_s: float = 0.0  # the longest [since, until) one query may cover; 0: any
    oldest_s: float = 0.0  # how far back it is read from the beginning; 0: everything
    since_param: str = ""  # in milliseconds, where ccxt says no time that it is given
    until_param: str = "until"
    takes_since: bool = True  # else ccxt is given no time, lest it leaves out older rows
    wants_since: bool = False  # asked without a time it lists something else, or refuses
    params: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderList:
    """One list of orders, newest first, and how it is read until nothing is left in it.

    Where neither `pages` nor a time leads on, a full page hides what comes behind it.
    """

    method: str  # "fetch_closed_orders", "fetch_orders", …
    params: Mapping[str, Any] = field(default_factory=dict)
    page: int = 0  # the most rows of one reply; 0: all there are
    pages: Pages = Pages()
    of_market: bool = True  # asked for one market; else for all of the account
    takes_since: bool = True  # it can be told how far back to go
    changed_path: str = ""  # in a row's `info`: when it changed last, in milliseconds
    more_path: str = ""  # in the reply: whether a page follows, where a cursor says it not
    until_param: str = ""  # up to which time: that of rows here is of their last change
