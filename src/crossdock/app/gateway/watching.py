"""A data account: a venue's market, listed and streamed, with nothing to trade by."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from typing import Any

from crossdock.app.gateway.connected import Connected, Standing
from crossdock.app.gateway.intake import Intake
from crossdock.app.gateway.options import GatewayOptions
from crossdock.app.gateway.streams import Market, Streams
from crossdock.app.kernel import Kernel
from crossdock.model import symbol_of
from crossdock.ports import Instruments, Manifest, MarketStream
from crossdock.toolkit.health import HealthRegistry, StreamHealth
from crossdock.toolkit.retry import Backoff


class MarketWatch(Connected):
    """One data account. It asks for no balance and no order, so it may have no keys."""

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
        super().__init__(kernel, manifest, options, connect, backoff)
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
            look_s=options.look_s,
        )

    def streams(self) -> dict[str, StreamHealth]:
        return {"market": self._streams.market_health}

    async def _session(self, adapter: Any, backoff: Backoff) -> None:
        self._begin(adapter)
        if isinstance(adapter, Instruments):
            chosen = set(self.options.symbols)
            found = await adapter.instruments()
            self._intake.list_instruments(
                each for each in found if not chosen or symbol_of(each.id) in chosen
            )
            self._alarms.of_unknown_symbols()
        self._stand(Standing.READY)
        backoff.reset()
        if isinstance(adapter, MarketStream) and self.options.streams_market:
            await self._streams.market(adapter, self.streamed_instruments())
        else:
            await asyncio.Event().wait()  # another account streams this venue
