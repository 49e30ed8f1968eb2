"""What each fill realised: the engine tells it for a position only."""

from __future__ import annotations

from decimal import Decimal

from crossdock.model import ZERO, ContractKind, PositionSide
from crossdock.sandbox.engine import Venue, VenueFill
from crossdock.sandbox.engine.position import Position
from crossdock.sandbox.faces.binance_futures.words import is_told


class Realized:
    """Follows the fills of a venue's accounts as far as it was asked for them."""

    def __init__(self, venue: Venue) -> None:
        self._venue = venue
        self._seen: dict[str, int] = {}
        self._positions: dict[tuple[str, str, PositionSide], Position] = {}
        self._profits: dict[tuple[str, str], Decimal] = {}

    def of(self, account: str, fill: VenueFill) -> Decimal:
        """Return what a fill of the account realised, before its fee."""
        self._follow(account)
        return self._profits.get((account, fill.execution_id), ZERO)

    def _follow(self, account: str) -> None:
        fills = self._venue.fills(account)
        for fill in fills[self._seen.get(account, 0) :]:
            market = self._venue.markets[fill.symbol]
            if not is_told(fill) or market.kind is ContractKind.SPOT:
                continue
            key = (account, fill.symbol, fill.position_side)
            position = self._positions.get(key)
            if position is None:
                position = self._positions[key] = Position(market, fill.position_side)
            profit = position.add(
                fill.execution_id, fill.quantity * fill.side.sign, fill.price
            )
            self._profits[account, fill.execution_id] = profit
        self._seen[account] = len(fills)
