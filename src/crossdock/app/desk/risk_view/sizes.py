"""How large orders usually are: by account, instrument and strategy."""

from __future__ import annotations

from collections import deque
from decimal import Decimal

from crossdock.model import ZERO, AccountId, InstrumentId, OrderRequest, StrategyId

USUAL_OF_LAST = 50  # orders that "usual size" is the average of
USUAL_FROM = 5


class Sizes:
    """What went out, remembered for as long as the process runs."""

    def __init__(self) -> None:
        self._last: dict[tuple[AccountId, InstrumentId, StrategyId], _Last] = {}

    def note(self, request: OrderRequest) -> None:
        """Remember the size of an order that went out."""
        key = (request.account, request.instrument, request.strategy)
        last = self._last.get(key)
        if last is None:
            last = self._last[key] = _Last()
        last.add(request.quantity)

    def average(
        self, account: AccountId, instrument: InstrumentId, strategy: StrategyId
    ) -> Decimal | None:
        """Return the usual size; None while there were too few orders to tell."""
        last = self._last.get((account, instrument, strategy))
        return None if last is None else last.average


class _Last:
    """The sizes of the last orders, and their sum."""

    __slots__ = ("_last", "_sum")

    def __init__(self) -> None:
        self._last: deque[Decimal] = deque()
        self._sum = ZERO

    def add(self, quantity: Decimal) -> None:
        self._last.append(quantity)
        self._sum += quantity
        if len(self._last) > USUAL_OF_LAST:
            self._sum -= self._last.popleft()

    @property
    def average(self) -> Decimal | None:
        if len(self._last) < USUAL_FROM:
            return None
        return self._sum / len(self._last)
