"""The invented past: the same for the same seed, whole at every width, joined to the present."""

from decimal import Decimal
from itertools import groupby, pairwise
from math import log
from statistics import pstdev

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crossdock.sandbox.market import Bars, Past

D = Decimal
END_S = 1_700_000_123  # the fourth second of a minute


def past(seed=1, **terms):
    return Past(
        **{
            "end_s": END_S,
            "worth": 60_000.0,
            "tick": D("0.01"),
            "lot": D("0.00001"),
            "lots_per_s": 7_500.0,
            "seed": seed,
            **terms,
        }
    )


PAST = past()


def aggregated(candles, width_s):
    """Make wide candles of narrow ones the plain way."""
    whole = {}
    for number, group in groupby(candles, key=lambda it: it[0] // width_s):
        cells = [candle for _, candle in group]
        whole[number * width_s] = (
            cells[0].open,
            max(it.high for it in cells),
            min(it.low for it in cells),
            cells[-1].close,
            sum(it.volume for it in cells),
        )
    return whole


def values(candle):
    return candle.open, candle.high, candle.low, candle.close, candle.volume


@given(
    back=st.integers(0, 2_000_000_000),
    narrow=st.sampled_from([1, 5, 60, 300, 3_600]),
    factor=st.integers(2, 15),
    count=st.integers(1, 12),
)
@settings(max_examples=60, deadline=None)
def test_a_wide_candle_is_what_the_narrow_ones_in_it_add_up_to(back, narrow, factor, count):
    wide = narrow * factor
    last_s = (END_S - back) // wide * wide
    first_s = last_s - count * wide
    whole = {start: values(it) for start, it in PAST.candles(first_s, last_s, wide)}
    assert whole == aggregated(PAST.candles(first_s, last_s, narrow), wide)
    assert len(whole) == count


@given(
    first=st.integers(END_S - 2**31 - 100, END_S),
    length=st.integers(1, 40),
    width=st.integers(1, 604_800),
)
@settings(max_examples=60, deadline=None)
def test_every_candle_holds_its_prices_and_follows_on_the_last(first, length, width):
    candles = PAST.candles(first, first + length * width, width)
    assert [start for start, _ in candles] == sorted({start for start, _ in candles})
    for _, it in candles:
        assert 0 < it.low <= min(it.open, it.close) <= max(it.open, it.close) <= it.high
        assert it.volume >= 0
        assert it.open % D("0.01") == it.high % D("0.01") == 0
    for (_, before), (_, after) in pairwise(candles):
        assert before.close == after.open


@pytest.mark.parametrize("width_s", [1, 60, 3_600, 86_400, 604_800])
def test_two_thousand_bars_of_any_width_are_there(width_s):
    candles = PAST.candles(END_S - 2_001 * width_s, END_S, width_s)
    assert len(candles) >= 2_000
    assert candles[-1][1].close == D("60000.00")
    assert min(it.low for _, it in candles) > 5_000
    assert max(it.high for _, it in candles) < 600_000


def test_highs_and_lows_are_as_varied_as_a_walks_are():
    hours = [it for _, it in PAST.candles(END_S - 3_600_000, END_S, 3_600)]
    assert len({it.low for it in hours}) > 0.9 * len(hours)
    assert len({it.high for it in hours}) > 0.9 * len(hours)
    wicked = [it for it in hours if it.high > max(it.open, it.close)]
    assert len(wicked) > 0.9 * len(hours)


def test_prices_move_as_much_as_the_living_market_does():
    minutes = PAST.candles(END_S - 60_000, END_S, 60)
    moved = pstdev(log(it.close / it.open) for _, it in minutes)
    assert 0.0005 < moved < 0.002


def test_the_same_seed_is_the_same_past_whoever_asks_how():
    whole = dict(PAST.candles(END_S - 600, END_S, 60))
    again = past()
    for start, candle in reversed(whole.items()):
        [(_, alone)] = again.candles(max(start, END_S - 600), start + 60, 60)
        assert values(alone) == values(candle)
    assert dict(past(seed=2).candles(END_S - 600, END_S, 60)) != whole


def test_a_coin_worth_less_than_its_tick_still_has_a_price():
    poor = past(worth=0.004)
    assert {it.low for _, it in poor.candles(END_S - 600, END_S, 60)} == {D("0.01")}


# ---- what is traded joins on -------------------------------------------------------


class Time:
    def __init__(self, now_s):
        self.now_s = now_s

    def __call__(self):
        return self.now_s * 10**9


def closed(bars, width_s=60, *, back=10, limit=100):
    """Return the bars of the last `back` widths as {start: values}."""
    now_s = bars._now_ns() // 10**9
    found = bars.closed(
        "X", width_s, start_ns=(now_s - back * width_s) * 10**9, end_ns=2**62, limit=limit
    )
    return {start: values(it) for start, it in found}


def test_a_bar_over_the_beginning_has_its_past_and_what_was_traded():
    time = Time(END_S)
    bars = Bars(time)
    bars.begin({"X": PAST})
    bars.trade("X", D(60_001), D(2))
    time.now_s += 10
    bars.trade("X", D(59_000), D(1))
    start = END_S // 60 * 60
    assert start not in closed(bars)
    time.now_s = start + 60
    joined = closed(bars)[start]
    [(_, before)] = PAST.candles(start, END_S, 60)
    assert joined == (
        before.open,
        max(before.high, D(60_001)),
        D(59_000),
        D(59_000),
        before.volume + 3,
    )


@given(
    trades=st.lists(
        st.tuples(st.integers(0, 200), st.integers(1, 9), st.integers(1, 9)), max_size=40
    ),
    width_s=st.sampled_from([1, 7, 60, 120]),
    limit=st.integers(1, 8),
)
@settings(max_examples=80, deadline=None)
def test_what_is_traded_is_cut_as_a_plain_loop_would(trades, width_s, limit):
    time = Time(1_700_000_000)
    bars = Bars(time)
    plain = {}
    for wait, price, quantity in trades:
        time.now_s += wait
        bars.trade("X", D(price), D(quantity))
        plain.setdefault(time.now_s // width_s * width_s, []).append((price, quantity))
    expected = {
        start: (
            cells[0][0],
            max(price for price, _ in cells),
            min(price for price, _ in cells),
            cells[-1][0],
            sum(quantity for _, quantity in cells),
        )
        for start, cells in plain.items()
        if start + width_s <= time.now_s
    }
    found = bars.closed("X", width_s, start_ns=0, end_ns=2**62, limit=limit)
    assert [(at, values(it)) for at, it in found] == list(expected.items())[:limit]


def test_a_bar_that_was_told_never_changes_when_the_clock_is_set_back():
    time = Time(1_700_000_000)
    bars = Bars(time)
    bars.trade("X", D(5), D(1))
    time.now_s += 60
    bars.trade("X", D(6), D(1))
    told = closed(bars)
    time.now_s -= 45
    bars.trade("X", D(9), D(1))
    time.now_s += 45
    assert closed(bars) == told


def test_old_seconds_are_forgotten_and_minutes_stay():
    time = Time(1_700_000_000)
    bars = Bars(time)
    for _ in range(20_000):
        bars.trade("X", D(5), D(1))
        time.now_s += 1
    kept = bars.closed("X", 1, start_ns=0, end_ns=2**62, limit=10**6)
    assert 7_200 <= len(kept) < 14_400
    minutes = closed(bars, 60, back=400, limit=1000)
    assert sum(it[4] for it in minutes.values()) > 19_900
