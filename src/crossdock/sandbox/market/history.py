"""The past of an invented market: what it would have traded before the sandbox began."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from hashlib import blake2b
from math import exp, inf, log, sqrt
from statistics import NormalDist
from struct import Struct
from typing import NamedTuple

from crossdock.sandbox.market.price_path import SIGMA_PER_S

_LEVELS = 31  # the past is 2**31 seconds long: 68 years
_WIDEST_STEP = 0.1  # from here on strays grow slowly: years of a free walk go anywhere
_SLOW_GROWTH = 1.1
_DRAWS = Struct("<6Q")
_NODE = Struct("<qq")
_NORMAL = NormalDist()
_TAIL = 1e-12
_LEAST_RANGE = 0.9  # of a walk, in its standard deviations; on average it is 1.25


@dataclass(slots=True)
class Candle:
    """Prices and volume of a stretch of time."""

    open: Decimal
    high: Decimal
    low: Decimal
    close: Decimal
    volume: Decimal

    def follow(self, later: Candle) -> None:
        """Grow by what came after."""
        self.high = max(self.high, later.high)
        self.low = min(self.low, later.low)
        self.close = later.close
        self.volume += later.volume


class _Span(NamedTuple):
    """A stretch of the past: logarithms of the price relative to its end, and lots."""

    open: float
    high: float
    low: float
    close: float
    lots: int


class Past:
    """Candles of any width, the same for the same seed and end, that end at `worth`.

    A binary tree over the seconds: the whole is drawn first and every half from what
    contains it, so a wide candle is exactly what the narrow ones in it add up to, and a
    thousand of them cost the walk to a thousand nodes whatever their width.
    """

    def __init__(
        self,
        *,
        end_s: int,
        worth: float,
        tick: Decimal,
        lot: Decimal,
        lots_per_s: float,
        seed: int,
    ) -> None:
        self.end_s = end_s
        self._begin_s = end_s - 2**_LEVELS
        self._worth = worth / float(tick)
        self._tick = tick
        self._lot = lot
        self._key = seed.to_bytes(8, "little", signed=True)
        # By level: how far the middle of a span strays from the line between its ends.
        self._stray = [SIGMA_PER_S / 2]
        for _ in range(_LEVELS):
            growth = sqrt(2) if self._stray[-1] < _WIDEST_STEP else _SLOW_GROWTH
            self._stray.append(self._stray[-1] * growth)
        self._root = self._drawn_root(lots_per_s)

    def candles(self, first_s: int, last_s: int, width_s: int) -> list[tuple[int, Candle]]:
        """Return (start, candle) of [first, last), cut where `width_s` divides the time."""
        first_s, last_s = max(first_s, self._begin_s), min(last_s, self.end_s)
        spans: dict[int, _Span] = {}
        waiting = [(_LEVELS, 0, self._root)]
        while waiting:
            level, index, span = waiting.pop()
            begin_s = self._begin_s + (index << level)
            end_s = begin_s + (1 << level)
            if end_s <= first_s or begin_s >= last_s:
                continue
            number = begin_s // width_s
            inside = begin_s >= first_s and end_s <= last_s
            if inside and (end_s - 1) // width_s == number:
                earlier = spans.get(number)
                spans[number] = span if earlier is None else _joined(earlier, span)
                continue
            left, right = self._halves(level, index, span)
            waiting.append((level - 1, 2 * index + 1, right))
            waiting.append((level - 1, 2 * index, left))
        return [(number * width_s, self._candle(span)) for number, span in spans.items()]

    def _candle(self, span: _Span) -> Candle:
        return Candle(
            self._price(span.open),
            self._price(span.high),
            self._price(span.low),
            self._price(span.close),
            self._lot * span.lots,
        )

    def _price(self, value: float) -> Decimal:
        # Rounding never changes an order, so the high stays the highest.
        return self._tick * max(1, round(self._worth * exp(value)))

    def _drawn_root(self, lots_per_s: float) -> _Span:
        draws = self._draws(_LEVELS, -1)
        start = _NORMAL.inv_cdf(draws[0]) * 2 * _WIDEST_STEP
        whole = _Span(start, inf, -inf, 0.0, round(lots_per_s * 2**_LEVELS))
        high, low = self._reach(_LEVELS, whole, start, 0.0, draws[1], draws[2])
        return whole._replace(high=high, low=low)

    def _halves(self, level: int, index: int, span: _Span) -> tuple[_Span, _Span]:
        """Draw both halves of a span: one of them has its high, one its low."""
        draws = self._draws(level, index)
        start, high, low, end, lots = span
        middle = _between(low, high, (start + end) / 2, self._stray[level], draws[0])
        highs, lows = (
            list(pair)
            for pair in zip(
                self._reach(level - 1, span, start, middle, draws[1], draws[3]),
                self._reach(level - 1, span, middle, end, draws[2], draws[4]),
                strict=True,
            )
        )
        highs[highs[1] > highs[0]] = high
        lows[lows[1] < lows[0]] = low
        first = round(lots * (0.4 + 0.2 * draws[5]))
        return (
            _Span(start, highs[0], lows[0], middle, first),
            _Span(middle, highs[1], lows[1], end, lots - first),
        )

    def _reach(
        self, level: int, within: _Span, start: float, end: float, up: float, down: float
    ) -> tuple[float, float]:
        """Draw how high and how low a walk gets on its way, within what contains it.

        Drawn one by one, both may lie nearer than any walk's do, and no half of it could
        mend that: at least the least range of a walk lies between them.
        """
        spread = (2 * self._stray[level]) ** 2
        high = _highest(start, end, spread, up, within.high)
        low = -_highest(-start, -end, spread, down, -within.low)
        missing = _LEAST_RANGE * 2 * self._stray[level] - (high - low)
        if missing > 0:
            high = min(high + missing / 2, within.high)
            low = max(low - missing / 2, within.low)
        return high, low

    def _draws(self, level: int, index: int) -> list[float]:
        """Return six numbers between 0 and 1 that belong to one node."""
        node = _NODE.pack(level, index)
        digest = blake2b(node, digest_size=_DRAWS.size, key=self._key).digest()
        return [(number + 0.5) / 2**64 for number in _DRAWS.unpack(digest)]


def _joined(earlier: _Span, later: _Span) -> _Span:
    return _Span(
        earlier.open,
        max(earlier.high, later.high),
        min(earlier.low, later.low),
        later.close,
        earlier.lots + later.lots,
    )


def _between(low: float, high: float, mean: float, deviation: float, draw: float) -> float:
    """Draw from the part of a normal distribution that lies between two values."""
    least = _NORMAL.cdf((low - mean) / deviation)
    most = _NORMAL.cdf((high - mean) / deviation)
    share = min(max(least + (most - least) * draw, _TAIL), 1 - _TAIL)
    return min(max(mean + deviation * _NORMAL.inv_cdf(share), low), high)


def _highest(start: float, end: float, variance: float, draw: float, most: float) -> float:
    """Draw how high a walk from start to end gets on its way, and not above `most`.

    The maximum of a Brownian bridge is above m with probability
    exp(-2 (m - start) (m - end) / variance).
    """
    beyond = exp(-2 * (most - start) * (most - end) / variance)
    share = beyond + (1 - beyond) * draw
    high = (start + end + sqrt((start - end) ** 2 - 2 * variance * log(share))) / 2
    return min(max(high, start, end), most)
