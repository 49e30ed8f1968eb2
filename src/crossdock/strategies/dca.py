"""Buying for the same amount again and again, whatever the price.

A lesson in time and in restarts: a timer, and state that makes every period one purchase,
also when the desk is killed between an order and anything that follows it.
"""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from crossdock.model import (
    ONE,
    ZERO,
    Instrument,
    OrderRequest,
    OrderType,
    OrderView,
    Rounding,
    Side,
    symbol_of,
    width_of,
)
from crossdock.ports import Trading
from crossdock.strategies.params import param
from crossdock.strategies.strategy import Strategy

_SECOND_NS = 1_000_000_000
_LOOKS = 24  # in a period: one that fails is tried again soon


class Dca(Strategy):
    """Buys for a fixed amount once in every period, each symbol where it is cheapest.

    A period that went by while the desk was down is not made up for; the present one is.
    """

    amount: Decimal = param("100", "money for one purchase, in quote", least="0.01")
    every: str = param("1d", "period from 1970 on (UTC), like 1h, 1d; 1w is from Thursday")

    def check(self) -> None:
        width_of(self.every)
        if not self.symbols:
            raise ValueError("symbols must name what to buy")

    def setup(self) -> None:
        self._every_ns = width_of(self.every)
        self._bought_ns: dict[str, int] = {}  # the newest period bought in, by symbol
        self.timer_s = max(self._every_ns / _SECOND_NS / _LOOKS, 1.0)

    def start(self, desk: Trading) -> None:
        super().start(desk)
        # An order is journaled before it is sent, and this state only after: killed in
        # between, the order is open or in doubt, and its period counts as bought.
        for order in desk.open_orders():
            self._note(order)

    def on_timer(self, now_ns: int) -> None:
        period_ns = now_ns - now_ns % self._every_ns
        for symbol in self.symbols:
            if self._bought_ns.get(symbol, -1) < period_ns and self._buy(symbol):
                self._bought_ns[symbol] = period_ns

    def on_order(self, order: OrderView) -> None:
        symbol = symbol_of(order.request.instrument)
        is_newest = order.created_time_ns >= self._bought_ns.get(symbol, 0)
        failed = order.status.is_terminal and not order.in_doubt
        if is_newest and failed and order.cumulative_quantity == ZERO:
            self._bought_ns.pop(symbol, None)  # nothing was bought: try again

    def _note(self, order: OrderView) -> None:
        symbol = symbol_of(order.request.instrument)
        created_ns = order.created_time_ns
        period_ns = created_ns - created_ns % self._every_ns
        self._bought_ns[symbol] = max(period_ns, self._bought_ns.get(symbol, -1))

    def _buy(self, symbol: str) -> bool:
        """Order one purchase. False when nobody sells now, or risk refused.

        Raises ValueError when the amount is below what the venue takes at all.
        """
        priced: list[tuple[float, Instrument]] = []
        for listed in self.desk.instruments(symbol):
            price = self.price(listed.id)
            if price and self.desk.accounts(listed.id):  # for nothing there is no amount
                priced.append((price, listed))
        if not priced:
            return False
        price, cheapest = min(priced, key=lambda each: each[0])
        worth = cheapest.notional(ONE, Decimal(repr(price)))
        ordered = self.desk.submit(
            OrderRequest(
                account=self.desk.accounts(cheapest.id)[0],
                instrument=cheapest.id,
                side=Side.BUY,
                type=OrderType.MARKET,
                quantity=cheapest.quantity(self.amount / worth, Rounding.DOWN),
            )
        )
        return ordered is not None

    def state(self) -> dict[str, Any]:
        return {"bought_ns": self._bought_ns}

    def restore(self, state: Mapping[str, Any]) -> None:
        self._bought_ns = dict(state["bought_ns"])
