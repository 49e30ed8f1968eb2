"""What the desk needs from a venue, one small Protocol per need.

A venue adapter is an async context manager for one account at one venue, and implements
exactly the Protocols its manifest's `can` names. What it cannot do is absent.

Reads raise `Unreachable`, `RateLimited`, `AuthFailed`, `Rejected` or `BadPayload`.
Writes are sent at most once. They return the venue's word or raise `Rejected` (a code the
manifest lists), `RateLimited` or `AuthFailed` (refused before it was looked at), `NotSent`
(no byte left), and for everything else `OutcomeUnknown`.
"""

from __future__ import annotations

from collections.abc import Awaitable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Protocol, runtime_checkable

from crossdock.model import (
    AccountEvent,
    Balance,
    Bar,
    Bars,
    BookChange,
    ClientOrderId,
    Contingency,
    Fill,
    Instrument,
    InstrumentId,
    Leg,
    MarginMode,
    OrderReport,
    OrderType,
    Position,
    PositionSide,
    Quote,
    Side,
    TimeInForce,
    Trade,
    VenueOrderId,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class NewOrder:
    """A submit. `deadline_ns` (monotonic) also holds while it queues for a rate limit."""

    client_order_id: ClientOrderId
    instrument: Instrument
    side: Side
    type: OrderType
    quantity: Decimal
    limit_price: Decimal | None = None
    stop_price: Decimal | None = None
    trail_amount: Decimal | None = None
    trail_percent: Decimal | None = None
    time_in_force: TimeInForce = TimeInForce.GTC
    expire_time_ns: int | None = None
    post_only: bool = False
    reduce_only: bool = False
    position_side: PositionSide = PositionSide.NET
    margin_mode: MarginMode = MarginMode.NONE
    attached: tuple[Leg, ...] = ()
    contingency: Contingency = Contingency.OTO
    deadline_ns: int


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderRef:
    """How a venue may know an order: by our id, or by any of the ids it gave it."""

    instrument: Instrument
    client_order_id: ClientOrderId
    venue_order_ids: tuple[VenueOrderId, ...] = ()  # oldest first
    created_time_ns: int = 0  # it reached no venue before, by our clock; 0: nobody knows


@dataclass(frozen=True, slots=True, kw_only=True)
class CancelOrder:
    ref: OrderRef
    deadline_ns: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ReplaceOrder:
    """An amend that keeps the order alive throughout. New values are absolute.

    `quantity` is the new total, what was already filled included.
    """

    ref: OrderRef
    quantity: Decimal
    limit_price: Decimal | None
    stop_price: Decimal | None
    deadline_ns: int


@dataclass(frozen=True, slots=True, kw_only=True)
class FillPage:
    """Fills after a cursor, oldest first.

    `cursor` continues after the last one; `complete` says that nothing newer existed
    when the venue answered, judged by evidence and not by a short page.
    """

    fills: tuple[Fill, ...]
    cursor: str
    complete: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountEventPage:
    events: tuple[AccountEvent, ...]
    cursor: str
    complete: bool


class MarketSink(Protocol):
    """Where a market stream pushes to. Synchronous: it returns before the next message."""

    def quotes(self, batch: Sequence[Quote]) -> None: ...
    def trades(self, batch: Sequence[Trade]) -> None: ...
    def book(self, change: BookChange) -> None: ...
    def bars(self, batch: Sequence[Bar]) -> None:
        """Take bars as they close, and unfinished ones where a venue streams them."""

    def market_gap(self, instruments: Sequence[InstrumentId], reason: str) -> None:
        """Say that messages were lost; the books are stale until the next snapshot."""


CONNECTED = "connected"


class AccountSink(Protocol):
    """Where an account stream pushes to.

    Each connection begins with `account_gap(CONNECTED)`: what happened before it was not
    pushed to it. Two connections may overlap, so everything may come twice.
    """

    def orders(self, batch: Sequence[OrderReport]) -> None: ...
    def fills(self, batch: Sequence[Fill]) -> None: ...
    def account_events(self, batch: Sequence[AccountEvent]) -> None: ...
    def account_gap(self, reason: str) -> None:
        """Say that messages were, or may have been, lost: history must be re-requested."""

    def instruments_changed(self, instruments: Sequence[Instrument]) -> None:
        """Tell of new versions of instruments (a new tick, a new lot)."""


@runtime_checkable
class Instruments(Protocol):
    async def instruments(self) -> Sequence[Instrument]: ...


@runtime_checkable
class MarketStream(Protocol):
    async def watch_market(
        self, instruments: Sequence[InstrumentId], sink: MarketSink
    ) -> None:
        """Stream until cancelled, or raise when this connection ended.

        A book begins with a snapshot. The caller reconnects.
        """


@runtime_checkable
class BarHistory(Protocol):
    async def bars(
        self, instrument: InstrumentId, width_ns: int, *, start_ns: int, end_ns: int
    ) -> Bars:
        """Return the closed bars that start in [start_ns, end_ns), oldest first.

        It may be the oldest part only: ask again behind the last one until none comes.
        Raises Unavailable for a width the venue does not have.
        """


class MarketSource(Instruments, MarketStream, Protocol):
    """What a venue that only simulates trades against, and recorded data is played as."""


@runtime_checkable
class BookSnapshot(Protocol):
    async def book_snapshot(self, instrument: InstrumentId) -> BookChange: ...


@runtime_checkable
class Submit(Protocol):
    """Plain methods that return an awaitable: one that can write at once does so
    before it returns (no task, no queue between strategy and socket); an `async def`
    serves as well. Errors come from the call or from the await.
    """

    def submit(self, order: NewOrder) -> Awaitable[OrderReport]: ...
    def cancel(self, cancel: CancelOrder) -> Awaitable[OrderReport]:
        """Ask to cancel. The report may still be open: accepted is not yet done."""


@runtime_checkable
class Replace(Protocol):
    def replace(self, replace: ReplaceOrder) -> Awaitable[OrderReport]: ...


@runtime_checkable
class CancelAll(Protocol):
    async def cancel_all(self) -> None:
        """Cancel every open order of the account, ours or not. Safe to repeat."""


@runtime_checkable
class OrderLookup(Protocol):
    async def order(self, ref: OrderRef) -> OrderReport | None:
        """Look one order up; None is the venue's plain word that it knows of none.

        Only a question by the order's id that covers done orders, or lists of open and of
        all done ones read to their end, are such a word. Less raises Unreachable.
        """


@runtime_checkable
class OpenOrders(Protocol):
    async def open_orders(self) -> Sequence[OrderReport]: ...


@runtime_checkable
class FillHistory(Protocol):
    async def fills_after(self, cursor: str) -> FillPage:
        """Return one page of fills after `cursor`; "" begins at the oldest kept."""

    async def fill_cursor(self) -> str:
        """Return the cursor behind the newest fill."""


@runtime_checkable
class AccountHistory(Protocol):
    async def account_events_after(self, cursor: str) -> AccountEventPage: ...
    async def account_event_cursor(self) -> str: ...


@runtime_checkable
class Balances(Protocol):
    async def balances(self) -> Sequence[Balance]: ...


@runtime_checkable
class Positions(Protocol):
    async def positions(self) -> Sequence[Position]:
        """Return open derivative positions; spot holdings are balances."""


@runtime_checkable
class AccountStream(Protocol):
    async def watch_account(self, sink: AccountSink) -> None:
        """Stream until cancelled, or raise when this connection ended."""


@runtime_checkable
class ServerTime(Protocol):
    async def server_time_ns(self) -> int: ...
