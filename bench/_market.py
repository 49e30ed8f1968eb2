"""The market that the benchmarks of replay are run on: a seeded walk, so all see the same."""

from __future__ import annotations

import random
from collections.abc import Iterator
from typing import NamedTuple

MINUTE_NS = 60 * 10**9
BEGAN_NS = 1_704_067_200 * 10**9  # 2024-01-01, UTC
VOLUME = 1_000_000.0  # enough that no contender fills an order in parts


class Row(NamedTuple):
    """One minute; prices have four decimals. `start_ns` is when it began."""

    start_ns: int
    open: float
    high: float
    low: float
    close: float
    volume: float


class Touch(NamedTuple):
    time_ns: int
    bid: float
    ask: float


def minutes(count: int) -> Iterator[Row]:
    """Yield bars around 100 that open near where the last one closed.

    The step is so fine that two averages are hardly ever equal, where every contender would
    round its own way.
    """
    chance = random.Random(7)
    close = 1_000_000
    for number in range(count):
        opened = max(close + chance.randint(-200, 200), 100_000)
        drift = (1_000_000 - opened) * 0.0002
        close = max(opened + round(chance.gauss(drift, 600)), 100_000)
        high = max(opened, close) + chance.randint(0, 300)
        low = min(opened, close) - chance.randint(0, 300)
        prices = (ticks / 10_000 for ticks in (opened, high, low, close))
        yield Row(BEGAN_NS + number * MINUTE_NS, *prices, VOLUME)


def touches(count: int) -> Iterator[Touch]:
    """Yield best bids and asks, ten a second, a cent or two apart."""
    chance = random.Random(11)
    bid = 10_000
    for number in range(count):
        bid = max(bid + chance.randint(-2, 2), 1_000)
        ask = bid + chance.randint(1, 2)
        yield Touch(BEGAN_NS + number * 10**8, bid / 100, ask / 100)
