"""Orders that need looking up: asked until nothing about them is in doubt."""

from __future__ import annotations

import asyncio
import logging
from typing import Any

from crossdock.app.gateway.resync import Resync
from crossdock.core.orders import OrderState
from crossdock.errors import AdapterError, AuthFailed, RateLimited
from crossdock.model import OrderId
from crossdock.ports import Clock
from crossdock.toolkit import Purpose, metered, serving

log = logging.getLogger(__name__)

PAUSE_S = 0.1
PAUSE_AT_MOST_S = 2.0
TOLD_PAUSE_AT_MOST_S = 30.0  # where a person knows of all that is open
SHARE = 0.5


class Questions:
    """One account's open questions. A venue that is slow to answer is asked less often.

    Half of what its limits allow is left to orders, however many are in doubt. The first
    question about an order waits for no repetition of another.
    """

    def __init__(self, clock: Clock, resync: Resync) -> None:
        self._clock = clock
        self._resync = resync
        self._open: dict[OrderId, OrderState] = {}
        self._new: dict[OrderId, OrderState] = {}  # of those, never asked about
        self._asked = asyncio.Event()

    def ask(self, order: OrderState) -> None:
        """Have an order looked up soon."""
        if order.order_id not in self._open:
            self._new[order.order_id] = order
            self._asked.set()
        self._open[order.order_id] = order

    async def answer(self, adapter: Any) -> None:
        """Look up what is asked, for ever. Raises AuthFailed."""
        pause_s, again_ns = PAUSE_S, 0
        while True:
            if not self._open:
                await self._asked.wait()
                pause_s, again_ns = PAUSE_S, 0
            self._asked.clear()
            is_again = self._clock.monotonic_ns() >= again_ns
            asked = dict(self._open if is_again else self._new)
            self._new.clear()
            with metered() as spent, serving(Purpose.ORDER):
                barred_s = await self._round(adapter, asked)
            if not self._open:
                continue
            rest_s = spent.pause_s(SHARE)
            now_ns = self._clock.monotonic_ns()
            if is_again:
                again_ns = now_ns + round(max(pause_s, rest_s) * 1e9)
                pause_s = min(pause_s * 1.5, self._most_s())
            else:  # what the first questions spent, repetitions save
                again_ns = max(now_ns, again_ns) + round(rest_s * 1e9)
                pause_s = PAUSE_S
            if barred_s:
                await self._clock.sleep(barred_s)
            await self._asked_or((again_ns - self._clock.monotonic_ns()) / 1e9)

    def _most_s(self) -> float:
        is_any_open = any(_is_open(order) for order in self._open.values())
        return PAUSE_AT_MOST_S if is_any_open else TOLD_PAUSE_AT_MOST_S

    async def _asked_or(self, seconds: float) -> None:
        """Wait so long, or until a first question is asked."""
        if seconds <= 0:
            return
        both = (
            asyncio.ensure_future(self._asked.wait()),
            asyncio.ensure_future(self._clock.sleep(seconds)),
        )
        try:
            await asyncio.wait(both, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for each in both:
                each.cancel()

    async def _round(self, adapter: Any, asked: dict[OrderId, OrderState]) -> float:
        """Ask about each once; return how long our limits, or the venue's, bid us wait."""
        barred_s = 0.0
        for order_id, order in asked.items():
            try:
                await self._resync.question(adapter, order)
            except AuthFailed:
                raise
            except AdapterError as error:
                log.debug("question about %s: %s", order.client_order_id, error)
                if isinstance(error, RateLimited):
                    barred_s = max(barred_s, error.retry_after_s)
                continue
            if not _is_open(order):
                self._open.pop(order_id, None)
        return barred_s


def _is_open(order: OrderState) -> bool:
    return any(not doubt.escalated for doubt in order.doubts) or order.owed > 0
