"""One order in a user's hands."""

from __future__ import annotations

import asyncio
from decimal import Decimal

from crossdock.app.desk import Desk
from crossdock.app.doors.user.rows import Facts
from crossdock.app.showing import show_order
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

    @property
    def legs(self) -> list[OrderHandle]:
        """The exits that came with it, as far as the venue has told of them."""
        legs = self._desk.kernel.state.legs_of(self._order)
        return [OrderHandle(self._desk, leg) for leg in legs]

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

    def _repr_html_(self) -> str:
        return Facts(show_order(self._order))._repr_html_()
