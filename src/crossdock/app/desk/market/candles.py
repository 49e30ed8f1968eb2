"""Bars for charts: the venue's own where it has them, else of the prices that were seen."""

from __future__ import annotations

import asyncio
from array import array
from collections.abc import Iterable, Mapping
from math import isfinite, isnan, nan
from typing import Any, NamedTuple

from crossdock.app.desk.market.chart_indicators import (
    MOST_BEFORE,
    ChartIndicators,
    Lines,
    Row,
)
from crossdock.app.desk.market.markets import Markets
from crossdock.app.desk.strategies.runner import Runner
from crossdock.errors import AdapterError, DeskError
from crossdock.model import Bars, InstrumentId, width_of
from crossdock.ports import BarHistory, Clock

SECOND_NS = 1_000_000_000
SHORT_S = 5
LONG_S = 60
WIDEST = "4w"
_KEPT = {SHORT_S: 720, LONG_S: 1_440}  # an hour of the short ones, a day of the others
MOST_WATCHED = 256  # instruments whose prices are kept
MOST_BARS = 2_000
MOST_KEPT = MOST_BARS + MOST_BEFORE  # of a venue's, for one chart
_PATIENCE_S = 10.0
_PAGES_AT_MOST = 20
_PRICE_LIVES_NS = (
    60 * SECOND_NS
)  # a last trade, or a quote, older than this is no price of now


def chart_width(timeframe: str) -> int:
    """Return the width in nanoseconds of bars that a chart can have. Raises DeskError.

    The bar that forms is made of short ones, whatever the venue tells of closed ones.
    """
    try:
        width_ns = width_of(timeframe)
    except ValueError as error:
        raise DeskError(str(error), code="bad-argument") from error
    if width_ns % (SHORT_S * SECOND_NS) or width_ns > width_of(WIDEST):
        raise DeskError(
            f"a chart of {timeframe} cannot be kept up: its bars are of {SHORT_S} s, or a "
            f"multiple up to {WIDEST}",
            code="bad-argument",
            hint=f"ask for {SHORT_S}s, 1m or 1h",
        )
    return width_ns


class Candle(NamedTuple):
    """Times are UTC seconds. `volume` is 0 where only prices were seen."""

    time_s: int
    open: float
    high: float
    low: float
    close: float
    volume: float = 0.0


class Told(NamedTuple):
    """`source` is venue, or desk for bars made of the prices that this desk saw."""

    bars: list[Candle]
    forming: Candle | None
    source: str
    indicators: list[Row]


