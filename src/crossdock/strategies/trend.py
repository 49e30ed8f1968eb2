"""Follows the trend of a symbol over all venues, by signals the desk sizes and routes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from crossdock.model import Direction, InstrumentId, Signal, StrategyId, symbol_of
from crossdock.ports import Book, Trading
from crossdock.strategies.passive import Passive

SECOND_NS = 1_000_000_000


class Trend(Passive):
    """Two exponential averages of the middle price; their order is the direction.

    params: `fast_s` and `slow_s` (the averages' time constants, 2 and 8), `every_s`
    (least time between signals of one symbol, 2), `dead_bps` (how far apart the averages
    must be to count, 0.5).
    """

    def __init__(
        self, name: StrategyId, symbols: tuple[str, ...], params: Mapping[str, Any]
    ) -> None:
        super().__init__(name, symbols, params)
        self._fast_s = float(params.get("fast_s", 2))
        self._slow_s = float(params.get("slow_s", 8))
        self._every_ns = int(float(params.get("every_s", 2)) * SECOND_NS)
        self._dead = float(params.get("dead_bps", 0.5)) / 10_000
        self._averages: dict[str, tuple[float, float, int]] = {}
        self._last_signal_ns: dict[str, int] = {}

    def start(self, desk: Trading) -> None:
        super().start(desk)
        self._averages.clear()

    def on_book(self, instrument: InstrumentId, book: Book) -> None:
        symbol = symbol_of(instrument)
        middle = self.middle(book)
        if not self.trades(symbol) or middle is None:
            return
        now = self.desk.now_ns()
        fast, slow, then = self._averages.get(symbol, (middle, middle, now))
        passed_s = max(now - then, 0) / SECOND_NS
        fast += (middle - fast) * min(passed_s / self._fast_s, 1.0)
        slow += (middle - slow) * min(passed_s / self._slow_s, 1.0)
        self._averages[symbol] = (fast, slow, now)
        if now - self._last_signal_ns.get(symbol, 0) >= self._every_ns:
            self._decide(symbol, fast / slow - 1, now)

    def _decide(self, symbol: str, lead: float, now: int) -> None:
        if abs(lead) < self._dead:
            return
        self._last_signal_ns[symbol] = now
        strength = min(abs(lead) / (10 * self._dead), 1.0)
        self.desk.signal(
            Signal(
                symbol=symbol,
                direction=Direction.LONG if lead > 0 else Direction.SHORT,
                confidence=1.0,
                strength=round(strength, 3),
                horizon_s=self._slow_s,
                strategy=self.id,
                time_ns=now,
            )
        )
