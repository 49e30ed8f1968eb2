"""Which underlyings move together, worked out once per row of the matrix."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal

from crossdock.core.risk.view import RiskView
from crossdock.model import Asset

Peer = tuple[Asset, int]
"""An underlying, and 1 where it moves with the other, -1 where it moves against it."""


class Peers:
    def __init__(self) -> None:
        self._known: dict[
            Asset, tuple[Mapping[Asset, float], Decimal, tuple[Peer, ...]]
        ] = {}

    def of(self, underlying: Asset, above: Decimal, view: RiskView) -> tuple[Peer, ...]:
        """Return the others whose correlation is above the threshold, either way."""
        row = view.correlations(underlying)
        known = self._known.get(underlying)
        if known is not None and known[0] is row and known[1] == above:
            return known[2]
        threshold = float(above)
        peers = tuple(
            (other, 1 if value > 0 else -1)
            for other, value in row.items()
            if other != underlying and abs(value) > threshold
        )
        self._known[underlying] = (row, above, peers)
        return peers
