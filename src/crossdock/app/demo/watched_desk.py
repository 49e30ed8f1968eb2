"""A desk in a process of its own, started from a settings file and asked by socket."""

from __future__ import annotations

import asyncio
import contextlib
import time
from abc import ABC, abstractmethod
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Self

from crossdock.app.demo.processes import DeskProcess
from crossdock.app.demo.recovery import Recovery
from crossdock.app.doors.control.control import ask
from crossdock.app.settings import Settings, load_settings
from crossdock.errors import DeskError, Error

READY_S = 30.0
SETTLE_S = 30.0
LOOK_EVERY_S = 0.1


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """One look at a desk: everything its view shows."""

    status: dict[str, Any]
    books: list[dict[str, Any]] = field(default_factory=list)
    orders: list[dict[str, Any]] = field(default_factory=list)
    fills: list[dict[str, Any]] = field(default_factory=list)
    doubts: list[dict[str, Any]] = field(default_factory=list)


class WatchedDesk(ABC):
    """An async context manager. Leaving it ends the desk, whatever happened.

    `opening` are the words while it starts, `keys` what can be pressed. `beside` tells where
    else it can be seen, `notice` what became of that.
    """

    opening = "starting a desk …"
    keys = "q quit"
    beside = ""
    notice = ""
    recovery: Recovery | None = None

    def __init__(self, symbols: tuple[str, ...]) -> None:
        self.symbols = symbols
        self.left_out: dict[str, str] = {}  # venues that are not traded on, and why
        self._stack = AsyncExitStack()
        self._desk: DeskProcess | None = None
        self._settings: Settings | None = None

    async def __aenter__(self) -> Self:
        async with AsyncExitStack() as stack:
            file = await self._prepare(stack)
            self._settings = load_settings(file, environment={})
            self._desk = DeskProcess(file, file.parent / "desk.out")
            stack.push_async_callback(self._desk.end)
            await self._desk.start()
            await self._until_ready()
            self._stack = stack.pop_all()
        return self

    @abstractmethod
    async def _prepare(self, stack: AsyncExitStack) -> Path:
        """Make what the desk trades on, closed with `stack`; return its settings file."""

    async def __aexit__(self, *failed: object) -> None:
        await self._stack.aclose()

    @property
    def settings_file(self) -> Path | None:
        """Return where the desk's settings are, once it is entered."""
        return self._settings.file if self._settings is not None else None

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
                if self._is_enough(ready=len(accounts) - len(away), away=len(away)):
                    return
            await asyncio.sleep(LOOK_EVERY_S)
        raise self._not_ready("; ".join(away) or "it does not answer")

    def _is_enough(self, *, ready: int, away: int) -> bool:
        """Tell whether trading may begin: every account is ready."""
        return not away

    def _not_ready(self, why: str) -> DeskError:
        return DeskError(
            f"the desk is not ready after {READY_S:g} s: {why}", code="account-away"
        )

    # ---- an end that nobody here asked for -------------------------------------

    async def is_killed(self) -> bool:
        """Tell whether a desk that does not answer was killed by somebody else."""
        assert self._desk is not None
        await asyncio.sleep(LOOK_EVERY_S)
        return self._desk.is_killed

    async def is_killed_within(self, seconds: float) -> bool:
        """Wait so long, or until somebody kills the desk. Raises how else it ended."""
        assert self._desk is not None
        try:
            async with asyncio.timeout(max(seconds, 0)):
                await self._desk.ended()
        except TimeoutError:
            return False
        if not self._desk.is_killed:
            self._desk.raise_if_ended()
        return True

    async def recover(self) -> Recovery:
        """Bring a desk back that somebody killed. Raises DeskError where that is not done."""
        assert self._desk is not None
        self._desk.raise_if_ended()
        raise DeskError("the desk has not ended", code="desk-ended")

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
