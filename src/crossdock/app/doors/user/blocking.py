"""The desk for a plain script: every call waits, and none needs an event loop."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any, Unpack

from crossdock.app.doors.user.bars import Moment
from crossdock.app.doors.user.blocking_account import BlockingAccount
from crossdock.app.doors.user.book import BookSide, BookView
from crossdock.app.doors.user.desk import Terms, UserDesk
from crossdock.app.doors.user.loop_thread import LoopThread
from crossdock.app.doors.user.order import Number, OrderHandle
from crossdock.app.doors.user.rows import Facts, Rows
from crossdock.book import VenueLevel
from crossdock.model import Fill, OrderId, OrderView

if TYPE_CHECKING:
    import polars as pl

    from crossdock.app.replay import Run
    from crossdock.ports import Strategy


class BlockingOrder:
    """As `OrderHandle`."""

    def __init__(self, order: OrderHandle, thread: LoopThread) -> None:
        self._order = order
        self._thread = thread

    @property
    def id(self) -> OrderId:
        return self._order.id

    @property
    def view(self) -> OrderView:
        return self._thread.ask(lambda: self._order.view)

    @property
    def status(self) -> str:
        return self._thread.ask(lambda: self._order.status)

    def filled(self, *, timeout_s: float) -> Fill:
        return self._thread.run(self._order.filled(timeout_s=timeout_s))

    def done(self, *, timeout_s: float) -> OrderView:
        return self._thread.run(self._order.done(timeout_s=timeout_s))

    def cancel(self) -> None:
        self._thread.ask(self._order.cancel)

    def amend(self, *, quantity: Number | None = None, limit: Number | None = None) -> None:
        self._thread.ask(lambda: self._order.amend(quantity=quantity, limit=limit))

    def __repr__(self) -> str:
        return self._thread.ask(lambda: repr(self._order))

    def _repr_html_(self) -> str:
        return self._thread.ask(self._order._repr_html_)


class BlockingBook:
    """As `BookView`."""

    def __init__(self, book: BookView, thread: LoopThread) -> None:
        self._book = book
        self._thread = thread

    @property
    def symbol(self) -> str:
        return self._book.symbol

    @property
    def bid(self) -> Decimal:
        return self._thread.ask(lambda: self._book.bid)

    @property
    def ask(self) -> Decimal:
        return self._thread.ask(lambda: self._book.ask)

    @property
    def bid_quantity(self) -> Decimal:
        return self._thread.ask(lambda: self._book.bid_quantity)

    @property
    def ask_quantity(self) -> Decimal:
        return self._thread.ask(lambda: self._book.ask_quantity)

    @property
    def venues(self) -> tuple[str, ...]:
        return self._thread.ask(lambda: self._book.venues)

    def levels(self, side: BookSide, depth: int | None = None) -> list[VenueLevel]:
        return self._thread.ask(lambda: self._book.levels(side, depth))

    def __repr__(self) -> str:
        return self._thread.ask(lambda: repr(self._book))

    def _repr_html_(self) -> str:
        return self._thread.ask(self._book._repr_html_)


class BlockingDesk:
    """As `UserDesk`, without `await`."""

    def __init__(self, desk: UserDesk, thread: LoopThread) -> None:
        self._desk = desk
        self._thread = thread

    def buy(self, symbol: str, quantity: Number, **terms: Unpack[Terms]) -> BlockingOrder:
        order = self._thread.run(self._desk.buy(symbol, quantity, **terms))
        return BlockingOrder(order, self._thread)

    def sell(self, symbol: str, quantity: Number, **terms: Unpack[Terms]) -> BlockingOrder:
        order = self._thread.run(self._desk.sell(symbol, quantity, **terms))
        return BlockingOrder(order, self._thread)

    def book(self, symbol: str, *, timeout_s: float = 10.0) -> BlockingBook:
        book = self._thread.run(self._desk.book(symbol, timeout_s=timeout_s))
        return BlockingBook(book, self._thread)

    def bars(
        self,
        symbol: str,
        timeframe: str,
        *,
        last: int | None = None,
        start: Moment | None = None,
        end: Moment | None = None,
    ) -> pl.DataFrame:
        asked = self._desk.bars(symbol, timeframe, last=last, start=start, end=end)
        return self._thread.run(asked)

    def backtest(
        self,
        strategy: str | type[Strategy],
        symbol: str,
        timeframe: str = "1m",
        **options: Any,
    ) -> Run:
        return self._thread.run(self._desk.backtest(strategy, symbol, timeframe, **options))

    def account(self, name: str) -> BlockingAccount:
        account = self._thread.ask(lambda: self._desk.account(name))
        return BlockingAccount(account, self._thread)

    def status(self) -> Facts:
        return self._thread.ask(self._desk.status)

    def orders(self, *, all: bool = False) -> Rows:  # noqa: A002  the word users know
        return self._thread.ask(lambda: self._desk.orders(all=all))

    def positions(self) -> Rows:
        return self._thread.ask(self._desk.positions)

    def fills(self, *, limit: int = 100) -> Rows:
        return self._thread.ask(lambda: self._desk.fills(limit=limit))

    def books(self) -> Rows:
        return self._thread.ask(self._desk.books)

    def kill(self, *, by: str, reason: str = "", flatten: bool = False) -> Facts:
        return self._thread.run(self._desk.kill(by=by, reason=reason, flatten=flatten))

    def __repr__(self) -> str:
        return repr(self._desk)
