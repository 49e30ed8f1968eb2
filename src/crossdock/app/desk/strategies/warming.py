"""Gives strategies the bars they need before their first decision, from the venues."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Iterable

from crossdock.app.desk.strategies.runner import Runner
from crossdock.app.gateway import Gateway
from crossdock.errors import AdapterError, DeskError
from crossdock.model import Bar, Bars, InstrumentId
from crossdock.ports import BarHistory
from crossdock.toolkit.retry import Backoff, repeat_read

log = logging.getLogger(__name__)

PAGES_AT_MOST = 100
PATIENCE_S = 600.0  # with a venue that does not answer, for each page
MakeBackoff = Callable[[], Backoff]


async def warm_up(
    gateways: Iterable[Gateway], runners: Iterable[Runner], backoff: MakeBackoff
) -> None:
    """Warm every strategy at every venue, each venue as soon as it is ready.

    One that has no history to give leaves its strategies to wait for live bars.
    """
    wanting = [runner for runner in runners if runner.bars_wanted]
    if wanting:
        await asyncio.gather(*(_warm_by(gateway, wanting, backoff) for gateway in gateways))


async def _warm_by(gateway: Gateway, runners: list[Runner], backoff: MakeBackoff) -> None:
    await gateway.ready.wait()
    try:
        adapter = gateway.adapter
    except DeskError:
        return
    if not isinstance(adapter, BarHistory):
        return
    for runner in runners:
        for instrument in gateway.streamed_instruments():
            if not runner.wants(instrument):
                continue
            try:
                bars = await _last_bars(gateway, adapter, instrument, runner, backoff)
            except AdapterError as error:
                log.warning("%s: no history of %s: %s", gateway.account, instrument, error)
            else:
                runner.warm(bars)


async def _last_bars(
    gateway: Gateway,
    adapter: BarHistory,
    instrument: InstrumentId,
    runner: Runner,
    backoff: MakeBackoff,
) -> list[Bar]:
    clock, width = gateway.kernel.clock, runner.width_ns
    now = clock.time_ns()
    end_ns = now - now % width
    start_ns = end_ns - runner.bars_wanted * width
    found: list[Bar] = []

    async def read() -> Bars:
        return await adapter.bars(instrument, width, start_ns=start_ns, end_ns=end_ns)

    for _ in range(PAGES_AT_MOST):
        deadline_ns = clock.monotonic_ns() + int(PATIENCE_S * 1e9)
        page = await repeat_read(
            read, clock=clock, backoff=backoff(), deadline_ns=deadline_ns
        )
        found += page
        if not len(page) or page.start_time_ns[-1] + width >= end_ns:
            break
        start_ns = page.start_time_ns[-1] + width
    return found
