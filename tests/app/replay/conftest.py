"""Prices that wander, by seed: markets for replays."""

import random

import pytest

from crossdock.model import Bars, instrument_id

MINUTE_NS = 60_000_000_000
BEGAN_NS = 1_704_067_200_000_000_000  # 2024-01-01 UTC


def make_walk(
    count=500, *, seed=7, symbol="BTC/USDT", venue="replay", width_ns=MINUTE_NS, price=100.0
):
    """Return bars whose opens are the closes before them, with wicks and two decimals."""
    chance = random.Random(seed)
    rows = []
    for _ in range(count):
        first = price
        price = round(max(1.0, price * (1 + chance.gauss(0, 0.004))), 2)
        high = round(max(first, price) * (1 + abs(chance.gauss(0, 0.001))), 2)
        low = round(min(first, price) * (1 - abs(chance.gauss(0, 0.001))), 2)
        rows.append((first, high, low, price, round(chance.uniform(1, 50), 3)))
    opens, highs, lows, closes, volumes = (
        list(column) for column in zip(*rows, strict=True)
    )
    return Bars(
        instrument=instrument_id(symbol, venue),
        width_ns=width_ns,
        start_time_ns=[BEGAN_NS + index * width_ns for index in range(count)],
        open=opens,
        high=highs,
        low=lows,
        close=closes,
        volume=volumes,
    )


def as_csv(bars, file):
    lines = ["time,open,high,low,close,volume"]
    lines += [
        f"{bar.start_time_ns // 1_000_000},{bar.open},{bar.high},{bar.low},{bar.close},{bar.volume}"
        for bar in bars
    ]
    file.write_text("\n".join(lines) + "\n")
    return file


@pytest.fixture
def walk():
    return make_walk


@pytest.fixture
def write_csv():
    return as_csv
