"""Follows the trend of a symbol over all venues, by signals the desk sizes and routes."""

from __future__ import annotations

from crossdock.model import Direction, InstrumentId, Signal, symbol_of
from crossdock.ports import Book, Trading
from crossdock.strategies.params import param
from crossdock.strategies.strategy import Strategy

SECOND_NS = 1_000_000_000


class Trend(Strategy):
    """Signals the way two exponential averages of the middle price lie to each other."""

    fast_s: float = param(2.0, "time constant of the fast average, seconds", least=0.001)
    slow_s: float = param(8.0, "time constant of the slow average, seconds", least=0.001)
    every_s: float = param(2.0, "least seconds between signals of one symbol", least=0.0)
    dead_bps: float = param(0.5, "how far apart the averages must be to count", least=1e-6)

    def setup(self) -> None:
        self._every_ns = int(self.every_s * SECOND_NS)
        self._dead = self.dead_bps / 10_000
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
        fast += (middle - fast) * min(passed_s / self.fast_s, 1.0)
        slow += (middle - slow) * min(passed_s / self.slow_s, 1.0)
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
                horizon_s=self.slow_s,
                strategy=self.id,
                time_ns=now,
            )
        )
