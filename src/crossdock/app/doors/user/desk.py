"""What `open_desk` gives."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Any, TypedDict, Unpack

from crossdock.app.desk import Desk
from crossdock.app.doors.door import Door
from crossdock.app.doors.user.account import UserAccount
from crossdock.app.doors.user.bars import Moment, past_bars
from crossdock.app.doors.user.book import BookView, watched_book
from crossdock.app.doors.user.order import Number, OrderHandle
from crossdock.app.doors.user.rows import Facts, Rows
from crossdock.app.showing import newest_fills, newest_orders, show_order
from crossdock.ports.extras import load

if TYPE_CHECKING:
    import polars as pl

    from crossdock.app.replay import Run
    from crossdock.ports import Strategy


_NEWEST_ORDERS = 100
_PRICES = (
    "limit",
    "stop",
    "if_touched",
    "trail_amount",
    "trail_percent",
    "take_profit",
    "stop_loss",
)


class Terms(TypedDict, total=False):
    """What an order may say besides side, symbol and quantity.

    `stop` waits for the price to move on to it, `if_touched` for it to come back to it,
    a trail follows it. `take_profit` and `stop_loss` (a stop, or stop and limit) are exits
    that the venue holds and begins when the order has filled; with `oco` the order itself,
    a limit order, is an exit and its stop loss stands beside it.
    """

    limit: Number | None
    stop: Number | None
    if_touched: Number | None
    trail_amount: Number | None
    trail_percent: Number | None
    take_profit: Number | None
    stop_loss: Number | tuple[Number, Number] | None
    oco: bool
    account: str
    time_in_force: str
    expire_time_ns: int | None
    post_only: bool
    reduce_only: bool
    portfolio: str
    approved_by: str


class UserDesk:
    """A running desk. Prices and quantities are text, whole numbers or Decimals.

    A symbol may name its venue, `BTC/USDT@alpha`; without one it means all of them.
    """

    def __init__(self, desk: Desk) -> None:
        self.desk = desk
        self._close: Callable[[], Awaitable[None]] | None = None

    async def buy(
        self, symbol: str, quantity: Number, **terms: Unpack[Terms]
    ) -> OrderHandle:
        """Buy at market, or with `limit` and `stop` at a price; see `Terms`.

        Where several venues trade the symbol, it goes to the one that fills it for least
        after fees. Returns once the order is journaled and on its way. Raises RiskRefused
        with every reason, or DeskError.
        """
        return self._place("buy", symbol, quantity, terms)

    async def sell(
        self, symbol: str, quantity: Number, **terms: Unpack[Terms]
    ) -> OrderHandle:
        """Sell; as `buy`."""
        return self._place("sell", symbol, quantity, terms)

    def _place(self, side: str, symbol: str, quantity: Number, terms: Terms) -> OrderHandle:
        for name, value in (("quantity", quantity), *terms.items()):
            for each in value if isinstance(value, tuple) else (value,):
                if isinstance(each, float):
                    raise TypeError(f"{name} is text or a Decimal, never a float: {each!r}")
        asked = dict(terms)
        for name in _PRICES:
            price = asked.get(name)
            if price is not None:
                parts = price if isinstance(price, tuple) else (price,)
                asked[name] = ":".join(str(part) for part in parts)
        placed = self.desk.operations.place(
            side=side,
            symbol=symbol,
            quantity=str(quantity),
            door=Door.PYTHON,
            **asked,  # type: ignore[arg-type]  # checked where it is given
        )
        return OrderHandle(self.desk, self.desk.kernel.state.orders[placed["order_id"]])

    async def book(self, symbol: str, *, timeout_s: float = 10.0) -> BookView:
        """Return the books of all venues as one, which goes on changing.

        Waits until a venue's book is good, then up to a second for those of the others.
        Raises DeskError that says why when none is in time.
        """
        return await watched_book(self.desk, symbol, timeout_s)

    async def bars(
        self,
        symbol: str,
        timeframe: str,
        *,
        last: int | None = None,
        start: Moment | None = None,
        end: Moment | None = None,
    ) -> pl.DataFrame:
        """Return closed bars as a polars frame, oldest first.

        Columns: time (UTC), open, high, low, close, volume, and instrument, the same in
        every row. They come from the first account's venue that keeps bars: the `last`
        ones (500) before `end` (now), or all from `start` on. Times carry a zone. Raises
        ExtraMissing without polars, DeskError where no venue keeps bars.
        """
        # Loaded before anything is asked of a venue.
        polars = load("polars", extra="research", what="frames of bars")
        from crossdock.analysis.frames import bars_frame

        found = await past_bars(
            self.desk, symbol, timeframe, last=last, start=start, end=end
        )
        named: pl.Series = polars.Series("instrument", [found.instrument] * len(found))
        return bars_frame(found).with_columns(named)

    async def backtest(
        self,
        strategy: str | type[Strategy],
        symbol: str,
        timeframe: str = "1m",
        *,
        last: int | None = None,
        start: Moment | None = None,
        end: Moment | None = None,
        **options: Any,
    ) -> Run:
        """Backtest a strategy on the bars a venue of this desk keeps, on its terms.

        Bars as in `bars`; `options` as in `crossdock.backtest`, the strategy's parameters
        included. It runs in a thread beside the desk, which trades on.
        """
        from crossdock.app.replay import backtest

        found = await past_bars(
            self.desk, symbol, timeframe, last=last, start=start, end=end
        )
        listed = self.desk.kernel.state.instruments[found.instrument]
        return await asyncio.to_thread(
            backtest, strategy, found, instruments=[listed], **options
        )

    def account(self, name: str) -> UserAccount:
        """Return what one account can do besides trading: margin, loans, transfers, rates.

        Raises DeskError for one that is not in the settings.
        """
        return UserAccount(self.desk, name)

    def status(self) -> Facts:
        return Facts(self.desk.operations.status())

    def orders(self, *, all: bool = False) -> Rows:  # noqa: A002  the word users know
        """Return the working orders, or `all` since the journal's last snapshot."""
        chosen = newest_orders(self.desk.kernel.state, every=all, limit=_NEWEST_ORDERS)
        return Rows([show_order(order) for order in chosen], "orders")

    def positions(self) -> Rows:
        """Return what every account holds: balances, then positions by their owners."""
        return Rows(self.desk.operations.positions(), "positions")

    def fills(self, *, limit: int = 100) -> Rows:
        """Return the newest fills."""
        self.desk.upkeep.project()
        return Rows(newest_fills(self.desk.projection, limit), "fills")

    def books(self) -> Rows:
        """Return the best prices of every instrument at every venue."""
        return Rows(self.desk.operations.books(), "books")

    async def kill(self, *, by: str, reason: str = "", flatten: bool = False) -> Facts:
        """Cancel everything of ours and refuse what is new; see `crossdock kill`."""
        killed = await self.desk.operations.kill(by=by, reason=reason, flatten=flatten)
        return Facts(killed)

    async def close(self) -> None:
        """Close a desk that `await open_desk(…)` gave. A block closes its own at its end."""
        close, self._close = self._close, None
        if close is not None:
            await close()

    def __repr__(self) -> str:
        accounts = ", ".join(self.desk.gateways)
        return f"<desk {self.desk.settings.desk.name} with accounts {accounts}>"
