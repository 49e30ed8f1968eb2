"""Indicators of a strategy: warm before it decides, apart by instrument, kept over restarts."""

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crossdock.analysis import indicators as ta
from crossdock.strategies import Strategy, param

BTC, ETH = "BTC/USDT@alpha", "ETH/USDT@alpha"


class Averages(Strategy):
    length: int = param(3, "bars in the average", least=1)

    def setup(self):
        self.average = self.track(ta.sma(self.length))
        self.index = self.track(ta.rsi(2))
        self.decided = []

    def on_bar(self, bar):
        self.decided.append((bar.instrument, bar.start_time_ns, self.average.value))


def made(**params):
    return Averages("mine", (), params)


def feed(strategy, bars):
    for bar in bars:
        strategy.take_bar(bar)
    return strategy


def test_a_bar_is_decided_on_only_once_everything_is_warm(toy):
    strategy = feed(made(length=4), [toy.bar(n, 100 + n) for n in range(6)])
    assert strategy.warm_up == 4
    assert [average for _, _, average in strategy.decided] == [101.5, 102.5, 103.5]


def test_an_indicator_has_seen_the_bar_in_hand(toy):
    strategy = feed(
        made(length=1), [toy.bar(n, close) for n, close in enumerate([5, 7, 4])]
    )
    assert strategy.decided[-1][2] == 4 and strategy.average.value == 4


def test_instruments_do_not_mix(toy):
    strategy = made()
    for n in range(4):
        strategy.take_bar(toy.bar(n, 100 + n))
        strategy.take_bar(toy.bar(n, 10 * n, instrument=ETH))
    assert strategy.average[BTC] == 102 and strategy.average[ETH] == 20
    assert strategy.average["XRP/USDT@alpha"] is None
    averages = {instrument: average for instrument, _, average in strategy.decided}
    assert averages == {BTC: 102, ETH: 20}


def test_history_warms_up_and_decides_nothing(toy):
    strategy = made()
    strategy.warm([toy.bar(n, 100 + n) for n in range(5)])
    assert strategy.decided == []
    strategy.take_bar(toy.bar(5, 105))
    assert [average for _, _, average in strategy.decided] == [104]


def test_history_that_comes_after_the_first_live_bars_still_counts(toy):
    bars = [toy.bar(n, (n * 7) % 11 + 50) for n in range(8)]
    late = feed(made(), bars[5:7])
    late.warm(bars[:6])
    late.take_bar(bars[7])
    assert late.decided == feed(made(), bars).decided[-1:]


def test_a_bar_counts_once_and_in_order(toy):
    strategy = feed(made(), [toy.bar(n, 100 + n) for n in (0, 1, 1, 2, 0, 2, 3)])
    assert [average for _, _, average in strategy.decided] == [101, 102]


def test_bars_of_another_width_are_passed_over_by_what_is_tracked(toy):
    minutes = [toy.bar(n, 100 + n) for n in range(3)]
    hour = toy.bar(1, 900, width=3_600_000_000_000)
    strategy = feed(made(), [*minutes, hour, toy.bar(3, 103)])
    assert strategy.average.value == 102


def test_a_strategy_that_tracks_nothing_is_given_every_bar(toy):
    heard = []

    class Plain(Strategy):
        def on_bar(self, bar):
            heard.append(bar)

    bars = [toy.bar(1, 1), toy.bar(1, 1), toy.bar(0, 2, width=1_000_000_000)]
    feed(Plain("mine", (), {}), bars)
    assert heard == bars


def test_tracking_begins_before_the_first_bar(toy):
    strategy = feed(made(), [toy.bar(0, 1)])
    with pytest.raises(RuntimeError, match="setup"):
        strategy.track(ta.sma(2))


@settings(max_examples=40)
@given(st.lists(st.integers(1, 1000), min_size=1, max_size=20), st.data())
def test_a_restart_at_any_bar_changes_no_decision(toy, closes, data):
    bars = [toy.bar(n, close) for n, close in enumerate(closes)]
    cut = data.draw(st.integers(0, len(bars)))
    whole = feed(made(), bars)
    before = feed(made(), bars[:cut])
    after = made()
    after.resume(json.loads(json.dumps(before.snapshot())))
    feed(after, bars[cut:])
    assert before.decided + after.decided == whole.decided


def test_what_was_kept_for_other_indicators_is_not_taken(toy):
    kept = feed(made(length=3), [toy.bar(n, 100) for n in range(5)]).snapshot()
    longer = made(length=4)
    longer.resume(kept)
    longer.take_bar(toy.bar(5, 105))
    assert longer.decided == []


def test_history_bridges_the_time_a_desk_was_down(toy):
    bars = [toy.bar(n, 100 + n % 7) for n in range(40)]
    strategy = made()
    strategy.resume(feed(made(), bars[:10]).snapshot())
    strategy.warm(bars[30:39])
    strategy.take_bar(bars[39])
    assert [each[2] for each in strategy.decided] == [feed(made(), bars).decided[-1][2]]


def test_history_too_short_to_begin_with_is_added_to_what_is_known(toy):
    bars = [toy.bar(n, 100 + n % 7) for n in range(12)]
    strategy = made()
    strategy.resume(feed(made(), bars[:10]).snapshot())
    strategy.warm(bars[9:11])
    strategy.take_bar(bars[11])
    assert strategy.decided == feed(made(), bars).decided[-1:]


def test_what_a_strategy_keeps_itself_is_apart_from_what_is_tracked(toy):
    class Counting(Averages):
        count = 0

        def state(self):
            return {"count": self.count}

        def restore(self, state):
            assert set(state) == {"count"}
            self.count = state["count"]

    first = feed(Counting("mine", (), {}), [toy.bar(0, 1)])
    first.count = 7
    second = Counting("mine", (), {})
    second.resume(first.snapshot())
    assert second.count == 7 and second.snapshot() == first.snapshot()


def test_a_price_is_the_books_middle_or_else_the_last_close(toy):
    desk = toy.Desk()
    strategy = toy.started(Strategy, desk)
    assert strategy.price(BTC) is None
    strategy.take_bar(toy.bar(0, 50))
    assert strategy.price(BTC) == 50
    desk.books[BTC] = toy.Book(99, 101)
    assert strategy.price(BTC) == 100


def test_a_timeframe_that_is_none_is_refused():
    class Odd(Strategy):
        timeframe = "1x"

    with pytest.raises(ValueError, match="timeframe"):
        Odd("mine", (), {})


def test_how_wide_the_bars_are_is_known_from_the_first_one_that_counted(toy):
    strategy = made()
    tracker = strategy.tracker()
    assert tracker.width_ns(BTC) == 0
    first = toy.bar(0, 100)
    strategy.take_bar(first)
    assert tracker.width_ns(BTC) == first.width_ns
    assert tracker.width_ns("BTC/USDT@beta") == first.width_ns  # the same symbol elsewhere
    assert tracker.width_ns(ETH) == 0
    assert [tracked.indicator.label for tracked in tracker.tracked] == ["sma(3)", "rsi(2)"]
