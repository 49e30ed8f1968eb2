"""What the fills of each order id add up to, and what fills are called."""

from __future__ import annotations

from dataclasses import dataclass, field
from decimal import Decimal

from crossdock.model import ZERO, FillKind, Side
from crossdock.sandbox.engine import VenueFill
from crossdock.sandbox.faces.alpaca.ids import execution_id, order_id
from crossdock.sandbox.faces.numbers import plain
from crossdock.sandbox.host import Host


@dataclass(slots=True)
class Sum:
    """Of one order id: what was filled, and its cost at each step of the way."""

    filled: Decimal = ZERO
    costs: dict[Decimal, Decimal] = field(default_factory=lambda: {ZERO: ZERO})
    changed: Decimal = ZERO  # what was taken back or corrected

    def average(self, filled: Decimal) -> Decimal | None:
        """Return the average price when so much was filled."""
        if not filled:
            return None
        return (self.costs.get(filled, self.costs[self.filled]) + self.changed) / filled


@dataclass(slots=True)
class Bought:
    """Shares or coins that came by fills and are still held, and what they cost."""

    quantity: Decimal = ZERO
    cost: Decimal = ZERO

    def take(self, fill: VenueFill) -> None:
        if fill.side is Side.BUY:
            self.quantity += fill.quantity
            self.cost += fill.quantity * fill.price
        elif self.quantity:
            sold = min(fill.quantity, self.quantity)
            self.cost -= self.cost * sold / self.quantity
            self.quantity -= sold

    @property
    def average(self) -> Decimal:
        return self.cost / self.quantity if self.quantity else ZERO


class Executions:
    """Follows the history of fills of every account."""

    def __init__(self, host: Host) -> None:
        self._host = host
        self._read: dict[str, int] = {}
        self._sums: dict[str, Sum] = {}
        self._bought: dict[tuple[str, str], Bought] = {}
        self._names: dict[str, str] = {}
        self._totals: dict[str, Decimal] = {}

    def of(self, account: str, engine_id: str) -> Sum:
        self._follow(account)
        return self._sums.get(engine_id) or Sum()

    def bought(self, account: str, symbol: str) -> Bought:
        self._follow(account)
        return self._bought.get((account, symbol)) or Bought()

    def total_at(self, account: str, fill: VenueFill) -> Decimal:
        """Return what an order id had filled with this fill."""
        self._follow(account)
        return self._totals[fill.execution_id]

    def name(self, fill_id: str) -> str:
        """Return what a fill is called by whoever tells it by order and count."""
        if fill_id not in self._names:
            for account in self._host.venue.accounts:
                self._follow(account)
        return self._names[fill_id]

    def _follow(self, account: str) -> None:
        history = self._host.venue.fills(account)
        begin = self._read.get(account, 0)
        self._read[account] = len(history)
        for fill in history[begin:]:
            self._take(account, fill)

    def _take(self, account: str, fill: VenueFill) -> None:
        total = self._sums.setdefault(fill.order_id, Sum())
        ours = order_id(fill.order_id)
        if fill.kind is FillKind.REPORTED:
            cost = total.costs[total.filled] + fill.price * fill.quantity
            total.filled += fill.quantity
            total.costs[total.filled] = cost
            self._names[fill.execution_id] = f"{ours}:{plain(total.filled)}"
            self._bought.setdefault((account, fill.symbol), Bought()).take(fill)
        else:
            self._names[fill.execution_id] = f"{ours}:{execution_id(fill.execution_id)}"
            total.changed += self._change(account, fill)
        self._totals[fill.execution_id] = total.filled

    def _change(self, account: str, fill: VenueFill) -> Decimal:
        """Return what a fill that was taken back or corrected changes of the cost."""
        history = self._host.venue.fills(account)
        before = next(it for it in history if it.execution_id == fill.replaces)
        after = ZERO if fill.kind is FillKind.BUSTED else fill.price * fill.quantity
        return after - before.price * before.quantity
