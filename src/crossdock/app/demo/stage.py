"""The demo on its stage: venues and desk in processes of their own, asked by socket."""

from __future__ import annotations

import asyncio
import contextlib
import time
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Self

from crossdock.app.demo.processes import DeskProcess
from crossdock.app.demo.recovery import Recovery, at_kill
from crossdock.app.demo.venues import DemoVenues
from crossdock.app.doors.control import ask
from crossdock.app.offline import JournalReader
from crossdock.app.settings import Settings, load_settings
from crossdock.errors import DeskError, Error

READY_S = 30.0
SETTLE_S = 30.0
AGREE_S = 30.0
FLIGHT_S = 2.0
LOOK_EVERY_S = 0.1
FLIGHT_FAULT: dict[str, Any] = {
    "kind": "reply_late",
    "operation": "submit",
    "count": 2,
    "seconds": 3.0,
}
_RECENT = 1000  # orders asked for: what was open at the kill is among the newest


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """One look at a desk: everything its view shows."""

    status: dict[str, Any]
    books: list[dict[str, Any]] = field(default_factory=list)
    orders: list[dict[str, Any]] = field(default_factory=list)
    fills: list[dict[str, Any]] = field(default_factory=list)
    doubts: list[dict[str, Any]] = field(default_factory=list)


class Demo:
    """An async context manager. Leaving it ends both processes, whatever happened."""

    def __init__(self, *, market: Path | None = None, seed: int = 1) -> None:
        self.venues = DemoVenues(market=market, seed=seed)
        self.recovery: Recovery | None = None
        self._stack = AsyncExitStack()
        self._desk: DeskProcess | None = None
        self._settings: Settings | None = None

    async def __aenter__(self) -> Self:
        async with AsyncExitStack() as stack:
            await stack.enter_async_context(self.venues)
            file = self.venues.write_settings()
            self._settings = load_settings(file, environment={})
            self._desk = DeskProcess(file, self.venues.folder / "desk.out")
            stack.push_async_callback(self._desk.end)
            await self._desk.start()
            await self._until_ready()
            self._stack = stack.pop_all()
        return self

    async def __aexit__(self, *failed: object) -> None:
        await self._stack.aclose()

    # ---- asking ----------------------------------------------------------------

    async def ask(self, op: str, **args: Any) -> Any:
        """Ask the desk over its control socket. Raises what it refuses."""
        assert self._settings is not None
        return await asyncio.to_thread(ask, self._settings.desk.control, op, args)

    async def look(self) -> Look:
        return Look(
            status=await self.ask("status"),
            books=await self.ask("books"),
            orders=await self.ask("orders", limit=40),
            fills=await self.ask("fills", limit=12),
            doubts=await self.ask("doubts"),
        )

    async def _until_ready(self) -> None:
        assert self._desk is not None
        end_s = time.monotonic() + READY_S
        away: list[str] = []
        while time.monotonic() < end_s:
            self._desk.raise_if_ended()
            with contextlib.suppress(DeskError):
                accounts = (await self.ask("status"))["accounts"]
                away = [
                    f"{a['account']}: {a['reason'] or a['standing']}"
                    for a in accounts
                    if a["standing"] != "ready"
                ]
                if not away:
                    return
            await asyncio.sleep(LOOK_EVERY_S)
        words = "; ".join(away) or "it does not answer"
        raise DeskError(
            f"the desk is not ready after {READY_S:g} s: {words}", code="account-away"
        )

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

    # ---- the end ---------------------------------------------------------------

    async def settle(self) -> dict[str, Any]:
        """Cancel what rests, wait until nothing is in doubt, and return the summary."""
        await self.ask("kill", by="demo", reason="the demo ends")
        end_s = time.monotonic() + SETTLE_S
        status = await self.ask("status")
        while time.monotonic() < end_s and not _is_settled(status):
            await asyncio.sleep(LOOK_EVERY_S)
            status = await self.ask("status")
        return summary_of(status)

    async def why_it_does_not_answer(self, error: Error) -> Error:
        """Return the reason behind a failed question: the desk's own last words if any."""
        assert self._desk is not None
        await asyncio.sleep(LOOK_EVERY_S)
        try:
            self._desk.raise_if_ended()
        except DeskError as ended:
            return ended
        return error


def _is_settled(status: dict[str, Any]) -> bool:
    quiet = status["doubts_open"] == status["open_orders"] == 0
    return bool(quiet and status["unexplained_positions"] == 0)


def summary_of(status: dict[str, Any]) -> dict[str, Any]:
    """Return what a demo is judged by."""
    told = (
        "orders",
        "fills",
        "doubts_open",
        "unexplained_positions",
        "pnl",
        "currency",
    )
    venues = len({account["venue"] for account in status["accounts"]})
    return {"venues": venues, **{name: status[name] for name in told}}
