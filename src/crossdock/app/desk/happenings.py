"""The newest fills, signals and refusals, and what strategies' closed trades made.

Kept in memory for those who look on: nothing here is true that the journal does not hold.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from decimal import Decimal

from crossdock.app.kernel import Kernel
from crossdock.core import records as r
from crossdock.model import ZERO, AccountId, InstrumentId, PortfolioId, StrategyId

KEPT = 300

_Line = tuple[AccountId, InstrumentId, PortfolioId, StrategyId]


@dataclass(slots=True)
class Closed:
    """Fills that closed something, since the desk began, and those of them that gained."""

    trades: int = 0
    wins: int = 0


class Happenings:
    """Hears of fills, signals and refusals only: never of a tick or of an order sent."""

    def __init__(self, kernel: Kernel) -> None:
        self.fills: deque[r.FillRecorded] = deque(maxlen=KEPT)
        self.signals: deque[r.SignalEmitted] = deque(maxlen=KEPT)
        self.refusals: deque[r.RequestRefused] = deque(maxlen=KEPT)
        self.fill_count = 0
        self.signal_count = 0
        self.closed: dict[StrategyId, Closed] = {}
        self._kernel = kernel
        self._realized: dict[_Line, Decimal] = {}
        for part in kernel.state.ledger.attributions():
            key = part.position.key
            line = (key.account, key.instrument, part.portfolio, part.strategy)
            self._realized[line] = part.position.realized_pnl
        subscribe = kernel.bus.subscribe
        subscribe(r.FillRecorded, self._on_fill)
        subscribe(r.SignalEmitted, self._on_signal)
        subscribe(r.RequestRefused, self.refusals.append)

    def _on_signal(self, record: r.SignalEmitted) -> None:
        self.signals.append(record)
        self.signal_count += 1

    def _on_fill(self, record: r.FillRecorded) -> None:
        self.fills.append(record)
        self.fill_count += 1
        state = self._kernel.state
        order = state.orders.get(record.order_id) if record.order_id else None
        if order is None or order.foreign:
            return
        request = order.request
        line = (
            request.account,
            request.instrument,
            request.portfolio,
            request.strategy,
        )
        part = state.ledger.part(*line)
        if part is None:
            return
        made = part.realized_pnl - self._realized.get(line, ZERO)
        if made:
            self._realized[line] = part.realized_pnl
            closed = self.closed.setdefault(request.strategy, Closed())
            closed.trades += 1
            closed.wins += made > 0
