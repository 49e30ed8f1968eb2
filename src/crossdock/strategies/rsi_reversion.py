"""Buying what fell too fast, until it is back to normal.

A lesson in signals: an opinion without a quantity or a venue. The desk sizes it by the
method of the settings, for which the signal brings its volatility and its stop's distance,
and takes the venue that is cheapest. What is held is all the state there is.
"""

from __future__ import annotations

from decimal import Decimal
from math import sqrt

from crossdock.analysis import indicators as ta
from crossdock.model import ZERO, Bar, Direction, Signal, symbol_of
from crossdock.strategies.params import param
from crossdock.strategies.strategy import Strategy

_SECOND_NS = 1_000_000_000
_YEAR_NS = 31_557_600 * _SECOND_NS


class RsiReversion(Strategy):
    """Goes long when the relative strength index is low, and out when it is normal again."""

    timeframe: str = param("", "bars to decide on, like 1m or 4h; empty: as they come")
    length: int = param(14, "bars of the index and of the average range", least=2)
    low: float = param(30.0, "index below which it buys", least=0.0, most=100.0)
    high: float = param(70.0, "index above which it sells short", least=0.0, most=100.0)
    exit: float = param(50.0, "index at which it leaves", least=0.0, most=100.0)
    short: bool = param(False, "go short when the index is high")
    window: int = param(50, "bars that volatility is measured over", least=2)
    stop_ranges: float = param(2.0, "average ranges from entry to stop", least=0.01)

    def check(self) -> None:
        if not self.low < self.exit < self.high:
            raise ValueError(
                f"low = {self.low}, exit = {self.exit}, high = {self.high}: must rise"
            )

    def setup(self) -> None:
        self._index = self.track(ta.rsi(self.length))
        self._range = self.track(ta.atr(self.length))
        self._deviation = self.track(ta.stdev(self.window, source=ta.roc(1)))

    def on_bar(self, bar: Bar) -> None:
        symbol = symbol_of(bar.instrument)
        direction = self._direction(self._index.value, self._held(symbol))
        if direction is not None and not self._is_ordering(symbol):
            self.desk.signal(self._signal(symbol, direction, bar))

    def _direction(self, index: float, held: Decimal) -> Direction | None:
        """Return where to go from what is held; None to stay."""
        if index < self.low:
            return Direction.LONG if held <= 0 else None
        if index > self.high and self.short:
            return Direction.SHORT if held >= 0 else None
        is_normal = index >= self.exit if held > 0 else index <= self.exit
        return Direction.FLAT if held and is_normal else None

    def _signal(self, symbol: str, direction: Direction, bar: Bar) -> Signal:
        volatility = self._deviation.value / 100 * sqrt(_YEAR_NS / bar.width_ns)
        stop_distance = self._range.value * self.stop_ranges
        return Signal(
            symbol=symbol,
            direction=direction,
            confidence=1.0,
            strength=1.0,
            horizon_s=self.length * bar.width_ns / _SECOND_NS,
            strategy=self.id,
            time_ns=self.desk.now_ns(),
            volatility=volatility or None,  # none in a market that does not move
            stop_distance=stop_distance or None,
        )

    def _held(self, symbol: str) -> Decimal:
        held = ZERO
        for listed in self.desk.instruments(symbol):
            for account in self.desk.accounts(listed.id):
                position = self.desk.position(account, listed.id)
                held += ZERO if position is None else position.quantity
        return held

    def _is_ordering(self, symbol: str) -> bool:
        return any(
            symbol_of(order.request.instrument) == symbol
            for order in self.desk.open_orders()
        )
