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
SHARE = 0.5


class Questions:
    """One account's open questions. A venue that is slow to answer is asked less often.

    Half of what its limits allow is left to orders, however many are in doubt.
    """

    def __init__(self, clock: Clock, resync: Resync) -> None:
        self._clock = clock
        self._resync = resync
        self._open: dict[OrderId, OrderState] = {}
        self._asked = asyncio.Event()

    def ask(self, order: OrderState) -> None:
        """Have an order looked up soon."""
        self._open[order.order_id] = order
        self._asked.set()

    async def answer(self, adapter: Any) -> None:
        """Look up what is asked, for ever. Raises AuthFailed."""
        pause_s = PAUSE_S
        while True:
            if not self._open:
                await self._asked.wait()
                pause_s = PAUSE_S
            self._asked.clear()
            with metered() as spent, serving(Purpose.ORDER):
                barred_s = await self._round(adapter)
            if self._open:
                await self._clock.sleep(max(pause_s, barred_s, spent.pause_s(SHARE)))
                pause_s = min(pause_s * 1.5, PAUSE_AT_MOST_S)

    async def _round(self, adapter: Any) -> float:
        """Ask about each once; return how long our limits, or the venue's, bid us wait."""
        barred_s = 0.0
        for order_id, order in list(self._open.items()):
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
