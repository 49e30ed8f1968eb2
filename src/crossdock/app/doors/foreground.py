"""A desk in the foreground: until a signal, a `stop`, or its time is up."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
import signal
import stat
from collections.abc import Callable, Coroutine, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from crossdock.app.desk import Desk
from crossdock.app.desk.strategies.runner import make_strategy
from crossdock.app.kernel import Checkpoint, pass_by
from crossdock.app.live import Confirmation
from crossdock.app.open import build_desk
from crossdock.app.settings import Settings
from crossdock.errors import ConfigError
from crossdock.model import AccountId

log = logging.getLogger(__name__)

PARENT_POLL_S = 0.5
READY_S = 15.0
Beside = Callable[[Desk], Coroutine[Any, Any, None]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Ending:
    """How a desk ended, and what stays at each venue. `hastened`: told to hurry."""

    left: dict[str, dict[str, Any]]  # by account
    hastened: bool = False


def raise_if_unusable(settings: Settings) -> None:
    """Raise ConfigError for what only shows beyond the settings' own rules.

    Strategies are made once, and the control socket's place must be free or a socket.
    """
    for name, chosen in settings.strategies.items():
        if chosen.enabled:
            make_strategy(name, chosen.kind, chosen.symbols, chosen.params)
    control = settings.desk.control
    if control.exists() and not stat.S_ISSOCK(control.stat().st_mode):
        raise ConfigError(
            f"{control}, where the control socket should be, is another kind of file",
            code="control-socket",
            hint="move it away, or set desk.control to another path",
        )


async def run_desk(
    settings: Settings,
    *,
    checkpoint: Checkpoint = pass_by,
    seconds: float | None = None,
    parent: int | None = None,
    beside: Beside | None = None,
    confirmations: Mapping[str, Confirmation] | None = None,
) -> Ending:
    """Run a desk until somebody ends it; `beside` runs with it, and ends it by returning.

    `confirmations` let accounts trade real money that never did.

    The first SIGINT or SIGTERM ends it as `on_exit` says, the second hastens that.
    """
    raise_if_unusable(settings)
    stop = _Stop()
    with stop.on_signals():
        try:
            async with build_desk(
                settings, checkpoint=checkpoint, confirmations=confirmations
            ) as desk:
                stop.desk = desk
                await _until_ended(desk, seconds=seconds, parent=parent, beside=beside)
        except asyncio.CancelledError:
            if not stop.hastened:
                raise
    return Ending(left=_left(stop.desk), hastened=stop.hastened)


def _left(desk: Desk | None) -> dict[str, dict[str, Any]]:
    if desk is None:
        return {}
    return {
        str(account): desk.exits.remaining(AccountId(account)) for account in desk.gateways
    }


class _Stop:
    """What a signal does: the first asks the desk to stop, the next one hastens it."""

    def __init__(self) -> None:
        self.desk: Desk | None = None
        self.hastened = False
        self._asked = False
        self._task = asyncio.current_task()

    @contextlib.contextmanager
    def on_signals(self) -> Iterator[None]:
        loop = asyncio.get_running_loop()
        numbers = [signal.SIGINT, signal.SIGTERM]
        if hasattr(signal, "SIGHUP"):
            numbers.append(signal.SIGHUP)  # the terminal closed: leave in order
        for number in numbers:
            loop.add_signal_handler(number, self._signalled)
        try:
            yield
        finally:
            for number in numbers:
                loop.remove_signal_handler(number)

    def _signalled(self) -> None:
        if self.desk is not None and not self._asked:
            self._asked = True
            log.info("stopping; once more hastens it")
            self.desk.request_stop()
            return
        self.hastened = True
        if self._task is not None:
            self._task.cancel()


async def _until_ended(
    desk: Desk, *, seconds: float | None, parent: int | None, beside: Beside | None
) -> None:
    ends: list[Coroutine[Any, Any, None]] = [desk.stopped()]
    if seconds is not None:
        ends.append(asyncio.sleep(seconds))
    if parent is not None:
        ends.append(_parent_gone(parent))
    if beside is not None:
        ends.append(beside(desk))
    async with asyncio.TaskGroup() as group:
        said = group.create_task(_say_who_is_ready(desk))
        waiting = [group.create_task(each) for each in ends]
        await asyncio.wait(waiting, return_when=asyncio.FIRST_COMPLETED)
        for task in (*waiting, said):
            task.cancel()


async def _parent_gone(parent: int) -> None:
    while os.getppid() == parent:  # noqa: ASYNC110  nothing tells of it but looking
        await asyncio.sleep(PARENT_POLL_S)


async def _say_who_is_ready(desk: Desk) -> None:
    away = await desk.ready(READY_S)
    ready = [str(name) for name in desk.gateways if name not in away]
    name = desk.settings.desk.name
    log.info("desk %s runs; ready: %s", name, ", ".join(ready) or "no account")
    for account in away:
        gateway = desk.gateways[account]
        log.warning("%s is not ready: %s", account, gateway.reason or gateway.standing)
