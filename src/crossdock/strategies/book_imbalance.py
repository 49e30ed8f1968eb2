"""Leaning with the heavier side of the book.

A lesson in books: quantities of the best levels to decide by, exact prices of the touch to
send, orders that fill at once or not at all, and a bound on what is held.
"""

from __future__ import annotations

from decimal import Decimal

from crossdock.model import (
    ZERO,
    AccountId,
    InstrumentId,
    OrderRequest,
    OrderType,
    Quote,
    Rounding,
    Side,
    TimeInForce,
    symbol_of,
)
from crossdock.ports import Book
from crossdock.strategies.params import param
from crossdock.strategies.strategy import Strategy

_SECOND_NS = 1_000_000_000


class BookImbalance(Strategy):
    """Takes from the thin side of a book when the other side is much heavier.

    Where a venue sends quotes and no book, the best level alone is weighed.
    """

    depth: int = param(5, "levels of each side that are weighed", least=1, most=1000)
    threshold: float = param(
        0.6, "imbalance that counts: 0 is even, 1 is one side only", least=0.0, most=1.0
    )
    notional: Decimal = param("100", "money in one order, in quote", least="0.01")
    most_notional: Decimal = param("1000", "most money in one position", least="0.01")
    every_s: float = param(1.0, "least seconds between orders of one instrument", least=0.0)
    short: bool = param(False, "hold less than nothing too")

    def setup(self) -> None:
        self._every_ns = int(self.every_s * _SECOND_NS)
        self._ordered_ns: dict[InstrumentId, int] = {}
        self._with_book: set[InstrumentId] = set()

    def on_book(self, instrument: InstrumentId, book: Book) -> None:
        self._with_book.add(instrument)
        if not book.ready or not self._may_order(instrument):
            return
        bids, asks = (
            sum(float(quantity) for _, quantity in book.levels(side, self.depth))
            for side in (Side.BUY, Side.SELL)
        )
        side = self._lean(bids, asks)
        if side is not None:
            price = book.best_ask_price if side is Side.BUY else book.best_bid_price
            self._take(instrument, side, price)

    def on_quote(self, quote: Quote) -> None:
        if quote.instrument in self._with_book or not self._may_order(quote.instrument):
            return
        side = self._lean(quote.bid_quantity, quote.ask_quantity)
        if side is not None:
            touch = quote.ask if side is Side.BUY else quote.bid
            listed = self.desk.instrument(quote.instrument)
            price = listed.price_of_float(touch, Rounding.NEAREST)
            self._take(quote.instrument, side, price)

    def _may_order(self, instrument: InstrumentId) -> bool:
        due_ns = self._ordered_ns.get(instrument, -self._every_ns) + self._every_ns
        return self.desk.now_ns() >= due_ns and self.trades(symbol_of(instrument))

    def _lean(self, bids: float, asks: float) -> Side | None:
        """Return the side to trade on; None while the book is about even, or one-sided."""
        if bids <= 0 or asks <= 0:
            return None
        imbalance = (bids - asks) / (bids + asks)
        if abs(imbalance) < self.threshold:
            return None
        return Side.BUY if imbalance > 0 else Side.SELL

    def _take(self, instrument: InstrumentId, side: Side, price: Decimal) -> None:
        orders = self.desk.open_orders()
        if any(order.request.instrument == instrument for order in orders):
            return
        for account in self.desk.accounts(instrument):
            quantity = self._quantity(account, instrument, side, price)
            if quantity is None:
                continue
            self._ordered_ns[instrument] = self.desk.now_ns()
            self.desk.submit(
                OrderRequest(
                    account=account,
                    instrument=instrument,
                    side=side,
                    type=OrderType.LIMIT,
                    quantity=quantity,
                    limit_price=price,
                    time_in_force=TimeInForce.IOC,
                )
            )

    def _quantity(
        self, account: AccountId, instrument: InstrumentId, side: Side, price: Decimal
    ) -> Decimal | None:
        """Return what may be traded within the bounds; None when it is too little."""
        listed = self.desk.instrument(instrument)
        position = self.desk.position(account, instrument)
        held = ZERO if position is None else position.quantity
        worth = abs(listed.notional(Decimal(1), price))
        if not worth:
            return None  # a spread that costs nothing has no quantity for a notional
        most = self.most_notional / worth
        room = most - held if side is Side.BUY else held + (most if self.short else ZERO)
        try:
            return listed.quantity(min(self.notional / worth, room), Rounding.DOWN)
        except ValueError:
            return None
