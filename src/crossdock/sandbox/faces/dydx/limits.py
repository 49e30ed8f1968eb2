"""How often the indexer may be asked, and how many orders a block takes of a subaccount.

https://github.com/dydxprotocol/v4-chain/blob/main/indexer/services/comlink/src/config.ts
and https://docs.dydx.xyz/interaction/trading, read 2026-11-21.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping

from crossdock.sandbox.faces.refusals import Refusal
from crossdock.sandbox.faults import Operation
from crossdock.sandbox.host import SECOND_NS

USUAL: Mapping[str, int] = {
    "reads_10s": 100,
    "candles_10s": 1000,
    "short_term_per_block": 400,
    "stateful_per_block": 2,
    "stateful_per_100_blocks": 20,
}
TEN_SECONDS_NS = 10 * SECOND_NS
BLOCK_NS = SECOND_NS


class Windows:
    """Calls within windows of time: (how many, within how long). Each counts in all."""

    def __init__(self, *windows: tuple[int, int]) -> None:
        self._windows = windows
        self._calls: deque[int] = deque()

    @property
    def most(self) -> int:
        return self._windows[0][0]

    def left(self, now_ns: int) -> int:
        """Return how many more the first window takes."""
        most, span_ns = self._windows[0]
        return most - sum(1 for it in self._calls if now_ns - it < span_ns)

    def check_ban(self, now_ns: int) -> None:
        """Nobody is banned."""

    def admit(self, operation: Operation, weight: int, now_ns: int) -> None:
        """Count a call. Raises Refusal when a window is full."""
        longest_ns = max((span_ns for _, span_ns in self._windows), default=0)
        while self._calls and now_ns - self._calls[0] >= longest_ns:
            self._calls.popleft()
        for most, span_ns in self._windows:
            within = [it for it in self._calls if now_ns - it < span_ns]
            if len(within) >= most:
                raise self.refuse(now_ns, within[0] + span_ns, hinted=True)
        if self._windows:
            self._calls.append(now_ns)

    def refuse(self, now_ns: int, until_ns: int, *, hinted: bool) -> Refusal:
        wait_s = max(0, until_ns - now_ns) / SECOND_NS
        return Refusal(
            "rate_limited", "too many calls", retry_after_s=wait_s if hinted else None
        )
