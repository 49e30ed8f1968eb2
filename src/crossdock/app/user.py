"""The desk in a script's or a notebook's hands."""

from __future__ import annotations

import asyncio
from decimal import Decimal
from typing import Any

from crossdock.app.desk import Desk
from crossdock.core import records as r
from crossdock.core.orders import OrderState
from crossdock.errors import DeskError
from crossdock.model import Fill, OrderId, OrderView

Number = Decimal | str | int


class OrderHandle:
    """One order, to look at and to wait for. Made by `buy` and `sell`."""

    def __init__(self, desk: Desk, order: OrderState) -> None:
        self._desk = desk
        self._order = order
        self._last_fill: Fill | None = None
        self._unsubscribe = desk.kernel.bus.subscribe(r.FillRecorded, self._note_fill)

    def _note_fill(self, record: r.FillRecorded) -> None:
        if record.order_id == self.id:
            self._last_fill = record.fill
        if not self._order.is_working:
            self._unsubscribe()

    @property
    def id(self) -> OrderId:
        return self._order.order_id

    @property
    def view(self) -> OrderView:
        """The order as it is proven now."""
        return self._order.view()

    @property
    def status(self) -> str:
        """The proven status in FIX's words, or `Unknown` while a write is in doubt."""
        return self.view.shown_status

    async def filled(self, *, timeout_s: float) -> Fill:
        """Wait until the whole order is filled; return the last fill.

        Raises TimeoutError, or DeskError when the order ends some other way.
        """
        await self._until_done(timeout_s)
        last = self._last_fill
        if last is None or self.view.cumulative_quantity < self.view.quantity:
            why = f": {self.view.reason}" if self.view.reason else ""
            raise DeskError(
                f"order {self.id} is {self.status}, filled "
                f"{self.view.cumulative_quantity} of {self.view.quantity}{why}",
                code="not-filled",
            )
        return last

    async def done(self, *, timeout_s: float) -> OrderView:
        """Wait until the order can no longer change. Raises TimeoutError."""
        await self._until_done(timeout_s)
        return self.view

    async def _until_done(self, timeout_s: float) -> None:
        changed = asyncio.Event()
        kinds = (r.FillRecorded, r.OrderReported, r.AttemptEnded, r.DoubtResolved)
        subscribe = self._desk.kernel.bus.subscribe
        ends = [subscribe(kind, lambda _: changed.set()) for kind in kinds]
        try:
            async with asyncio.timeout(timeout_s):
                while self._order.is_working:
                    changed.clear()
                    await changed.wait()
        finally:
            for end in ends:
                end()

    def cancel(self) -> None:
        """Send a cancel; `done` tells when it is proven."""
        self._desk.dealing.cancel(self._order)

    def amend(self, *, quantity: Number | None = None, limit: Number | None = None) -> None:
        self._desk.dealing.replace(
            self._order,
            quantity=None if quantity is None else Decimal(quantity),
            limit_price=None if limit is None else Decimal(limit),
        )

    def __repr__(self) -> str:
        view = self.view
        return (
            f"<{view.request.side} {view.quantity} {view.request.instrument} "
            f"{self.status}, filled {view.cumulative_quantity}>"
        )


class UserDesk:
    """What `open_desk` gives. Prices and quantities are text, whole numbers or Decimals."""

    def __init__(self, desk: Desk) -> None:
        self.desk = desk

    async def buy(self, symbol: str, quantity: Number, **terms: Any) -> OrderHandle:
        """Buy. Terms: limit, stop, account, time_in_force, post_only, reduce_only, portfolio.

        Returns once the order is journaled and on its way. Raises RiskRefused with every
        reason, or DeskError.
        """
        return self._place("buy", symbol, quantity, terms)

    async def sell(self, symbol: str, quantity: Number, **terms: Any) -> OrderHandle:
        """Sell; terms as for `buy`."""
        return self._place("sell", symbol, quantity, terms)

    def _place(
        self, side: str, symbol: str, quantity: Number, terms: dict[str, Any]
    ) -> OrderHandle:
        for name, value in (("quantity", quantity), *terms.items()):
            if isinstance(value, float):
                raise TypeError(f"{name} is text or a Decimal, never a float: {value!r}")
        for name in ("limit", "stop"):
            if terms.get(name) is not None:
                terms[name] = str(terms[name])
        placed = self.desk.operations.place(
            side=side, symbol=symbol, quantity=str(quantity), **terms
        )
        return OrderHandle(self.desk, self.desk.kernel.state.orders[placed["order_id"]])

    def status(self) -> dict[str, Any]:
        return self.desk.operations.status()

    def orders(self, *, all: bool = False) -> list[dict[str, Any]]:  # noqa: A002
        return self.desk.operations.orders(all=all)

    def positions(self) -> list[dict[str, Any]]:
        return self.desk.operations.positions()

    def fills(self, *, limit: int = 100) -> list[dict[str, Any]]:
        return self.desk.operations.fills(limit=limit)

    def books(self) -> list[dict[str, Any]]:
        return self.desk.operations.books()

    async def kill(
        self, *, by: str, reason: str = "", flatten: bool = False
    ) -> dict[str, Any]:
        """Cancel everything of ours and refuse what is new; see `crossdock kill`."""
        return await self.desk.operations.kill(by=by, reason=reason, flatten=flatten)
