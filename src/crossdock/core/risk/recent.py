"""What was approved of late: for the order rate and for repeated orders."""

from __future__ import annotations

from collections import deque

from crossdock.model import AccountId, OrderRequest

MINUTE_NS = 60_000_000_000

_Likeness = tuple[object, ...]
"""Everything that makes two orders the same order twice."""


class RecentOrders:
    """Approvals of the last minute, replaces included. Times are monotonic."""

    def __init__(self) -> None:
        self._times: dict[AccountId, deque[int]] = {}
        self._last: dict[_Likeness, int] = {}
        self._noted: deque[tuple[int, _Likeness]] = deque()

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
        noted, last = self._noted, self._last
        while noted and noted[0][0] <= oldest:
            then_ns, likeness = noted.popleft()
            if last.get(likeness) == then_ns:
                del last[likeness]
        likeness = _likeness(request)
        last[likeness] = now_ns
        noted.append((now_ns, likeness))

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
        then_ns = self._last.get(_likeness(request))
        if then_ns is None or then_ns <= now_ns - window_ns:
            return None
        return now_ns - then_ns


def _likeness(request: OrderRequest) -> _Likeness:
    return (
        request.account,
        request.strategy,
        request.instrument,
        request.side,
        request.quantity,
        request.limit_price,
        request.stop_price,
        request.trail_amount,
        request.trail_percent,
        request.attached,
        request.type,
        request.position_side,
    )
