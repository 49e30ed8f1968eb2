"""Bars of the past from the first venue that keeps them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from crossdock.app.desk import Desk
from crossdock.app.doors.user.book import traded_at
from crossdock.errors import DeskError
from crossdock.model import Bar, Bars, InstrumentId, width_of
from crossdock.ports import Can

Moment = datetime | str | int
"""A time with its zone, the same as ISO 8601 text, or UTC nanoseconds."""

LAST = 500
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)


async def past_bars(
    desk: Desk,
    symbol: str,
    timeframe: str,
    *,
    last: int | None,
    start: Moment | None,
    end: Moment | None,
) -> Bars:
    """Return closed bars, oldest first; see `UserDesk.bars`."""
    try:
        width_ns = width_of(timeframe)
        end_ns = desk.kernel.clock.time_ns() if end is None else moment_ns(end)
        start_ns = None if start is None else moment_ns(start)
    except ValueError as error:
        raise DeskError(str(error), code="bad-argument") from None
    instrument, adapter = _source(desk, symbol)
    history = _History(adapter, instrument, width_ns)
    if start_ns is None:
        found = await history.newest(last or LAST, end_ns)
    else:
        found = await history.between(start_ns, end_ns)
        found = found[-last:] if last else found
    return Bars.of(found, instrument=instrument, width_ns=width_ns)


def _source(desk: Desk, symbol: str) -> tuple[InstrumentId, Any]:
    traded = traded_at(desk, symbol)
    for instrument, gateway in traded:
        if Can.BAR_HISTORY in gateway.manifest.can and gateway.ready.is_set():
            return instrument.id, gateway.adapter
    adapters = ", ".join(sorted({gateway.manifest.name for _, gateway in traded}))
    raise DeskError(
        f"no venue of {symbol} that is connected keeps bars ({adapters})",
        code="no-bars",
        hint="import a file of them with `crossdock data import`",
    )


class _History:
    """One venue's bars of one instrument and width, page by page."""

    def __init__(self, adapter: Any, instrument: InstrumentId, width_ns: int) -> None:
        self._adapter = adapter
        self._instrument = instrument
        self._width_ns = width_ns

    async def between(self, start_ns: int, end_ns: int) -> list[Bar]:
        found: list[Bar] = []
        while start_ns < end_ns:
            page: Bars = await self._adapter.bars(
                self._instrument, self._width_ns, start_ns=start_ns, end_ns=end_ns
            )
            if not len(page):
                break
            found += page
            start_ns = page.start_time_ns[-1] + self._width_ns
        return found

    async def newest(self, count: int, end_ns: int) -> list[Bar]:
        """Return the last `count` bars closed by `end_ns`, from further back over holes."""
        span_ns = count * self._width_ns
        begin_ns = max(0, end_ns // self._width_ns * self._width_ns - span_ns)
        found = await self.between(begin_ns, end_ns)
        while len(found) < count and begin_ns:
            earlier_ns = max(0, begin_ns - span_ns)
            earlier = await self.between(earlier_ns, begin_ns)
            if not earlier:
                break
            found, begin_ns = earlier + found, earlier_ns
        return found[-count:]


def moment_ns(moment: Moment) -> int:
    """Return UTC nanoseconds. Raises ValueError for a time without a zone."""
    if isinstance(moment, int):
        return moment
    time = moment if isinstance(moment, datetime) else datetime.fromisoformat(moment)
    if time.tzinfo is None:
        raise ValueError(f"a time names its zone, like 2026-01-31T00:00Z; got {moment}")
    return (time - _EPOCH) // _MICROSECOND * 1_000
