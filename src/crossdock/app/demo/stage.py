"""The demo on its stage: hostile venues and a desk that is killed and comes back."""

from __future__ import annotations

import asyncio
import time
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

from crossdock.app.demo.recovery import Recovery, at_kill
from crossdock.app.demo.venues import DemoVenues
from crossdock.app.demo.watched_desk import LOOK_EVERY_S, WatchedDesk
from crossdock.app.offline import JournalReader

AGREE_S = 30.0
FLIGHT_S = 2.0
FLIGHT_FAULT: dict[str, Any] = {
    "kind": "reply_late",
    "operation": "submit",
    "count": 2,
    "seconds": 3.0,
}
_RECENT = 1000  # orders asked for: what was open at the kill is among the newest


class Demo(WatchedDesk):
    """A desk on three venues of its own, in processes of their own."""

    opening = "starting three venues and a desk …"
    keys = "k kill the desk   q quit"

    def __init__(self, *, market: Path | None = None, seed: int = 1) -> None:
        self.venues = DemoVenues(market=market, seed=seed)
        super().__init__(self.venues.symbols)

    async def _prepare(self, stack: AsyncExitStack) -> Path:
        await stack.enter_async_context(self.venues)
        return self.venues.write_settings()

    # ---- dying and coming back -------------------------------------------------

    async def kill_and_recover(self) -> Recovery:
        """Kill the desk with orders in flight, start it again, and settle each of them.

        `recovery` tells how far it has come meanwhile.
        """
        assert self._desk is not None
        self.recovery = recovery = Recovery(phase="waiting for orders in flight")
        recovery.process_before = self._desk.process_id
        await self._put_orders_in_flight()
        await self._desk.kill()
        return await self._come_back(recovery)

    async def recover(self) -> Recovery:
        """Start a desk again that somebody killed, and settle each order likewise."""
        assert self._desk is not None
        self.recovery = Recovery(from_outside=True, process_before=self._desk.process_id)
        return await self._come_back(self.recovery)

    async def _come_back(self, recovery: Recovery) -> Recovery:
        assert self._desk is not None
        began_s = time.monotonic()
        recovery.phase = "killed; reading what the journal holds"
        recovery.rows = await asyncio.to_thread(self._open_at_kill)
        recovery.phase = "starting the desk again"
        await self._desk.start()
        recovery.process_after = self._desk.process_id
        await self._until_ready()
        recovery.phase = "asking the venues"
        while time.monotonic() - began_s < AGREE_S and not recovery.is_complete:
            # The order in which they are asked lets neither side be ahead for long.
            truth = await self.venues.truth()
            recovery.compare(await self.ask("orders", all=True, limit=_RECENT), truth)
            recovery.seconds = time.monotonic() - began_s
            await asyncio.sleep(LOOK_EVERY_S)
        recovery.phase = "settled" if recovery.is_complete else "NOT settled"
        return recovery

    async def _put_orders_in_flight(self) -> None:
        """Hold replies back at the venues until an order is without its answer."""
        for venue in self.venues.addresses["venues"]:
            await self.venues.arm(venue, **FLIGHT_FAULT)
        end_s = time.monotonic() + FLIGHT_S
        while time.monotonic() < end_s:
            orders = await self.ask("orders", limit=100)
            if any(order["proven_status"] in ("Journaled", "Sent") for order in orders):
                return
            await asyncio.sleep(LOOK_EVERY_S / 4)

    def _open_at_kill(self) -> Any:
        assert self._settings is not None
        return at_kill(JournalReader(self._settings).state.open_orders())
