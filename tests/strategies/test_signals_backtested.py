"""Signals through the whole desk: each way of sizing does to real orders what it says."""

from decimal import Decimal
from math import pi, sin

import pytest

import crossdock
from crossdock.model import Bars, Side

D = Decimal
HOUR = 3600 * 10**9
EQUITY = D(10_000)


@pytest.fixture(scope="module")
def waves():
    closes = [100 + 10 * sin(2 * pi * n / 100) for n in range(320)]
    opens = [closes[0], *closes[:-1]]
    return Bars(
        instrument="BTC/USDT@example",
        width_ns=HOUR,
        start_time_ns=[n * HOUR for n in range(len(closes))],
        open=opens,
        high=[max(pair) for pair in zip(opens, closes, strict=True)],
        low=[min(pair) for pair in zip(opens, closes, strict=True)],
        close=closes,
        volume=[10.0] * len(closes),
    )


def first_share(run):
    """Return what share of the equity the first purchase was worth."""
    first = run.fills[0]
    assert first.side is Side.BUY
    return first.quantity * first.price / EQUITY


@pytest.mark.parametrize(
    ("sizing", "least", "most"),
    [
        ({}, "0.049", "0.051"),
        ({"method": "equity_share", "share": "0.5"}, "0.49", "0.51"),
        ({"method": "volatility", "target": "0.1"}, "0.1", "0.6"),
        ({"method": "volatility", "target": "9"}, "0.94", "0.96"),
        ({"method": "fixed_risk", "risk": "0.001"}, "0.05", "0.3"),
        ({"method": "fixed_risk", "risk": "1", "most_share": "0.2"}, "0.19", "0.21"),
    ],
)
def test_a_signal_becomes_a_position_of_the_size_its_method_says(
    waves, sizing, least, most
):
    run = crossdock.backtest("rsi_reversion", waves, cash=str(EQUITY), sizing=sizing)
    assert run.refused == [] and run.alarms == []
    assert D(least) < first_share(run) < D(most)
    sides = [fill.side for fill in run.fills]
    assert sides[:4] == [Side.BUY, Side.SELL, Side.BUY, Side.SELL]
    assert run.fills[1].quantity == run.fills[0].quantity


def test_twice_the_risk_is_twice_the_position(waves):
    half, whole = (
        crossdock.backtest(
            "rsi_reversion", waves, sizing={"method": "fixed_risk", "risk": risk}
        )
        for risk in ("0.0005", "0.001")
    )
    assert abs(first_share(whole) / first_share(half) - 2) < D("0.001")
