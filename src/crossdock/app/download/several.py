"""Several series of one or more venues; what is unknown is skipped and said."""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from crossdock.app.download.pages import KINDS, Downloaded, Fetch, Progress, Wanted
from crossdock.app.journal_tools import tool
from crossdock.app.nearest import nearest
from crossdock.app.registry import Registry
from crossdock.app.settings import Settings
from crossdock.app.venue_reading import Reading, read_venue
from crossdock.errors import AdapterError, ConfigError, DeskError, Error
from crossdock.model import InstrumentId, instrument_id, symbol_of
from crossdock.ports import BarStore, Clock
from crossdock.toolkit.clock import LiveClock
from crossdock.toolkit.pool import HttpPool
from crossdock.toolkit.ratelimit import RateBudgets
from crossdock.toolkit.retry import Backoff

_QUOTES = ("USDT", "USDC", "USD", "EUR", "BTC", "ETH")
_MEMORY = ".downloads"


@dataclass(frozen=True, slots=True, kw_only=True)
class Skipped:
    """A symbol that nothing was fetched of."""

    symbol: str
    code: str
    words: str
    hint: str


@dataclass(slots=True, kw_only=True)
class Outcome:
    series: list[Downloaded] = field(default_factory=list)
    skipped: list[Skipped] = field(default_factory=list)


async def download(
    symbols: Sequence[str],
    store: BarStore,
    folder: Path,
    *,
    kind: str,
    width_ns: int,
    start_ns: int,
    end_ns: int,
    settings: Settings | None = None,
    registry: Registry | None = None,
    clock: Clock | None = None,
    progress: Progress = lambda _done, _at: None,
    on_skipped: Callable[[Skipped], None] = lambda _: None,
) -> Outcome:
    """Fetch `SYMBOL@VENUE` series into the store that lies in `folder`.

    One that cannot be had is skipped and the rest goes on, unless it is the only one:
    then what is wrong with it is raised.
    """
    registry, clock = registry or Registry(), clock or LiveClock()
    outcome = Outcome()
    memory = tool("state", registry).StateFiles(folder / _MEMORY)
    chance = random.Random()  # noqa: S311  jitter needs no secrecy
    by_venue: dict[str, list[str]] = {}
    for symbol in dict.fromkeys(symbols):
        by_venue.setdefault(_venue_of(symbol), []).append(symbol)
    only_one = sum(map(len, by_venue.values())) == 1
    budgets = RateBudgets(clock)

    def skip(symbol: str, error: Error) -> None:
        if only_one:
            raise error
        skipped = Skipped(
            symbol=symbol, code=error.code, words=error.message, hint=error.hint
        )
        outcome.skipped.append(skipped)
        on_skipped(skipped)

    async with HttpPool() as pool:
        for venue, wanted in by_venue.items():
            async with AsyncExitStack() as stack:
                try:
                    opening = read_venue(
                        venue,
                        settings=settings,
                        registry=registry,
                        clock=clock,
                        pool=pool,
                        budgets=budgets,
                        memory=folder / _MEMORY / "adapters",
                    )
                    reading = await stack.enter_async_context(opening)
                    listed = await _listed(reading, kind)
                except (AdapterError, ConfigError, DeskError) as error:
                    for symbol in wanted:
                        skip(symbol, error)
                    continue
                fetch = Fetch(
                    reading.adapter, store, memory, clock, lambda: Backoff(chance)
                )
                for symbol in wanted:
                    try:
                        one = Wanted(
                            instrument=_found(symbol, reading, listed),
                            kind=kind,
                            width_ns=width_ns,
                            start_ns=start_ns,
                            end_ns=end_ns,
                            source=f"{reading.manifest.id}, downloaded",
                        )
                        outcome.series.append(await fetch.series(one, progress))
                    except (AdapterError, DeskError) as error:
                        skip(symbol, error)
    return outcome


def _venue_of(symbol: str) -> str:
    name, _, venue = symbol.rpartition("@")
    if not name or not venue:
        raise ConfigError(
            f"{symbol!r} names no venue",
            code="bad-argument",
            hint=f"write it as {symbol.strip('@') or 'BTC/USDT'}@VENUE",
        )
    if "/" not in name:
        meant = next(
            (f"{name[: -len(it)]}/{it}" for it in _QUOTES if name.endswith(it)), ""
        )
        raise ConfigError(
            f"{name!r} names no quote currency",
            code="bad-argument",
            hint=f"did you mean {meant}@{venue}?"
            if meant
            else f"symbols are written like BTC/USDT@{venue}",
        )
    return venue


async def _listed(reading: Reading, kind: str) -> set[InstrumentId]:
    adapter: Any = reading.adapter
    if not isinstance(reading.adapter, KINDS[kind]):
        raise DeskError(
            f"{reading.manifest.name} gives no history of {kind}",
            code="unavailable",
            hint=f"see `crossdock adapters {reading.manifest.id}` for what it can do",
        )
    return {each.id for each in await adapter.instruments()}


def _found(symbol: str, reading: Reading, listed: set[InstrumentId]) -> InstrumentId:
    plain = symbol.rpartition("@")[0]
    wanted = instrument_id(plain, reading.venue)
    if wanted in listed:
        return wanted
    close = nearest(plain, (symbol_of(each) for each in listed))
    raise DeskError(
        f"{reading.venue} does not list {plain}",
        code="unknown-symbol",
        hint=f"did you mean {close}@{reading.venue}?"
        if close
        else f"it lists {len(listed)} symbols, and none is like it",
    )
