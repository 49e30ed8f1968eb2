"""How the returns of underlyings move together, measured as the desk runs."""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping
from math import log, sqrt
from types import MappingProxyType

from crossdock.model import Asset

Rows = Mapping[Asset, Mapping[Asset, float]]
NOTHING: Rows = MappingProxyType({})


class Correlations:
    """Pearson's coefficient of log returns over a window of evenly spaced samples.

    A pair counts once both have moved and `least` samples are there; before that they
    are not in the rows, which the gate takes for uncorrelated.
    """

    def __init__(self, window: int = 600, least: int = 60) -> None:
        self._window = window
        self._least = least
        self._last: dict[Asset, float] = {}
        self._returns: dict[Asset, deque[float]] = {}

    def sample(self, prices: Mapping[Asset, float]) -> None:
        """Take one price of each underlying. One without a price restarts its window."""
        for asset in [known for known in self._last if known not in prices]:
            del self._last[asset], self._returns[asset]
        for asset, price in prices.items():
            if price <= 0:
                continue
            before = self._last.get(asset)
            self._last[asset] = price
            returns = self._returns.setdefault(asset, deque(maxlen=self._window))
            if before is not None:
                returns.append(log(price / before))

    def rows(self) -> Rows:
        """Return the matrix, each row without its diagonal."""
        rows: dict[Asset, dict[Asset, float]] = {asset: {} for asset in self._returns}
        assets = sorted(self._returns)
        for position, one in enumerate(assets):
            for other in assets[position + 1 :]:
                found = self._pair(one, other)
                if found is not None:
                    rows[one][other] = rows[other][one] = found
        return rows

    def _pair(self, one: Asset, other: Asset) -> float | None:
        count = min(len(self._returns[one]), len(self._returns[other]))
        if count < self._least:
            return None
        first = list(self._returns[one])[-count:]
        second = list(self._returns[other])[-count:]
        mean_first, mean_second = sum(first) / count, sum(second) / count
        spread_first = sum((value - mean_first) ** 2 for value in first)
        spread_second = sum((value - mean_second) ** 2 for value in second)
        if not spread_first or not spread_second:
            return None
        together = sum(
            (a - mean_first) * (b - mean_second) for a, b in zip(first, second, strict=True)
        )
        return together / sqrt(spread_first * spread_second)
