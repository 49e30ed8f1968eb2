"""A peer that an adapter is asked against, and the truth about it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from decimal import Decimal
from enum import StrEnum
from typing import Any, Protocol, runtime_checkable

from crossdock.model import Asset, Side
from crossdock.ports import MarketSource


class Trouble(StrEnum):
    """What a peer can be asked to do once, next. Each changes something or is refused."""

    CANCEL_AFTER_FILL = "cancel_after_fill"  # the order fills just before its cancel
    REPLACE_AFTER_FILL = "replace_after_fill"
    STREAM_DUPLICATE = "stream_duplicate"  # an account message comes twice
    STREAM_MISSING = "stream_missing"  # an account message does not come
    MARKET_GAP = "market_gap"  # a change of the book does not come
    HISTORY_SHORT = "history_short"  # a page of fills holds less than there is
    WRITE_THROTTLED = "write_throttled"  # the next write: too many calls
    WRITE_UNAUTHORISED = "write_unauthorised"  # the next write: keys refused
    SESSION_EXPIRED = "session_expired"  # every session ends now
    WRITE_FAILED_AFTER = "write_failed_after"  # a server's error, though it was executed


class Bench(Protocol):
    """A fresh account at a peer, and an instrument that nobody else trades.

    Where a protocol's methods do not tell its writes (reads by POST, writes by GET), it
    has `writes`: what the request lines of all writes name, and of nothing else. Where
    stops do not trail by percent it has `trail`: the fields of such an order instead.
    """

    @property
    def address(self) -> tuple[str, int]:
        """Where the peer listens. The adapter is led there through a proxy."""

    @property
    def venue(self) -> str: ...
    @property
    def symbol(self) -> str: ...
    @property
    def quantity(self) -> Decimal:
        """A quantity that fills at once at the crossing price; its half is tradable too."""

    def settings(self, host: str, port: int) -> Mapping[str, str]:
        """Return what a user would set to reach the peer at another address."""

    async def resting_price(self, side: Side) -> Decimal:
        """Return the price of a limit order that rests, first in line on its side."""

    async def crossing_price(self, side: Side) -> Decimal:
        """Return the price of a limit order that fills at once."""

    async def stop_price(self, side: Side) -> Decimal:
        """Return a stop price that does not trigger."""

    async def fill(self, client_order_id: str, quantity: Decimal) -> None:
        """Let somebody trade this much against an order that rests."""

    async def orders(self, client_order_id: str) -> Sequence[Mapping[str, str]]:
        """Return what the peer holds under an id, each with at least the plain texts
        `quantity`, `cumulative_quantity`, `limit_price` and `status` (FIX's word).
        """

    async def executions(self) -> Sequence[str]:
        """Return every execution id of the account, oldest first."""

    async def arm(self, trouble: str) -> bool:
        """Make trouble once. False: this peer cannot."""


@runtime_checkable
class ForgetfulBench(Protocol):
    """What a bench can do besides where done orders are listed, a page at a time."""

    async def bury(self) -> None:
        """Have more orders of the account end than the peer tells of in one page."""

    async def expire(self) -> None:
        """Have the orders of the account end that end by their time."""


@runtime_checkable
class BusyBench(Protocol):
    """What a bench can do besides where histories are told a page at a time."""

    async def deposit(self, amount: Decimal, *, times: int = 1) -> Asset:
        """Have money paid in, so much each time; return what it is."""

    async def trade_much(self) -> None:
        """Have more orders of the account fill than the peer tells of in one page."""


@runtime_checkable
class MarketBench(Protocol):
    """What the bench of a venue that simulates has besides: a market, and no wire to it.

    Its `address` is not asked for, and its settings are asked for without one.
    """

    @property
    def market(self) -> MarketSource: ...
    def opened(self, adapter: Any) -> AbstractAsyncContextManager[None]:
        """Take in the adapter, which is its own truth, and have it see the market."""


class Peer(Protocol):
    """Serves benches for as long as the suite runs."""

    def bench(self) -> AbstractAsyncContextManager[Bench]: ...
