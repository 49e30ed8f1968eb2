"""What one asset is worth in another."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal

from crossdock.core.ledger.money import converted
from crossdock.model import Asset


class Rates:
    """Convert by a given rate, one over a given rate, or a path through one other asset.

    `rates[("BTC", "USDT")]` is how many USDT one BTC is worth. A direct rate goes before
    an inverse one, both before a path; of several paths the first by name is taken, so
    that the same rates always give the same amount.
    """

    __slots__ = ("_neighbours", "_rates")

    def __init__(self, rates: Mapping[tuple[Asset, Asset], Decimal]) -> None:
        self._rates = dict(rates)
        self._neighbours: dict[Asset, set[Asset]] = {}
        for (source, target), rate in self._rates.items():
            if not rate.is_finite() or rate <= 0:
                raise ValueError(
                    f"the rate of {source} in {target} is {rate}: not positive"
                )
            self._neighbours.setdefault(source, set()).add(target)
            self._neighbours.setdefault(target, set()).add(source)

    def convert(self, amount: Decimal, source: Asset, target: Asset) -> Decimal | None:
        """Return the amount in `target`, or None when no path is known."""
        if source == target or not amount:
            return amount
        one_step = self._step(amount, source, target)
        if one_step is not None:
            return one_step
        reached = self._neighbours.get(source, set()) & self._neighbours.get(target, set())
        if not reached:
            return None
        between = min(reached)
        halfway = self._step(amount, source, between)
        return None if halfway is None else self._step(halfway, between, target)

    def _step(self, amount: Decimal, source: Asset, target: Asset) -> Decimal | None:
        if (rate := self._rates.get((source, target))) is not None:
            return converted(amount, rate)
        if (rate := self._rates.get((target, source))) is not None:
            return converted(amount, rate, inverse=True)
        return None
