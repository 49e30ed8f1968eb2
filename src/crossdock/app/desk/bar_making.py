"""Makes bars of trades, for strategies that want bars where the venue streams none."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from crossdock.app.desk.markets import Markets
from crossdock.core.bus import Bus
from crossdock.model import Bar, InstrumentId, Trade

Wanted = Callable[[InstrumentId], Iterable[int]]


@dataclass(slots=True)
class _Making:
    start_ns: int
    open: float
    high: float
    low: float
    close: float
    volume: float


class BarMaker:
    """Gathers trades into bars of the widths that are wanted, by the venue's time.

    A bar is closed by the first trade behind it, or by `close_due`. Where nothing was
    traded there is no bar. Instruments whose venue streams bars are left to it.
    """

    def __init__(self, bus: Bus, markets: Markets, wanted: Wanted) -> None:
        self._bus = bus
        self._markets = markets
        self._wanted = wanted
        self._widths: dict[InstrumentId, tuple[int, ...]] = {}
        self._making: dict[tuple[InstrumentId, int], _Making] = {}
        bus.subscribe(Trade, self._on_trade)

    @property
    def next_close_ns(self) -> int | None:
        """When the first of the bars in the making ends."""
        ends = [bar.start_ns + width for (_, width), bar in self._making.items()]
        return min(ends, default=None)

    def close_due(self, now_ns: int) -> None:
        """Close every bar whose end has come."""
        if not self._making:
            return
        due = [key for key, bar in self._making.items() if bar.start_ns + key[1] <= now_ns]
        for key in due:
            self._close(*key)

    def _on_trade(self, trade: Trade) -> None:
        instrument = trade.instrument
        widths = self._widths.get(instrument)
        if widths is None:
            widths = self._widths[instrument] = tuple(self._wanted(instrument))
        if not widths or instrument in self._markets.streamed_bars:
            return
        price, quantity = float(trade.price), float(trade.quantity)
        for width in widths:
            self._add(instrument, width, trade.venue_time_ns, price, quantity)

    def _add(
        self,
        instrument: InstrumentId,
        width: int,
        time_ns: int,
        price: float,
        quantity: float,
    ) -> None:
        bar = self._making.get((instrument, width))
        if bar is not None and time_ns >= bar.start_ns + width:
            self._close(instrument, width)
            bar = None
        if bar is None:
            start = time_ns - time_ns % width
            self._making[instrument, width] = _Making(
                start, price, price, price, price, quantity
            )
            return
        bar.high = max(bar.high, price)
        bar.low = min(bar.low, price)
        bar.close = price
        bar.volume += quantity

    def _close(self, instrument: InstrumentId, width: int) -> None:
        made = self._making.pop((instrument, width))
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
        self._markets.last_bars[instrument] = bar
        self._bus.publish(bar)
