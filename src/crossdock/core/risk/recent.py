"""What was approved of late: for the order rate and for repeated orders."""

from __future__ import annotations

from collections import deque

from crossdock.model import AccountId, InstrumentId, OrderRequest, StrategyId

MINUTE_NS = 60_000_000_000

_Desk = tuple[AccountId, StrategyId, InstrumentId]


class RecentOrders:
    """Approvals of the last minute, replaces included. Times are monotonic."""

    def __init__(self) -> None:
        self._times: dict[AccountId, deque[int]] = {}
        self._requests: dict[_Desk, deque[tuple[int, OrderRequest]]] = {}

    def note(self, request: OrderRequest, now_ns: int, *, repeatable: bool = False) -> None:
        """Remember an approval. A `repeatable` one (a replace) is never a duplicate."""
        times = self._times.get(request.account)
        if times is None:
            times = self._times[request.account] = deque()
        oldest = now_ns - MINUTE_NS
        while times and times[0] <= oldest:
            times.popleft()
        times.append(now_ns)
        if repeatable:
            return
        key = (request.account, request.strategy, request.instrument)
        requests = self._requests.get(key)
        if requests is None:
            requests = self._requests[key] = deque()
        while requests and requests[0][0] <= oldest:
            requests.popleft()
        requests.append((now_ns, request))

    def reaches(self, account: AccountId, count: int, window_ns: int, now_ns: int) -> bool:
        """Tell whether `count` approvals or more lie within the window."""
        if count <= 0:
            return True
        times = self._times.get(account)
        if times is None or len(times) < count:
            return False
        return times[-count] > now_ns - window_ns

    def twin_age_ns(self, request: OrderRequest, window_ns: int, now_ns: int) -> int | None:
        """Return how long ago the same order was approved, None outside the window."""
        key = (request.account, request.strategy, request.instrument)
        for then_ns, other in reversed(self._requests.get(key, ())):
            if then_ns <= now_ns - window_ns:
                return None
            if (
                other.side is request.side
                and other.quantity == request.quantity
                and other.limit_price == request.limit_price
                and other.stop_price == request.stop_price
                and other.type is request.type
                and other.position_side is request.position_side
            ):
                return now_ns - then_ns
        return None
