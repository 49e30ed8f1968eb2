"""Runs made by hand: small enough to check by eye, and one of any length."""

import math
from dataclasses import replace
from decimal import Decimal

import pytest

from crossdock.analysis.equity import EquityCurve
from crossdock.analysis.performance import measure
from crossdock.analysis.trades import round_trips
from crossdock.app.replay.run import Run
from crossdock.model import (
    AccountId,
    Asset,
    Bars,
    ContractKind,
    ExecutionId,
    Fill,
    Instrument,
    Liquidity,
    Side,
    TickBand,
    VenueOrderId,
    instrument_id,
)

MINUTE_NS = 60_000_000_000
BEGIN_NS = 1_609_459_200_000_000_000  # 2021-01-01
BTC = instrument_id("BTC/USDT", "paper")


def listed(name=BTC):
    return Instrument(
        id=name,
        venue_key=name,
        kind=ContractKind.SPOT,
        base=Asset("BTC"),
        quote=Asset("USDT"),
        settle=Asset("USDT"),
        tick_table=(TickBand(floor=Decimal(0), tick=Decimal("0.01")),),
        quantity_step=Decimal("0.0001"),
    )


def wave(count, width_ns=MINUTE_NS):
    """Bars that swing and drift, the same ones every time."""
    close = [
        30_000 + 0.01 * i + 900 * math.sin(i / 211) + 60 * math.sin(i / 7)
        for i in range(count)
    ]
    opens = [close[0], *close[:-1]]
    return Bars(
        instrument=BTC,
        width_ns=width_ns,
        start_time_ns=[BEGIN_NS + i * width_ns for i in range(count)],
        open=[round(each, 2) for each in opens],
        high=[round(max(pair) + 5, 2) for pair in zip(opens, close, strict=True)],
        low=[round(min(pair) - 5, 2) for pair in zip(opens, close, strict=True)],
        close=[round(each, 2) for each in close],
        volume=[1.0 + i % 3 for i in range(count)],
    )


def fill(number, side, price, quantity, time_ns):
    return Fill(
        account=AccountId("paper"),
        instrument=BTC,
        venue_order_id=VenueOrderId(f"v{number}"),
        execution_id=ExecutionId(f"e{number}"),
        side=side,
        price=Decimal(price),
        quantity=Decimal(quantity),
        fee=Decimal(price) * Decimal(quantity) / 1000,
        fee_asset=Asset("USDT"),
        liquidity=Liquidity.TAKER,
        venue_time_ns=time_ns,
        received_time_ns=time_ns,
    )


def swing(count=2000, every=100, width_ns=MINUTE_NS, **changes):
    """A run that buys and sells in turn at the close of every so many bars."""
    bars = wave(count, width_ns)
    fills, equity, exposure = [], [], []
    cash, held = 10_000.0, 0.0
    for place, close in enumerate(bars.close):
        if place % every == every - 1:
            side = Side.SELL if held else Side.BUY
            made = fill(
                len(fills),
                side,
                f"{close:.2f}",
                "0.1",
                bars.start_time_ns[place] + width_ns,
            )
            fills.append(made)
            held += 0.1 * side.sign
            held = round(held, 8)
            cash -= side.sign * 0.1 * close + float(made.fee)
        equity.append(cash + held * close)
        exposure.append(held * close)
    curve = EquityCurve(
        time_ns=[start + width_ns for start in bars.start_time_ns],
        equity=equity,
        exposure=exposure,
    )
    instruments = {BTC: listed()}
    trades = round_trips(fills, instruments)
    run = Run(
        strategy="swing",
        params={"every": every, "quantity": Decimal("0.1")},
        source="made by hand",
        instruments=instruments,
        currency=Asset("USDT"),
        initial_equity=Decimal(10_000),
        orders=len(fills),
        refused=[],
        fills=fills,
        fees=sum((each.fee for each in fills), Decimal(0)),
        funding=Decimal(0),
        pnl=Decimal(f"{equity[-1] - 10_000:.4f}"),
        trades=trades,
        curve=curve,
        performance=measure(curve, trades),
        models={"fees": "0.1 % of the notional", "bar_fill": "at the close"},
        events=count,
        seconds=0.5,
        journal_sha256="ab" * 32,
        bars=bars,
    )
    return replace(run, **changes)


@pytest.fixture
def made():
    return swing


@pytest.fixture(scope="session")
def hours():
    """Bars of one hour that cross their averages now and then."""
    return wave(1500, 60 * MINUTE_NS)
