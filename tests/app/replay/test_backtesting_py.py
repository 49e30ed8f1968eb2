"""The desk's backtest and backtesting.py make the same trades by the same rules.

What has to be said for them to be the same:

- backtesting.py trades whole units, so the lot is 1 and the cash buys many of them.
- A size below 1 would be a share of the cash *at the fill*, after fees. Ours is a share of
  the equity at the close it decides on, so the strategy below counts the units itself.
- Its averages are compared exactly, as whole ticks: two float averages that should be equal
  differ by rounding, and each library rounds in its own way.
- An order that the cash does not pay, because the open is that much higher, is dropped by
  both: it warns that it has cancelled it, our venue lets it expire.
- It fills at the next bar's open, as we do, and names the bar by its number; we name the
  time, which is when that bar began.
- A trade that is open at the end is not in its list (`finalize_trades` would close it at a
  price that nobody was offered), and in our list it is one without an exit.
- Its money is floats, ours is exact: sums agree to a part in a billion.
- Its commission is of both ends of a trade, and known when the trade is closed, as is ours
  when it is measured from flat to flat.
"""

import csv
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

import pandas as pd
import polars as pl
import pytest
from backtesting import Backtest, Strategy

from crossdock.app.replay import Run, Terms, backtest

DATA = Path(__file__).resolve().parents[4] / "shared" / "data"
FEE = 0.001
COLUMNS = ["Open", "High", "Low", "Close"]


@dataclass(frozen=True)
class Case:
    name: str
    tick: str
    cash: int

    @property
    def path(self) -> Path:
        return DATA / self.name

    def frame(self) -> pd.DataFrame:
        """Read the file by other means than ours, prices on their tick."""
        if self.path.suffix == ".csv":
            with self.path.open(newline="") as text:
                rows = list(csv.DictReader(text))
            values = {name: [float(row[name]) for row in rows] for name in COLUMNS}
            index = pd.DatetimeIndex([row[""] for row in rows], tz="UTC")
        else:
            read = pl.read_ipc(self.path)
            places = -Decimal(self.tick).as_tuple().exponent
            values = {
                name: [round(x, places) for x in read[name.lower()]] for name in COLUMNS
            }
            index = pd.DatetimeIndex(read["date"].to_list())
        return pd.DataFrame(values, index=index.as_unit("ns"))


CASES = [
    Case("bars/GOOG.csv", "0.01", 1_000_000),
    Case("freqtrade/ETH_BTC-5m.feather", "0.00000001", 10_000),
]


def exact_lead(close: Any, tick: str, fast: int, slow: int) -> pd.Series:
    """Return what the fast average is above the slow one, in ticks times both lengths."""
    ticks = pd.Series([int(Decimal(repr(float(x))) / Decimal(tick)) for x in close])
    return ticks.rolling(fast).sum() * slow - ticks.rolling(slow).sum() * fast


def theirs(frame: pd.DataFrame, case: Case, fast: int, slow: int) -> pd.Series:
    class Cross(Strategy):
        was = 0.0

        def init(self) -> None:
            self.lead = self.I(exact_lead, self.data.Close, case.tick, fast, slow)

        def next(self) -> None:
            lead = self.lead[-1]
            if lead == 0 or lead * self.was > 0:
                return
            is_first, self.was = self.was == 0, lead
            if is_first:
                return
            if lead > 0:
                self.buy(size=int(self.equity * 0.95 / self.data.Close[-1]))
            elif self.position:
                self.position.close()

    test = Backtest(frame, Cross, cash=case.cash, commission=FEE)
    return test.run()


def ours(case: Case, fast: int, slow: int) -> Run:
    return backtest(
        "sma_cross",
        str(case.path),
        cash=case.cash,
        params={"fast": fast, "slow": slow},
        terms=Terms(maker_fee=str(FEE), taker_fee=str(FEE), tick=case.tick, lot=1),
    )


@pytest.mark.filterwarnings("ignore:Some trades remain open")
@pytest.mark.filterwarnings("ignore:.*Broker canceled the order due to insufficient margin")
@pytest.mark.filterwarnings(
    "ignore:DatetimeIndex.dayofweek is deprecated"
)  # in its statistics
@pytest.mark.parametrize("averages", [(10, 30), (3, 8)], ids=["10/30", "3/8"])
@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_every_trade_and_the_equity_are_those_of_backtesting_py(case, averages):
    if not case.path.exists():
        pytest.skip(f"needs ../shared/data/{case.name}, which is not shipped")
    frame, run = case.frame(), ours(case, *averages)
    result = theirs(frame, case, *averages)
    closed = [trade for trade in run.trades if trade.exit_time_ns is not None]
    rows = result["_trades"].sort_values("EntryBar").itertuples()
    times = frame.index.asi8
    for mine, other in zip(closed, rows, strict=True):
        assert mine.entry_time_ns == times[other.EntryBar]
        assert mine.exit_time_ns == times[other.ExitBar]
        assert mine.quantity == other.Size
        assert float(mine.entry_price) == other.EntryPrice
        assert float(mine.exit_price) == other.ExitPrice
        assert float(mine.fees) == pytest.approx(other.Commission, rel=1e-9)
        assert float(mine.pnl) == pytest.approx(other.PnL, rel=1e-9, abs=1e-9)
    assert len(closed) > 20
    last = result["Equity Final [$]"]
    assert float(run.initial_equity + run.pnl) == pytest.approx(last, rel=1e-9)
