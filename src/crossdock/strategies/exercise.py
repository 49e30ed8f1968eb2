"""Trades a little of everything, by seed: the strategy that tests a desk and its venue."""

from __future__ import annotations

import random
from decimal import Decimal

from crossdock.model import (
    LIMITED,
    TRIGGERED,
    AccountId,
    Contingency,
    Instrument,
    InstrumentId,
    Leg,
    OrderRequest,
    OrderType,
    OrderView,
    Rounding,
    Side,
    TimeInForce,
    symbol_of,
)
from crossdock.ports import Book
from crossdock.strategies.params import param
from crossdock.strategies.strategy import Strategy

SECOND_NS = 1_000_000_000
TYPES = (
    (OrderType.LIMIT,) * 6
    + (OrderType.MARKET,) * 3
    + (OrderType.STOP, OrderType.STOP_LIMIT)
)
WAITING = (
    OrderType.MARKET_IF_TOUCHED,
    OrderType.LIMIT_IF_TOUCHED,
    OrderType.TRAILING_STOP,
)
TIMES = (TimeInForce.GTC,) * 5 + (
    TimeInForce.IOC,
    TimeInForce.FOK,
    TimeInForce.DAY,
    TimeInForce.GTD,
)


class Exercise(Strategy):
    """Submits, amends and cancels every type of order at random prices near the market."""

    seed: int = param(0, "of the random choices")
    rate_per_s: float = param(10.0, "actions a second and account", least=0.001)
    most_open: int = param(8, "orders open in one account", least=1)
    lots: int = param(5, "most lots in one order", least=1)
    waits_pct: int = param(0, "of the orders if-touched or trailing, in percent", least=0)
    lot: Decimal = param("0", "of quantities; 0: the step of the venue", least="0")
    exits_pct: int = param(0, "of the orders with exits attached, in percent", least=0)

    def setup(self) -> None:
        self._chance = random.Random(self.seed)  # noqa: S311  no secret
        self._pause_ns = int(SECOND_NS / self.rate_per_s)
        self._next_ns: dict[InstrumentId, int] = {}

    def on_book(self, instrument: InstrumentId, book: Book) -> None:
        if not self.trades(symbol_of(instrument)) or self.middle(book) is None:
            return
        now = self.desk.now_ns()
        if now < self._next_ns.get(instrument, 0):
            return
        self._next_ns[instrument] = now + int(
            self._pause_ns * self._chance.uniform(0.5, 1.5)
        )
        for account in self.desk.accounts(instrument):
            self._act(account, instrument, book, now)

    def _act(
        self, account: AccountId, instrument: InstrumentId, book: Book, now: int
    ) -> None:
        mine = [
            order
            for order in self.desk.open_orders()
            if order.request.account == account and order.request.instrument == instrument
        ]
        chance = self._chance.random()
        if mine and (len(mine) >= self.most_open or chance < 0.4):
            order = self._chance.choice(mine)
            if chance < 0.25 and order.venue_order_ids and not order.in_doubt:
                self._amend(order, book)
            else:
                self.desk.cancel(order.order_id)
            return
        request = self._request(account, self.desk.instrument(instrument), book, now)
        if request is not None:
            self.desk.submit(request)

    def _amend(self, order: OrderView, book: Book) -> None:
        listed = self.desk.instrument(order.request.instrument)
        step = self.lot or listed.quantity_step
        quantity = order.quantity + step * self._chance.choice((-1, 1, 2))
        if quantity <= order.cumulative_quantity or quantity <= listed.min_quantity:
            return
        price = None
        if order.limit_price is not None and self._chance.random() < 0.7:
            price = self._price(listed, order.request.side, book)
        self.desk.replace(order.order_id, quantity=quantity, limit_price=price)

    def _price(self, listed: Instrument, side: Side, book: Book) -> Decimal:
        """Return a price mostly behind the touch, sometimes through it."""
        middle = (book.best_bid + book.best_ask) / 2
        offset = self._chance.uniform(-4, 12) / 10_000
        return listed.price_of_float(middle * (1 - side.sign * offset), Rounding.NEAREST)

    def _request(
        self, account: AccountId, listed: Instrument, book: Book, now: int
    ) -> OrderRequest | None:
        side = self._side(account, listed)
        order_type = self._chance.choice(WAITING if self._is_due(self.waits_pct) else TYPES)
        resting = order_type is OrderType.LIMIT
        time_in_force = self._chance.choice(TIMES) if resting else TimeInForce.GTC
        middle = (book.best_bid + book.best_ask) / 2
        limit_price = stop_price = trail_percent = None
        if order_type in LIMITED:
            limit_price = self._price(listed, side, book)
        if order_type in TRIGGERED:
            away = self._chance.uniform(2, 10) / 10_000
            onwards = -1 if order_type in WAITING else 1
            stop_price = listed.price_of_float(
                middle * (1 + onwards * side.sign * away), Rounding.NEAREST
            )
        if order_type is OrderType.TRAILING_STOP:
            trail_percent = Decimal(self._chance.randint(2, 20)) / 100
        least = max(
            listed.min_quantity,
            listed.min_notional * Decimal("1.1") / Decimal(repr(middle)),
            listed.quantity_step,
            self.lot,
        )
        if self.lot:
            least = -(-least // self.lot) * self.lot
        try:
            quantity = listed.quantity(
                least * self._chance.randint(1, self.lots), Rounding.UP
            )
        except ValueError:
            return None
        gtd = time_in_force is TimeInForce.GTD
        patient = time_in_force not in (TimeInForce.IOC, TimeInForce.FOK)
        post_only = resting and patient and self._chance.random() < 0.15
        attached: tuple[Leg, ...] = ()
        contingency = Contingency.OTO
        if patient and stop_price is None and self._is_due(self.exits_pct):
            if resting and self._chance.random() < 0.3:
                contingency = Contingency.OCO
            entry = middle if limit_price is None else float(limit_price)
            attached = self._legs(listed, side, entry, contingency)
        return OrderRequest(
            account=account,
            instrument=listed.id,
            side=side,
            type=order_type,
            quantity=quantity,
            limit_price=limit_price,
            stop_price=stop_price,
            trail_percent=trail_percent,
            time_in_force=time_in_force,
            expire_time_ns=now + 3 * SECOND_NS if gtd else None,
            post_only=post_only,
            attached=attached,
            contingency=contingency,
            strategy=self.id,
        )

    def _is_due(self, percent: int) -> bool:
        """Decide by a share, without touching the other choices where it is none."""
        return percent > 0 and self._chance.random() * 100 < percent

    def _legs(
        self, listed: Instrument, side: Side, entry: float, contingency: Contingency
    ) -> tuple[Leg, ...]:
        """Return exits near an entry, or the stop that stands beside it."""
        gain, loss = (self._chance.uniform(3, 15) / 10_000 for _ in range(2))

        def price(offset: float) -> Decimal:
            away = Rounding.UP if offset > 0 else Rounding.DOWN
            return listed.price_of_float(entry * (1 + offset), away)

        if contingency is Contingency.OCO:
            return (Leg(stop_price=price(side.sign * (gain + loss))),)
        return (
            Leg(limit_price=price(side.sign * gain)),
            Leg(stop_price=price(-side.sign * loss)),
        )

    def _side(self, account: AccountId, listed: Instrument) -> Side:
        """Lean against what is held, so that neither cash nor coin runs out."""
        position = self.desk.position(account, listed.id)
        held = (
            float(position.quantity / listed.quantity_step) if position is not None else 0.0
        )
        lean = max(-0.4, min(0.4, held / (40 * self.lots)))
        return Side.SELL if self._chance.random() < 0.5 + lean else Side.BUY
