"""The crossing of two averages, the first strategy of every textbook.

A lesson in bars: parameters that check each other, two indicators that warm up by
themselves, and one market order that takes the position to where it should be.
"""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from math import isclose
from typing import Any

from crossdock.analysis import indicators as ta
from crossdock.model import (
    ONE,
    ZERO,
    Bar,
    InstrumentId,
    OrderRequest,
    OrderType,
    Rounding,
    Side,
)
from crossdock.strategies.params import param
from crossdock.strategies.strategy import Strategy

NOISE = 1e-12  # two sums of the same prices may differ by so much, as floats


class SmaCross(Strategy):
    """Holds a share of its equity while the fast average is above the slow one."""

    timeframe: str = param("", "bars to decide on, like 1m or 4h; empty: as they come")
    fast: int = param(10, "bars in the fast average", least=1)
    slow: int = param(30, "bars in the slow average", least=2)
    share: Decimal = param(
        "0.95", "share of equity in one instrument", least="0.001", most="1"
    )
    short: bool = param(False, "sell short while the fast average is below")

    def check(self) -> None:
        if self.fast >= self.slow:
            raise ValueError(f"fast = {self.fast}: must be below slow = {self.slow}")

    def setup(self) -> None:
        self._fast = self.track(ta.sma(self.fast))
        self._slow = self.track(ta.sma(self.slow))
        self._is_above: dict[InstrumentId, bool] = {}

    def on_bar(self, bar: Bar) -> None:
        fast, slow = self._fast.value, self._slow.value
        if isclose(fast, slow, rel_tol=NOISE):
            return  # on neither side
        was_above = self._is_above.get(bar.instrument)
        is_above = fast > slow
        if is_above == was_above:
            return
        # The first side seen is no cross. One that could not be traded is tried again at
        # the next bar, because it is not remembered.
        if was_above is None or self._go(bar, is_above=is_above):
            self._is_above[bar.instrument] = is_above

    def _go(self, bar: Bar, *, is_above: bool) -> bool:
        """Order what is missing to the target. False while something stands in the way."""
        accounts = self.desk.accounts(bar.instrument)
        if not accounts or self._is_ordering(bar.instrument):
            return False
        listed = self.desk.instrument(bar.instrument)
        position = self.desk.position(accounts[0], bar.instrument)
        held = ZERO if position is None else position.quantity
        target = ZERO
        if is_above or self.short:
            worth = listed.notional(ONE, Decimal(repr(bar.close)))
            if not worth:
                return False  # a spread that costs nothing now
            target = self.desk.equity() * self.share / worth
        missing = (target if is_above else -target) - held
        try:
            quantity = listed.quantity(abs(missing), Rounding.DOWN)
        except ValueError:
            return True  # less than the venue's smallest order: near enough
        self.desk.submit(
            OrderRequest(
                account=accounts[0],
                instrument=bar.instrument,
                side=Side.BUY if missing > 0 else Side.SELL,
                type=OrderType.MARKET,
                quantity=quantity,
            )
        )
        return True

    def _is_ordering(self, instrument: InstrumentId) -> bool:
        orders = self.desk.open_orders()
        return any(order.request.instrument == instrument for order in orders)

    def state(self) -> dict[str, Any]:
        return {"is_above": self._is_above}

    def restore(self, state: Mapping[str, Any]) -> None:
        self._is_above = dict(state["is_above"])
