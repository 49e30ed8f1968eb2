"""Rests one bid and one offer on every venue, and moves them with the market."""

from __future__ import annotations

from decimal import Decimal

from crossdock.model import (
    AccountId,
    InstrumentId,
    OrderRequest,
    OrderType,
    OrderView,
    Rounding,
    Side,
    symbol_of,
)
from crossdock.ports import Book
from crossdock.strategies.params import param
from crossdock.strategies.strategy import Strategy

SECOND_NS = 1_000_000_000


class Quoting(Strategy):
    """Quotes both sides at a distance from the middle, by amending what rests."""

    notional: Decimal = param("500", "size of one quote, in quote currency", least="0.01")
    distance_bps: float = param(1.0, "distance of a quote from the middle", least=0.0)
    tolerance_bps: float = param(1.0, "how far off a quote may be before it is moved")
    every_s: float = param(0.5, "least seconds between two looks at one instrument")

    def setup(self) -> None:
        self._distance = self.distance_bps / 10_000
        self._tolerance = self.tolerance_bps / 10_000
        self._every_ns = int(self.every_s * SECOND_NS)
        self._looked_ns: dict[InstrumentId, int] = {}

    def on_book(self, instrument: InstrumentId, book: Book) -> None:
        middle = self.middle(book)
        if not self.trades(symbol_of(instrument)) or middle is None:
            return
        now = self.desk.now_ns()
        if now - self._looked_ns.get(instrument, 0) < self._every_ns:
            return
        self._looked_ns[instrument] = now
        for account in self.desk.accounts(instrument):
            self._quote(account, instrument, middle)

    def _quote(self, account: AccountId, instrument: InstrumentId, middle: float) -> None:
        resting = {Side.BUY: [], Side.SELL: []}  # type: dict[Side, list[OrderView]]
        for order in self.desk.open_orders():
            same = (
                order.request.instrument == instrument and order.request.account == account
            )
            if same:
                resting[order.request.side].append(order)
        for side, orders in resting.items():
            target = middle * (1 - side.sign * self._distance)
            if not orders:
                self._rest(account, instrument, side, target)
            for order in orders:
                self._move(order, target)

    def _rest(
        self, account: AccountId, instrument: InstrumentId, side: Side, target: float
    ) -> None:
        listed = self.desk.instrument(instrument)
        price = listed.price_of_float(target, _away(side))
        try:
            quantity = listed.quantity(
                self.notional / (price * listed.multiplier), Rounding.UP
            )
        except ValueError:
            return
        self.desk.submit(
            OrderRequest(
                account=account,
                instrument=instrument,
                side=side,
                type=OrderType.LIMIT,
                quantity=quantity,
                limit_price=price,
                post_only=True,
                strategy=self.id,
            )
        )

    def _move(self, order: OrderView, target: float) -> None:
        if order.in_doubt or order.limit_price is None or not order.venue_order_ids:
            return
        listed = self.desk.instrument(order.request.instrument)
        price = listed.price_of_float(target, _away(order.request.side))
        off = abs(float(price / order.limit_price) - 1)
        if off > self._tolerance:
            self.desk.replace(order.order_id, limit_price=price)


def _away(side: Side) -> Rounding:
    """Round away from the middle, so that a quote never crosses by rounding."""
    return Rounding.DOWN if side is Side.BUY else Rounding.UP
