"""Makes the bars that strategies want where the venue streams none of that width."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from crossdock.app.desk.market.markets import Markets
from crossdock.core.bus import Bus
from crossdock.model import Bar, InstrumentId, Trade
from crossdock.ports import MarketGap

Wanted = Callable[[InstrumentId], Iterable[int]]
MOST_AHEAD_NS = 60_000_000_000  # of a venue's clock before ours


@dataclass(slots=True)
class _Making:
    start_ns: int
    open: float
    high: float
    low: float
    close: float
    volume: float


class BarMaker:
    """Gathers trades, or narrower bars, into bars of the widths that are wanted.

    Goes by the venue's time. A bar is closed by the last of the narrower ones in it, by
    the first trade or bar behind it, or by `close_due`. Where nothing was traded there is
    no bar. What comes after its bar was closed counts to the next: no bar is told twice.
    Of an instrument whose venue streams bars, only those are gathered, and only of a width
    that divides the one that is wanted. A bar that was not heard from its start to its end,
    because listening began or was broken in it, is not told.
    """

    def __init__(self, bus: Bus, markets: Markets, wanted: Wanted) -> None:
        self._bus = bus
        self._markets = markets
        self._wanted = wanted
        self._widths: dict[InstrumentId, tuple[int, ...]] = {}
        self._making: dict[tuple[InstrumentId, int], _Making] = {}
        self._closed_ns: dict[tuple[InstrumentId, int], int] = {}  # the end of the last
        self._heard_since_ns: dict[InstrumentId, int] = {}
        self.next_close_ns: int | None = None  # when the first in the making ends
        self.widths: set[int] = set()  # of the bars it has told
        self._is_telling = False
        bus.subscribe(Trade, self._on_trade)
        bus.subscribe(Bar, self._on_bar)
        bus.subscribe(MarketGap, self._on_gap)

    def renew(self) -> None:
        """Ask anew which widths are wanted: strategies have come or gone."""
        self._widths.clear()

    def close_due(self, now_ns: int) -> None:
        """Close every bar whose end has come."""
        if not self._making:
            return
        due = [key for key, bar in self._making.items() if bar.start_ns + key[1] <= now_ns]
        for key in due:
            self._close(*key)

    def _on_trade(self, trade: Trade) -> None:
        instrument = trade.instrument
        widths = self._widths_of(instrument)
        if not widths or instrument in self._markets.streamed_bars:
            return
        price, quantity = float(trade.price), float(trade.quantity)
        time_ns = trade.venue_time_ns or trade.received_time_ns
        if trade.received_time_ns:  # a time far ahead would swallow every later trade
            time_ns = min(time_ns, trade.received_time_ns + MOST_AHEAD_NS)
        for width in widths:
            part = _Making(0, price, price, price, price, quantity)
            self._add(instrument, width, time_ns, part)

    def _on_bar(self, bar: Bar) -> None:
        if self._is_telling:
            return  # it is our own
        for width in self._widths_of(bar.instrument):
            if width <= bar.width_ns or width % bar.width_ns:
                continue
            part = _Making(0, bar.open, bar.high, bar.low, bar.close, bar.volume)
            self._add(bar.instrument, width, bar.start_time_ns, part)
            making = self._making[bar.instrument, width]
            if bar.end_time_ns >= making.start_ns + width:
                self._close(bar.instrument, width)

    def _on_gap(self, gap: MarketGap) -> None:
        self._heard_since_ns.pop(gap.instrument, None)

    def _widths_of(self, instrument: InstrumentId) -> tuple[int, ...]:
        widths = self._widths.get(instrument)
        if widths is None:
            widths = self._widths[instrument] = tuple(self._wanted(instrument))
        return widths

    def _add(
        self, instrument: InstrumentId, width: int, time_ns: int, part: _Making
    ) -> None:
        """Put a part that began at a time into the bar it belongs to."""
        self._heard_since_ns.setdefault(instrument, time_ns)
        bar = self._making.get((instrument, width))
        if bar is not None and time_ns >= bar.start_ns + width:
            self._close(instrument, width)
            bar = None
        if bar is None:
            closed_ns = self._closed_ns.get((instrument, width), 0)
            part.start_ns = max(time_ns - time_ns % width, closed_ns)
            self._making[instrument, width] = part
            end_ns = part.start_ns + width
            if self.next_close_ns is None or end_ns < self.next_close_ns:
                self.next_close_ns = end_ns
            return
        bar.high = max(bar.high, part.high)
        bar.low = min(bar.low, part.low)
        bar.close = part.close
        bar.volume += part.volume

    def _close(self, instrument: InstrumentId, width: int) -> None:
        made = self._making.pop((instrument, width))
        self._closed_ns[instrument, width] = made.start_ns + width
        ends = (bar.start_ns + key[1] for key, bar in self._making.items())
        self.next_close_ns = min(ends, default=None)
        since_ns = self._heard_since_ns.get(instrument)
        if since_ns is None or made.start_ns < since_ns:
            return
        bar = Bar(
            instrument,
            made.start_ns,
            width,
            made.open,
            made.high,
            made.low,
            made.close,
            made.volume,
        )
        self.widths.add(width)
        self._is_telling = True
        try:
            self._bus.publish(bar)
        finally:
            self._is_telling = False
