"""The desk's backtests agree, trade for trade, with an oracle that shares no code with it.

`tests/oracles/plain_backtest.py` states the rules of `sma_cross`. The files are read here by
other means too: CSV by the standard library, feather by polars.
"""

import csv
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.oracles.plain_backtest import PlainBar, PlainFill, replay

from crossdock.app.replay import Run, Terms, backtest
from crossdock.model import Bars, InstrumentId

DATA = Path(__file__).resolve().parents[4] / "shared" / "data"
MINUTE_NS = 60 * 10**9
EIGHT_PLACES = Decimal("1e-8")
SORTED = [
    "bars/GOOG.csv",
    "basana/binance_btcusdt_day_2020.csv",
    "basana/bitstamp_btcusd_day_2015.csv",
    "basana/bitstamp_btcusd_day_2015.csv.utf16",
    "basana/bitstamp_btcusd_min_2020_01_01.csv",
    "basana/orcl-2000-yahoo-sorted.csv",
    "freqtrade/ADA_BTC-5m.feather",
    "freqtrade/ETH_BTC-5m.feather",
    "freqtrade/LTC_BTC-5m.feather",
    "freqtrade/UNITTEST_BTC-1m.feather",
    "freqtrade/UNITTEST_BTC-30m.feather",
    "freqtrade/UNITTEST_BTC-5m.feather",
    "freqtrade/XLM_BTC-5m.feather",
]


@dataclass(frozen=True)
class Rules:
    fast: int = 10
    slow: int = 30
    cash: str = "10000"
    fee: str = "0.001"
    tick: str = "0.01"
    lot: str = "0.0001"
    share: str = "0.95"

    def desk(self, data: Bars | str) -> Run:
        return backtest(
            "sma_cross",
            data,
            cash=self.cash,
            params={"fast": self.fast, "slow": self.slow, "share": self.share},
            terms=Terms(
                maker_fee=self.fee, taker_fee=self.fee, tick=self.tick, lot=self.lot
            ),
        )

    def agree(self, data: Bars | str, bars: list[PlainBar]) -> int:
        """Compare every fill and the last equity; return how many fills there were."""
        plain = replay(
            bars,
            fast=self.fast,
            slow=self.slow,
            cash=Decimal(self.cash),
            fee_rate=Decimal(self.fee),
            lot=Decimal(self.lot),
            share=Decimal(self.share),
        )
        run = self.desk(data)
        assert not run.refused
        for ours, theirs in zip(fills_of(run), plain.fills, strict=False):
            assert ours == theirs
        assert len(run.fills) == len(plain.fills)
        assert abs(run.initial_equity + run.pnl - plain.equity) < Decimal("1e-9")
        assert run.curve.equity[-1] == pytest.approx(float(plain.equity), rel=1e-9)
        return len(plain.fills)


def fills_of(run: Run) -> list[PlainFill]:
    return [
        PlainFill(
            time_ns=fill.venue_time_ns,
            side=str(fill.side),
            quantity=fill.quantity,
            price=fill.price,
            fee=fill.fee,
        )
        for fill in run.fills
    ]


def read(path: Path) -> list[PlainBar]:
    if path.suffix == ".feather":
        frame = pl.read_ipc(path).select(pl.col("date").dt.timestamp("ns"), "open", "close")
        return [
            PlainBar(time, rounded(first), rounded(last))
            for time, first, last in frame.iter_rows()
        ]
    encoding = "utf-16" if path.suffix == ".utf16" else "utf-8-sig"
    with path.open(encoding=encoding, newline="") as text:
        names, *rows = csv.reader(text)
    columns = {name.lower(): at for at, name in enumerate(names)}
    first, last = columns["open"], columns["close"]
    return [
        PlainBar(nanoseconds(row[0]), Decimal(row[first]), Decimal(row[last]))
        for row in rows
    ]


def rounded(value: float) -> Decimal:
    """Undo what storing eight decimals as a float has added to them."""
    return Decimal(value).quantize(EIGHT_PLACES)


def nanoseconds(text: str) -> int:
    return int(datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp()) * 10**9


@pytest.mark.parametrize("name", SORTED)
def test_every_fill_and_the_equity_are_the_oracles_on_real_bars(name):
    path = DATA / name
    if not path.exists():
        pytest.skip(f"needs ../shared/data/{name}, which is not shipped")
    is_bitcoin = name.startswith("freqtrade")
    rules = Rules(tick="0.00000001" if is_bitcoin else "0.01")
    assert rules.agree(str(path), read(path)) > 2


def bars_of(ticks: list[tuple[int, int]]) -> tuple[Bars, list[PlainBar]]:
    """Make minute bars of (open, close) in cents, for the desk and for the oracle."""
    starts = [number * MINUTE_NS for number in range(1, len(ticks) + 1)]
    opens = [first / 100 for first, _ in ticks]
    closes = [last / 100 for _, last in ticks]
    bars = Bars(
        instrument=InstrumentId("BTC/USDT@made"),
        width_ns=MINUTE_NS,
        start_time_ns=starts,
        open=opens,
        high=[max(pair) for pair in zip(opens, closes, strict=True)],
        low=[min(pair) for pair in zip(opens, closes, strict=True)],
        close=closes,
        volume=[1.0] * len(ticks),
    )
    plain = [
        PlainBar(start, Decimal(first).scaleb(-2), Decimal(last).scaleb(-2))
        for start, (first, last) in zip(starts, ticks, strict=True)
    ]
    return bars, plain


steps = st.integers(-150, 150)


@st.composite
def walks(draw: st.DrawFn) -> list[tuple[int, int]]:
    """Draw bars; some gap by so much that what was decided on cannot be paid."""
    price, made = draw(st.integers(1_000, 50_000)), []
    for gap, move in draw(st.lists(st.tuples(steps, steps), min_size=1, max_size=60)):
        first = max(price + gap, 500)
        price = max(first + move, 500)
        made.append((first, price))
    return made


@settings(max_examples=60, deadline=None)
@given(
    ticks=walks(),
    averages=st.sampled_from([(1, 2), (2, 3), (3, 7), (5, 8)]),
    fee=st.sampled_from(["0", "0.0005", "0.01"]),
    lot=st.sampled_from(["1", "0.001", "0.00000001"]),
    share=st.sampled_from(["0.95", "0.5", "0.001"]),
)
def test_every_fill_and_the_equity_are_the_oracles_on_any_bars(
    ticks, averages, fee, lot, share
):
    fast, slow = averages
    bars, plain = bars_of(ticks)
    Rules(fast=fast, slow=slow, fee=fee, lot=lot, share=share).agree(bars, plain)


def test_a_cross_on_the_last_bar_is_never_filled():
    bars, plain = bars_of([(10_000, 10_000), (10_000, 9_900), (9_900, 10_300)])
    assert Rules(fast=1, slow=2).agree(bars, plain) == 0
    assert Rules(fast=1, slow=2).desk(bars).orders == 1
