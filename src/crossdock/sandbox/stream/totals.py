"""What the executions of each order add up to."""

from __future__ import annotations

from dataclasses import dataclass, field
from decimal import Decimal

from crossdock.model import ZERO, FillKind
from crossdock.sandbox.engine import VenueFill, VenueOrder


@dataclass(slots=True)
class Total:
    """Of one order: executions that stand, their cost (price by quantity) and fees."""

    cost: Decimal = ZERO
    fees: dict[str, Decimal] = field(default_factory=dict)
    fills: dict[str, VenueFill] = field(default_factory=dict)
    last_time_ns: int = 0


_NOTHING = Total()


class Totals:
    """Follows every account's fills. A busted fill counts no more, a corrected one anew."""

    def __init__(self) -> None:
        self._totals: dict[tuple[str, str], Total] = {}

    def take(self, account: str, fill: VenueFill) -> None:
        total = self._totals.setdefault((account, fill.client_order_id), Total())
        if fill.replaces is not None:
            self._count(total, total.fills.pop(fill.replaces, None), -1)
        if fill.kind is not FillKind.BUSTED:
            total.fills[fill.execution_id] = fill
            self._count(total, fill, 1)
            total.last_time_ns = fill.time_ns

    def of(self, order: VenueOrder) -> Total:
        """Return an order's total; not to be changed."""
        return self._totals.get((order.account, order.client_order_id), _NOTHING)

    def _count(self, total: Total, fill: VenueFill | None, sign: int) -> None:
        if fill is None:
            return
        total.cost += sign * fill.price * fill.quantity
        fees = total.fees.get(fill.fee_asset, ZERO) + sign * fill.fee
        total.fees[fill.fee_asset] = fees
