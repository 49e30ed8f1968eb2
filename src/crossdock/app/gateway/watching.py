"""A data account: a venue's market, listed and streamed, with nothing to trade by."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from typing import Any

from crossdock.app.gateway.alarms import Alarms
from crossdock.app.gateway.gateway import Market, Standing, first_of, streamed
from crossdock.app.gateway.intake import Intake
from crossdock.app.gateway.options import GatewayOptions
from crossdock.app.gateway.streams import Streams
from crossdock.app.kernel import Kernel
from crossdock.errors import AdapterError, DeskError
from crossdock.model import AccountId, symbol_of
from crossdock.ports import Instruments, Manifest, MarketStream
from crossdock.toolkit.health import HealthRegistry, StreamHealth
from crossdock.toolkit.retry import Backoff

log = logging.getLogger(__name__)


class MarketWatch:
    """One data account. It asks for no balance and no order, so it may have no keys.

    `run` ends only by cancellation; what fails is tried again.
    """

    def __init__(
        self,
        kernel: Kernel,
        manifest: Manifest,
        options: GatewayOptions,
        connect: Callable[[], AbstractAsyncContextManager[Any]],
        market_sink: Market,
        *,
        health: HealthRegistry,
        backoff: Callable[[], Backoff],
    ) -> None:
        self.manifest = manifest
        self.options = options
        self.standing = Standing.CONNECTING
        self.reason = ""
        self.ready = asyncio.Event()
        self._kernel = kernel
        self._connect = connect
        self._backoff = backoff
        self._alarms = Alarms(kernel, options)
        self._told_away = False
        self._adapter: Any = None
        self._intake = Intake(
            kernel,
            options.account,
            adopt=False,
            on_gap=lambda _: None,
            on_owed=lambda _: None,
            on_foreign=lambda _: None,
        )
        self._streams = Streams(
            kernel,
            self._intake,
            market_sink,
            account_health=health.stream(f"{options.account} account"),
            market_health=health.stream(f"{options.account} market"),
            backoff=backoff,
            on_break=lambda: None,
            on_market_down=self._alarms.of_market_down,
            newest_ns=market_sink.newest_ns,
            look_s=options.look_s,
        )

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

    def streams(self) -> dict[str, StreamHealth]:
        return {"market": self._streams.market_health}

    async def run(self) -> None:
        """Connect, list and stream; again after every failure."""
        backoff = self._backoff()
        while True:
            try:
                async with self._connect() as adapter:
                    await self._session(adapter, backoff)
            except asyncio.CancelledError:
                current = asyncio.current_task()
                if current is None or current.cancelling():
                    self._stand(Standing.CLOSED, "")
                    raise
                self._away(AdapterError("the adapter cancelled itself"))
            except Exception as group:
                error = first_of(group)
                self._away(error)
                if not isinstance(error, AdapterError):
                    log.exception("data account %s failed", self.account, exc_info=error)
            await self._kernel.clock.sleep(backoff.next_s())

    async def _session(self, adapter: Any, backoff: Backoff) -> None:
        if isinstance(adapter, Instruments):
            chosen = set(self.options.symbols)
            found = await adapter.instruments()
            self._intake.list_instruments(
                each for each in found if not chosen or symbol_of(each.id) in chosen
            )
            self._alarms.of_unknown_symbols()
        self._adapter = adapter
        self._stand(Standing.READY, "")
        backoff.reset()
        if isinstance(adapter, MarketStream) and self.options.streams_market:
            await self._streams.market(adapter, streamed(self._kernel.state, self.options))
        else:
            await asyncio.Event().wait()  # another account streams this venue

    def _away(self, error: BaseException) -> None:
        self._stand(Standing.AWAY, f"{type(error).__name__}: {error}")
        if not self._told_away:
            self._told_away = True
            self._alarms.of_account_away(error)

    def _stand(self, standing: Standing, reason: str) -> None:
        self.standing = standing
        self.reason = reason
        if standing is Standing.READY:
            self._told_away = False
            self.ready.set()
        else:
            self.ready.clear()
            self._adapter = None