class _Seen:
    """Bars of one width, made of sampled prices: flat numbers, the oldest go first."""

    _WIDTH = 5

    def __init__(self, width_s: int) -> None:
        self._width_s = width_s
        self._most = _KEPT[width_s]
        self._flat = array("d")

    def add(self, time_s: float, price: float) -> None:
        start = time_s - time_s % self._width_s
        flat = self._flat
        if flat and flat[-5] == start:
            if price > flat[-3]:
                flat[-3] = price
            elif price < flat[-2]:
                flat[-2] = price
            flat[-1] = price
            return
        flat.extend((start, price, price, price, price))
        if len(flat) > (self._most + self._most // 8) * self._WIDTH:
            del flat[: len(flat) - self._most * self._WIDTH]

    def candles(self, since_s: float) -> list[Candle]:
        flat, width = self._flat, self._WIDTH
        return [
            Candle(int(flat[at]), *flat[at + 1 : at + width])
            for at in range(0, len(flat), width)
            if flat[at] >= since_s
        ]


class _Known(NamedTuple):
    """A venue's bars: all there are since a time."""

    since_s: int
    bars: list[Candle]


class Candles:
    """Samples prices at every tick of the upkeep, and asks venues when somebody looks."""

    def __init__(
        self, markets: Markets, clock: Clock, runners: Mapping[str, Runner]
    ) -> None:
        self.indicators = ChartIndicators(runners)
        self._markets = markets
        self._clock = clock
        self._seen: dict[InstrumentId, tuple[_Seen, _Seen]] = {}
        self._known: dict[tuple[InstrumentId, int], _Known] = {}

    def sample(self, now_ns: int) -> None:
        """Take every market's price as it is now."""
        now_s = now_ns / SECOND_NS
        for instrument in self._markets.books.keys() | self._markets.last_trades.keys():
            price = self.price(instrument)
            if isnan(price):
                continue
            seen = self._seen.get(instrument)
            if seen is None:
                if len(self._seen) >= MOST_WATCHED:
                    continue
                seen = self._seen[instrument] = (_Seen(SHORT_S), _Seen(LONG_S))
            for each in seen:
                each.add(now_s, price)

    def price(self, instrument: InstrumentId) -> float:
        """Return what a market is at now, NaN for what nobody knows.

        A young trade's price, else the middle of a good book, else of a young quote. What
        was heard before a gap says nothing of now.
        """
        markets, oldest_ns = self._markets, self._clock.time_ns() - _PRICE_LIVES_NS
        trade = markets.trade_since_gap(instrument)
        if (
            trade is not None
            and trade.received_time_ns >= oldest_ns
            and trade.price.is_finite()
        ):
            return float(trade.price)
        book, middle = markets.books.get(instrument), nan
        if book is not None and book.ready:
            middle = (book.best_bid + book.best_ask) / 2
        elif (
            quote := markets.quote_since_gap(instrument)
        ) is not None and quote.received_time_ns >= oldest_ns:
            middle = (quote.bid + quote.ask) / 2
        return middle if isfinite(middle) else nan

    async def told(
        self,
        instrument: InstrumentId,
        adapter: Any,
        width_ns: int,
        *,
        last: int,
        end_ns: int | None = None,
        lines: Lines | None = None,
    ) -> Told:
        """Return the last closed bars before `end_ns`, and the one that forms now.

        `lines` are indicators that go on from the bars they were given last.
        """
        last = max(min(last, MOST_BARS), 1)
        if lines is None:
            lines = self.indicators.lines(instrument, width_ns, is_newest=end_ns is None)
        asked = last + lines.before
        now = self._clock.time_ns()
        end = now if end_ns is None else min(end_ns, now)
        closed_ns = end - end % width_ns
        shown_s = (closed_ns - last * width_ns) // SECOND_NS
        found: list[Candle] = []
        if isinstance(adapter, BarHistory):
            found = await self._of_venue(instrument, adapter, width_ns, closed_ns, asked)
        source = "venue" if found and found[-1].time_s >= shown_s else "desk"
        if source == "desk":
            first_s = (closed_ns - asked * width_ns) // SECOND_NS
            made = self._made(instrument, width_ns, first_s)
            found = [each for each in made if each.time_s * SECOND_NS < closed_ns]
        bars = [each for each in found if each.time_s >= shown_s][-last:]
        before = [each for each in found if each.time_s < shown_s]
        indicators = await lines.take(before, bars)
        forming = self.forming(instrument, width_ns) if end_ns is None else None
        if forming is not None and bars:
            forming = _opened(forming, bars[-1], width_ns)
        return Told(bars, forming, source, indicators)

    def forming(self, instrument: InstrumentId, width_ns: int) -> Candle | None:
        """Return the bar of now, made of the prices seen in it; None before the first."""
        now = self._clock.time_ns()
        found = self._made(instrument, width_ns, (now - now % width_ns) // SECOND_NS)
        return found[-1] if found else None

    def _made(self, instrument: InstrumentId, width_ns: int, since_s: int) -> list[Candle]:
        seen = self._seen.get(instrument)
        width_s = width_ns // SECOND_NS
        if seen is None:
            return []
        short, long = seen
        if width_s % LONG_S == 0:
            return _joined(long.candles(since_s), width_s)
        if width_s % SHORT_S == 0:
            return _joined(short.candles(since_s), width_s)
        return []

    async def _of_venue(
        self,
        instrument: InstrumentId,
        adapter: BarHistory,
        width_ns: int,
        end_ns: int,
        last: int,
    ) -> list[Candle]:
        """Ask for what is not known yet. What fails leaves the desk's own prices."""
        width_s, end_s = width_ns // SECOND_NS, end_ns // SECOND_NS
        since_s, found = self._known.get((instrument, width_ns), (end_s, []))
        first_s = begins_s = max(end_s - last * width_s, 0)
        if found and since_s <= first_s:
            begins_s = found[-1].time_s + width_s
        else:
            since_s, found = first_s, []
        if begins_s < end_s:
            try:
                async with asyncio.timeout(_PATIENCE_S):
                    new = await _asked(
                        adapter, instrument, width_ns, begins_s * SECOND_NS, end_ns
                    )
            except (AdapterError, TimeoutError):
                new = []
            found = [*found, *new]
            newest = self._clock.time_ns() - 2 * width_ns
            if new and end_ns > newest:  # the present, which is asked for again
                self._keep((instrument, width_ns), since_s, found)
        return [each for each in found if first_s <= each.time_s < end_s][-last:]

    def _keep(
        self, key: tuple[InstrumentId, int], since_s: int, found: list[Candle]
    ) -> None:
        if len(found) > MOST_KEPT:
            found = found[-MOST_KEPT:]
            since_s = found[0].time_s
        self._known[key] = _Known(since_s, found)
        while len(self._known) > MOST_WATCHED:
            del self._known[next(iter(self._known))]


async def _asked(
    adapter: BarHistory,
    instrument: InstrumentId,
    width_ns: int,
    start_ns: int,
    end_ns: int,
) -> list[Candle]:
    found: list[Candle] = []
    for _ in range(_PAGES_AT_MOST):
        page = await adapter.bars(instrument, width_ns, start_ns=start_ns, end_ns=end_ns)
        found += _candles(page)
        if not len(page) or page.start_time_ns[-1] + width_ns >= end_ns:
            break
        start_ns = page.start_time_ns[-1] + width_ns
    return found


def _candles(bars: Bars) -> list[Candle]:
    return [
        Candle(
            bar.start_time_ns // SECOND_NS,
            bar.open,
            bar.high,
            bar.low,
            bar.close,
            bar.volume,
        )
        for bar in bars
    ]


def _joined(candles: Iterable[Candle], width_s: int) -> list[Candle]:
    """Put narrower bars together into wider ones."""
    joined: list[Candle] = []
    for each in candles:
        start = each.time_s - each.time_s % width_s
        if joined and joined[-1].time_s == start:
            before = joined[-1]
            joined[-1] = Candle(
                start,
                before.open,
                max(before.high, each.high),
                min(before.low, each.low),
                each.close,
            )
        else:
            joined.append(each._replace(time_s=start))
    return joined


def _opened(forming: Candle, before: Candle, width_ns: int) -> Candle:
    """Begin a bar where the last one ended, when the desk did not see its beginning."""
    if before.time_s + width_ns // SECOND_NS != forming.time_s:
        return forming
    return forming._replace(
        open=before.close,
        high=max(forming.high, before.close),
        low=min(forming.low, before.close),
    )
