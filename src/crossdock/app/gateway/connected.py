"""An account whose adapter is connected, and connected again after every failure."""

from __future__ import annotations

import asyncio
import logging
from abc import ABC, abstractmethod
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from enum import StrEnum
from typing import Any

from crossdock.app.gateway.alarms import Alarms
from crossdock.app.gateway.options import GatewayOptions
from crossdock.app.kernel import Kernel
from crossdock.errors import AdapterError, AuthFailed, DeskError
from crossdock.model import AccountId, InstrumentId, symbol_of
from crossdock.ports import Manifest
from crossdock.toolkit.retry import Backoff

log = logging.getLogger(__name__)

AUTH_PAUSE_S = 2.0


class Standing(StrEnum):
    """Whether an account trades. One that does not is quarantined alone."""

    CONNECTING = "connecting"
    RECOVERING = "recovering"
    READY = "ready"
    AWAY = "away"
    CLOSED = "closed"


class Connected(ABC):
    """One account. `run` ends only by cancellation; what fails is tried again."""

    def __init__(
        self,
        kernel: Kernel,
        manifest: Manifest,
        options: GatewayOptions,
        connect: Callable[[], AbstractAsyncContextManager[Any]],
        backoff: Callable[[], Backoff],
    ) -> None:
        self.kernel = kernel
        self.manifest = manifest
        self.options = options
        self.standing = Standing.CONNECTING
        self.reason = ""
        self.ready = asyncio.Event()
        self._connect = connect
        self._backoff = backoff
        self._alarms = Alarms(kernel, options)
        self._told_away = False
        self._adapter: Any = None

    @property
    def account(self) -> AccountId:
        return self.options.account

    @property
    def adapter(self) -> Any:
        """The connected adapter. Raises DeskError while the venue is away."""
        if self._adapter is None:
            raise DeskError(
                f"{self.account} is not connected: {self.reason or self.standing}",
                code="account-away",
                hint="it reconnects by itself; see `crossdock status`",
            )
        return self._adapter

    def streamed_instruments(self) -> list[InstrumentId]:
        """Return the listed instruments of the venue that the settings choose."""
        suffix = f"@{self.options.venue}"
        known = (i for i in self.kernel.state.instruments if i.endswith(suffix))
        symbols = set(self.options.symbols)
        return [i for i in known if not symbols or symbol_of(i) in symbols]

    async def run(self) -> None:
        """Connect and hold a session; again after every failure."""
        backoff = self._backoff()
        while True:
            pause_s = 0.0
            try:
                async with self._connect() as adapter:
                    await self._session(adapter, backoff)
            except asyncio.CancelledError:
                current = asyncio.current_task()
                if current is None or current.cancelling():
                    self._stand(Standing.CLOSED)
                    raise
                self._away(AdapterError("the adapter cancelled itself"))
            except Exception as group:
                error = _first_of(group)
                self._away(error)
                if isinstance(error, AuthFailed):
                    pause_s = AUTH_PAUSE_S
                elif not isinstance(error, AdapterError):
                    log.exception("account %s failed", self.account, exc_info=error)
            await self.kernel.clock.sleep(max(pause_s, backoff.next_s()))

    @abstractmethod
    async def _session(self, adapter: Any, backoff: Backoff) -> None:
        """Do what the account is for, for as long as the adapter is connected."""

    def _begin(self, adapter: Any) -> None:
        """Let the adapter be used, though the account is not ready yet."""
        self._stand(Standing.RECOVERING)
        self._adapter = adapter

    def _away(self, error: BaseException) -> None:
        words = self.kernel.scrub(f"{type(error).__name__}: {error}")
        self._stand(Standing.AWAY, words)
        if not self._told_away:
            self._told_away = True  # once, until it has been ready again
            self._alarms.of_account_away(error)

    def _stand(self, standing: Standing, reason: str = "") -> None:
        self.standing = standing
        self.reason = reason
        if standing is Standing.READY:
            self._told_away = False
            self.ready.set()
        else:
            self.ready.clear()
        if standing in (Standing.AWAY, Standing.CLOSED):
            self._adapter = None


def _first_of(error: BaseException) -> BaseException:
    """Return the first error within groups of groups."""
    while isinstance(error, BaseExceptionGroup):
        error = error.exceptions[0]
    return error
