"""Bars over a frame are bars like any others, and sound ones are known without lists."""

import copy
import dataclasses
import math
import pickle

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crossdock.analysis.bar_checks import check_order, check_values, failing
from crossdock.analysis.frame_bars import FrameBars, is_sound
from crossdock.analysis.frames import bars_frame
from crossdock.errors import DataError
from crossdock.model import Bars

NAME = "BTC/USDT@binance"
MINUTE = 60 * 10**9
COLUMNS = ("start_time_ns", "open", "high", "low", "close", "volume")


def lists(count=5):
    prices = [100.0 + n for n in range(count)]
    return Bars(
        instrument=NAME,
        width_ns=MINUTE,
        start_time_ns=[n * MINUTE for n in range(count)],
        open=prices,
        high=[price + 1 for price in prices],
        low=[price - 1 for price in prices],
        close=[price + 0.5 for price in prices],
        volume=[0.0] * count,
    )


def over(bars):
    return FrameBars.over(bars_frame(bars), instrument=NAME, width_ns=MINUTE)


def test_every_column_is_a_plain_list_and_the_same_one_each_time():
    bars = over(lists())
    for name in COLUMNS:
        column = getattr(bars, name)
        assert type(column) is list
        assert column == getattr(lists(), name)
        assert getattr(bars, name) is column


def test_they_equal_bars_of_lists_from_either_side_and_differ_where_those_do():
    bars = over(lists())
    assert bars == lists()
    assert lists() == bars
    assert over(lists()) == bars
    assert bars != lists(4)
    assert lists(4) != bars
    assert bars != dataclasses.replace(lists(), width_ns=1)
    assert bars != "bars"


def test_their_length_and_bars_and_slices_are_those_of_lists():
    bars = over(lists())
    assert len(bars) == 5
    assert list(bars) == list(lists())
    assert bars[1:3] == lists()[1:3]
    assert repr(bars) == repr(lists())
    assert len(over(lists(0))) == 0


@pytest.mark.parametrize(
    "again",
    [copy.copy, copy.deepcopy, lambda bars: pickle.loads(pickle.dumps(bars))],
    ids=["copied", "copied deeply", "pickled"],
)
def test_copies_are_equal(again):
    made = again(over(lists()))
    assert made == lists()
    assert len(made) == 5
    assert bars_frame(made).equals(bars_frame(lists()))


def test_replaced_columns_count_in_lists_and_in_the_frame():
    made = dataclasses.replace(over(lists()), volume=[7.0] * 5)
    assert made.volume == [7.0] * 5
    assert bars_frame(made)["volume"].to_list() == [7.0] * 5


def test_their_frame_is_the_callers_own():
    bars = over(lists())
    bars_frame(bars).drop_in_place("close")
    assert bars_frame(bars).equals(bars_frame(lists()))
    assert bars.close == lists().close


def test_what_is_no_column_is_no_attribute():
    with pytest.raises(AttributeError, match="'median'"):
        getattr(over(lists()), "median")  # noqa: B009


values = st.sampled_from([1.0, 2.0, 3.0]) | st.sampled_from(
    [0.0, -0.0, -1.0, math.nan, math.inf, -math.inf, 1e-300]
)


@settings(max_examples=300)
@given(
    st.lists(st.tuples(st.integers(0, 3), *[values] * 5), min_size=1, max_size=4)
    | st.lists(st.tuples(st.integers(1, 3), *[st.just(1.0)] * 5), min_size=1, max_size=4)
)
def test_sound_bars_are_those_that_pass_every_check_without_a_word(rows):
    steps, *columns = map(list, zip(*rows, strict=True))
    times = [sum(steps[: n + 1]) for n in range(len(steps))]
    named = dict(zip(COLUMNS, [times, *columns], strict=True))
    frame = bars_frame(Bars(instrument=NAME, width_ns=MINUTE, **named))
    fail = failing("bars", lambda row: row)
    try:
        silent = not check_order(times, fail=fail) and not check_values(*columns, fail=fail)
    except DataError:
        silent = False
    assert is_sound(frame) == silent


def test_a_null_is_not_sound():
    frame = bars_frame(lists())
    for name in frame.columns:
        assert not is_sound(
            frame.with_columns(pl.lit(None).alias(name).cast(frame[name].dtype))
        )
