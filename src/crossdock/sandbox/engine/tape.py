"""The door by which a recorded market is played into a book."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal

from crossdock.model import ZERO, OrderType, Side
from crossdock.sandbox.engine import aftermath, matching
from crossdock.sandbox.engine.book import reaches
from crossdock.sandbox.engine.exact import exactly
from crossdock.sandbox.engine.floor import Floor
from crossdock.sandbox.engine.ladder import Ladder
from crossdock.sandbox.engine.records import OrderForm, PriceLevel, VenueOrder


class Tape:
    """Sets recorded levels and prints recorded trades in one book.

    A recorded level is one or more house orders, so that takers consume it by ordinary
    matching and other accounts' orders queue behind what stood there before them. What was
    consumed stays so until the recording sets the level again. Orders of other accounts
    fill only at recorded prices.
    """

    def __init__(self, floor: Floor, symbol: str, account: str) -> None:
        self._floor = floor
        self._book = floor.book(symbol)
        self._account = floor.accounts[account]
        if not self._account.is_house:
            raise ValueError(f"account {account!r} is not a house account")

    @exactly
    def set_levels(
        self,
        bids: Iterable[PriceLevel],
        asks: Iterable[PriceLevel],
        now_ns: int,
        *,
        is_whole: bool = False,
    ) -> None:
        """Apply one message of new level quantities; 0 removes a level.

        A whole book also removes every recorded level it does not name.

        Orders of other accounts that the new levels cross fill at the levels' prices, and
        a recorded level of the other side that they cross is stale and goes.
        """
        new = [(self._book.bids, list(bids)), (self._book.asks, list(asks))]
        for ladder, levels in new:
            if is_whole:
                named = {price for price, _ in levels}
                for price in [price for price in ladder if price not in named]:
                    self._resize(ladder, price, ZERO)
            for price, quantity in levels:
                if not quantity:
                    self._resize(ladder, price, ZERO)
        for ladder, levels in new:
            for price, quantity in levels:
                if quantity:
                    self._set(ladder, price, quantity, now_ns)
        aftermath.finish(self._floor, self._book, now_ns)

    @exactly
    def print(
        self, trade_id: str, price: Decimal, quantity: Decimal, side: Side, now_ns: int
    ) -> None:
        """Play a recorded trade; `side` is its taker's.

        It fills orders it went through, and at its own price those whose queue ahead it
        used up. The recorded level keeps its quantity: the recording itself says what a
        trade left.
        """
        book = self._book
        book.print(price)
        symbol = book.spec.symbol
        self._floor.listener.traded(symbol, trade_id, price, quantity, side, now_ns)
        resting = book.own(side.opposite)
        left = self._fill_crossing(resting, price, quantity, now_ns, at_price=False)
        if left and price in resting.levels:
            self._use_queue(resting, price, left, now_ns)
        aftermath.finish(self._floor, book, now_ns)

    def _set(self, ladder: Ladder, price: Decimal, quantity: Decimal, now_ns: int) -> None:
        opposite = self._book.opposite(ladder.side)
        left = self._fill_crossing(opposite, price, quantity, now_ns, at_price=True)
        while (best := opposite.best) and reaches(ladder.side, price, best):
            if not self._mine(opposite, best):
                break
            self._resize(opposite, best, ZERO)
        self._resize(ladder, price, left)

    def _fill_crossing(
        self,
        resting: Ladder,
        price: Decimal,
        quantity: Decimal,
        now_ns: int,
        *,
        at_price: bool,
    ) -> Decimal:
        """Fill others' orders which `price` went through, at `price`; return what is left.

        `at_price` says whether an order at that very price counts too.
        """
        best = resting.best
        if best is None or not reaches(resting.side, best, price):
            return quantity
        crossed = [
            order
            for level in resting
            if reaches(resting.side, level, price) and (at_price or level != price)
            for order in resting.levels[level].orders.values()
            if order.account != self._account.name
        ]
        for order in crossed:
            quantity -= self._fill(order, price, quantity, now_ns)
        return quantity

    def _use_queue(
        self, resting: Ladder, price: Decimal, quantity: Decimal, now_ns: int
    ) -> None:
        orders = list(resting.levels[price].orders.values())
        if all(order.account == self._account.name for order in orders):
            return
        passed = ZERO
        for order in orders:
            if not quantity:
                break
            if order.account != self._account.name:
                quantity -= self._fill(order, price, quantity, now_ns)
                continue
            ahead = min(quantity, order.leaves)
            self._cut(resting, order, ahead)
            quantity -= ahead
            passed += ahead
        if passed:
            self._append(resting, price, passed)

    def _fill(
        self, order: VenueOrder, price: Decimal, quantity: Decimal, now_ns: int
    ) -> Decimal:
        """Fill an order of another account; return how much of it was filled."""
        most = min(quantity, order.leaves)
        if order.reduces:
            most = min(most, matching.reducible(self._floor, order))
        if not most:
            return ZERO
        taker = self._order(order.side.opposite, most, None)
        self._floor.trade(order, taker, price, most, now_ns, is_public=False)
        return most

    def _resize(self, ladder: Ladder, price: Decimal, quantity: Decimal) -> None:
        """Make the recorded orders of a level add up to a quantity.

        More joins at the back; less goes from the back, so nobody's queue gets shorter by
        it before it must.
        """
        mine = self._mine(ladder, price)
        missing = quantity - sum((order.leaves for order in mine), ZERO)
        if missing > 0:
            self._append(ladder, price, missing)
        for order in reversed(mine):
            if missing >= 0:
                break
            cut = min(-missing, order.leaves)
            self._cut(ladder, order, cut)
            missing += cut

    def _append(self, ladder: Ladder, price: Decimal, quantity: Decimal) -> None:
        level = ladder.levels.get(price)
        last = next(reversed(level.orders.values())) if level else None
        if last is not None and last.account == self._account.name:
            ladder.grow(last, quantity)
            last.quantity += quantity
        else:
            ladder.add(self._order(ladder.side, quantity, price))

    def _cut(self, ladder: Ladder, order: VenueOrder, quantity: Decimal) -> None:
        if quantity == order.leaves:
            ladder.remove(order)
        else:
            ladder.shrink(order, quantity)
            order.quantity -= quantity

    def _mine(self, ladder: Ladder, price: Decimal) -> list[VenueOrder]:
        level = ladder.levels.get(price)
        if level is None:
            return []
        name = self._account.name
        return [order for order in level.orders.values() if order.account == name]

    def _order(self, side: Side, quantity: Decimal, price: Decimal | None) -> VenueOrder:
        form = OrderForm(
            client_order_id="recorded",
            symbol=self._book.spec.symbol,
            side=side,
            type=OrderType.MARKET if price is None else OrderType.LIMIT,
            quantity=quantity,
            limit_price=price,
        )
        return self._floor.order(form, self._account.name, 0)
