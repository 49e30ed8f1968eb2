"""Calls a second by account and endpoint, and in five seconds by address.

https://bybit-exchange.github.io/docs/v5/rate-limit, read 2026-11-21.
"""

from __future__ import annotations

from collections.abc import Mapping

from crossdock.sandbox.faces.refusals import Refusal
from crossdock.sandbox.faults import Operation
from crossdock.sandbox.host import SECOND_NS

USUAL: Mapping[str, int] = {"writes_1s": 10, "reads_1s": 50, "address_5s": 600}
ADDRESS_S = 5
TOO_FREQUENT = "address_limited"
"""The code of a refusal by address, which has a status and no JSON's number."""


class Limiter:
    """Calls in windows of whole seconds."""

    def __init__(self, most: int, width_s: int, code: str = "rate_limited") -> None:
        self.most = most
        self._width_ns = width_s * SECOND_NS
        self._code = code
        self._window = 0
        self._count = 0
        self.reset_ns = 0

    @property
    def left(self) -> int:
        return self.most - self._count

    def check_ban(self, now_ns: int) -> None:
        """Nobody is banned."""

    def admit(self, operation: Operation, weight: int, now_ns: int) -> None:
        window = now_ns // self._width_ns
        if window != self._window:
            self._window, self._count = window, 0
        self.reset_ns = (window + 1) * self._width_ns
        if self._count + weight > self.most:
            raise self.refuse(now_ns, self.reset_ns, hinted=True)
        self._count += weight

    def refuse(self, now_ns: int, until_ns: int, *, hinted: bool) -> Refusal:
        if hinted:
            self.reset_ns = until_ns
        return Refusal(self._code, "too many calls")


class Limiters:
    """One for each account and endpoint, and one for the address everybody calls from."""

    def __init__(self, limits: Mapping[str, int]) -> None:
        self._limits = limits
        self._known: dict[tuple[str, str], Limiter] = {}
        self.address = Limiter(limits["address_5s"], ADDRESS_S, TOO_FREQUENT)

    def of(self, path: str, operation: Operation, account: str) -> Limiter:
        limiter = self._known.get((path, account))
        if limiter is None:
            is_read = operation is Operation.READ
            limiter = Limiter(self._limits["reads_1s" if is_read else "writes_1s"], 1)
            self._known[path, account] = limiter
        return limiter
