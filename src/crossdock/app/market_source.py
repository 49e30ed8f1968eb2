"""Finds the market that an account which only simulates trades against."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

from crossdock.app.data import open_recording
from crossdock.app.registry import Registry
from crossdock.app.replay.player import Player
from crossdock.app.settings import Settings
from crossdock.app.settings.models import RECORDING
from crossdock.errors import ConfigError
from crossdock.model import AccountId, Instrument, InstrumentId, symbol_of
from crossdock.ports import MarketSink, MarketSource
from crossdock.toolkit.context import AdapterContext
from crossdock.toolkit.health import HealthRegistry

MakeContext = Callable[[AccountId], AdapterContext]


@asynccontextmanager
async def with_market(
    settings: Settings, registry: Registry, context: AdapterContext, of: MakeContext
) -> AsyncIterator[Any]:
    """Open the account's market, then its adapter upon it, and close both in turn."""
    chosen = settings.accounts[context.account]
    async with _market(settings, registry, context, chosen.market, of) as market:
        made = registry.factory(context.manifest)(replace(context, market=market))
        async with made as adapter:
            yield adapter


@asynccontextmanager
async def _market(
    settings: Settings,
    registry: Registry,
    context: AdapterContext,
    named: str,
    of: MakeContext,
) -> AsyncIterator[MarketSource]:
    if named.startswith(RECORDING):
        path = _path(settings, named.removeprefix(RECORDING))
        recording = open_recording(str(path), registry=registry)
        yield Player(recording, context.clock, venue=context.venue)
        return
    if named not in settings.accounts or named == context.account:
        others = ", ".join(name for name in settings.accounts if name != context.account)
        raise ConfigError(
            f"accounts.{context.account}.market = {named!r} is no other account",
            code="config-value",
            hint=f"there are {others or 'none'}; or {RECORDING}PATH plays a recorded file",
        )
    # Health of its own: under the other account's name it would pass for that account's.
    health = HealthRegistry(context.clock)
    source = replace(of(AccountId(named)), venue=context.venue, health=health)
    async with registry.factory(source.manifest)(source) as adapter:
        symbols = settings.accounts[context.account].instruments
        yield _Chosen(adapter, symbols) if symbols else adapter


class _Chosen:
    """A market of which only some symbols are listed: a venue may have thousands."""

    def __init__(self, market: MarketSource, symbols: Sequence[str]) -> None:
        self._market = market
        self._symbols = frozenset(symbols)

    async def instruments(self) -> Sequence[Instrument]:
        listed = await self._market.instruments()
        return [each for each in listed if symbol_of(each.id) in self._symbols]

    async def watch_market(
        self, instruments: Sequence[InstrumentId], sink: MarketSink
    ) -> None:
        await self._market.watch_market(instruments, sink)


def _path(settings: Settings, named: str) -> Path:
    """Return a path as the settings file means it: relative ones start at its folder."""
    here = settings.file.parent if settings.file else Path()
    return here / Path(named).expanduser()
