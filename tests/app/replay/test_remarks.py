"""What a run says of itself when its figures alone would mislead."""

import pytest

from crossdock.app.data import open_recording
from crossdock.app.replay import backtest
from crossdock.app.replay.loop import ReplayClock
from crossdock.app.replay.player import Player
from crossdock.errors import DeskError
from crossdock.model import OrderRequest, OrderType, Side
from crossdock.strategies import Strategy, param


class Fails(Strategy):
    """Fails on its third bar."""

    bars: int = param(3, "bars until then", least=1)

    def setup(self):
        self.seen = 0

    def on_bar(self, bar):
        self.seen += 1
        if self.seen == self.bars:
            raise LookupError("no such bar")


class Floats(Strategy):
    """Orders a float."""

    def on_bar(self, bar):
        [account] = self.desk.accounts(bar.instrument)
        self.desk.submit(
            OrderRequest(
                account=account,
                instrument=bar.instrument,
                side=Side.BUY,
                type=OrderType.MARKET,
                quantity=0.5,
            )
        )


def test_a_strategy_that_gets_no_bar_is_told_of_and_another_is_not(walk):
    deaf = backtest("sma_cross", walk(50), params={"timeframe": "1h"})
    [note] = [each for each in deaf.notes if "got no bar" in each]
    assert "1h" in note
    assert "1m" in note
    hears = backtest("sma_cross", walk(50), params={"timeframe": "1m"})
    assert not any("got no bar" in each for each in (*hears.notes, *timed(walk).notes))


def timed(walk):
    return backtest("dca", walk(50))


TICKS = "time,price,quantity,side\n" + "".join(
    f"2024-01-01T00:00:{second:02}Z,100.{second:02},1,buy\n" for second in range(50)
)


def test_trades_become_bars_only_for_a_strategy_that_says_its_timeframe(tmp_path):
    file = tmp_path / "BTC_USD-trades.csv"
    file.write_text(TICKS)
    [note] = [n for n in backtest("sma_cross", str(file)).notes if "got no bar" in n]
    assert "timeframe" in note
    made = backtest("sma_cross", str(file), params={"timeframe": "1s"})
    assert not any("got no bar" in each for each in made.notes)


async def test_a_recording_on_paper_costs_what_a_backtest_of_it_costs(tmp_path):
    file = tmp_path / "BTC_USD-trades.csv"
    file.write_text(TICKS)
    [backtested] = backtest("dca", str(file)).instruments.values()
    [played] = await Player(open_recording(str(file)), ReplayClock(0)).instruments()
    assert played.taker_fee_rate == backtested.taker_fee_rate > 0
    assert played.maker_fee_rate == backtested.maker_fee_rate > 0


def test_a_strategy_that_raises_is_named_with_its_own_line(walk):
    with pytest.raises(DeskError, match=r"test_remarks\.py, line \d+: LookupError") as told:
        backtest(Fails, walk(10))
    assert told.value.code == "strategy-failed"
    assert isinstance(told.value.__cause__, LookupError)


def test_a_float_as_quantity_is_refused_with_words(walk):
    run = backtest(Floats, walk(5))
    assert set(run.refused) == {"numbers: the quantity must be a Decimal, got 0.5"}
    assert not run.fills


def test_a_run_tells_the_parameters_that_nobody_set(walk):
    run = backtest("sma_cross", walk(50), params={"fast": 5})
    assert run.params == {"fast": 5}
    assert run.defaults["slow"] == 30
    assert "fast" not in run.defaults
