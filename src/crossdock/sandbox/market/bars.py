"""One venue's bars: traded ones as they happen, and an invented market's past before."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Mapping
from dataclasses import replace
from decimal import Decimal

from crossdock.sandbox.market.history import Candle, Past

SECOND_NS = 1_000_000_000
MINUTE_S = 60
_SECONDS_KEPT = 7_200
_MINUTES_KEPT = 50_000


class Bars:
    """Closed bars of every market, of any width in whole seconds.

    They are cut on steady time, whatever the venue's own clock is made to say, so a bar
    that was told never changes. Seconds are kept for two hours, minutes for a month.
    """

    def __init__(self, now_ns: Callable[[], int]) -> None:
        self._now_ns = now_ns
        self._pasts: dict[str, Past] = {}
        self._traded: dict[str, tuple[_Series, _Series]] = {}

    def begin(self, pasts: Mapping[str, Past]) -> None:
        """Give markets a past."""
        self._pasts.update(pasts)

    def trade(self, symbol: str, price: Decimal, quantity: Decimal) -> None:
        """Take a trade that happened now."""
        series = self._traded.get(symbol)
        if series is None:
            series = (_Series(1, _SECONDS_KEPT), _Series(MINUTE_S, _MINUTES_KEPT))
            self._traded[symbol] = series
        now_s = self._now_ns() // SECOND_NS
        for each in series:
            each.take(now_s, Candle(price, price, price, price, quantity))

    def closed(
        self, symbol: str, width_s: int, *, start_ns: int, end_ns: int, limit: int
    ) -> list[tuple[int, Candle]]:
        """Return (start in seconds, candle) of bars that begin in [start, end), oldest first.

        Bars begin at multiples of their width since 1970. Where nothing traded is none.
        """
        width_ns = width_s * SECOND_NS
        first_s = -(-start_ns // width_ns) * width_s
        open_s = self._now_ns() // width_ns * width_s
        last_s = min(-(-end_ns // width_ns) * width_s, open_s)
        found: dict[int, Candle] = {}
        past = self._pasts.get(symbol)
        if past is not None:
            most_s = first_s + limit * width_s
            found = dict(past.candles(first_s, min(last_s, most_s), width_s))
        traded = self._traded.get(symbol)
        if traded is not None:
            seconds, minutes = traded
            series = minutes if width_s % MINUTE_S == 0 else seconds
            series.add_to(found, first_s, last_s, width_s, limit)
        return list(found.items())[:limit]

    def forming(self, symbol: str, width_s: int) -> tuple[int, Candle] | None:
        """Return (start in seconds, candle) of the bar not closed yet, if anything traded."""
        traded = self._traded.get(symbol)
        if traded is None:
            return None
        start_s = self._now_ns() // SECOND_NS // width_s * width_s
        found: dict[int, Candle] = {}
        seconds, minutes = traded
        series = minutes if width_s % MINUTE_S == 0 else seconds
        series.add_to(found, start_s, start_s + width_s, width_s, 1)
        return (start_s, found[start_s]) if start_s in found else None


class _Series:
    """The newest cells of one width in which something traded."""

    def __init__(self, width_s: int, kept: int) -> None:
        self._width_s = width_s
        self._kept = kept
        self._starts: list[int] = []
        self._cells: list[Candle] = []

    def take(self, now_s: int, candle: Candle) -> None:
        start_s = now_s // self._width_s * self._width_s
        # The machine's clock may be set back: what is closed stays closed.
        if self._starts and start_s <= self._starts[-1]:
            self._cells[-1].follow(candle)
            return
        self._starts.append(start_s)
        self._cells.append(candle)
        if len(self._starts) >= 2 * self._kept:
            del self._starts[: -self._kept]
            del self._cells[: -self._kept]

    def add_to(
        self,
        found: dict[int, Candle],
        first_s: int,
        last_s: int,
        width_s: int,
        limit: int,
    ) -> None:
        """Add the cells of [first, last) to the bars they belong to, until there are enough."""
        begin = bisect_left(self._starts, first_s)
        end = bisect_left(self._starts, last_s)
        for index in range(begin, end):
            start_s = self._starts[index] // width_s * width_s
            bar = found.get(start_s)
            if bar is not None:
                bar.follow(self._cells[index])
            elif len(found) < limit:
                found[start_s] = replace(self._cells[index])
            else:
                break
