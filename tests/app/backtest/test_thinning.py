from hypothesis import given
from hypothesis import strategies as st

from crossdock.app.backtest.report.thinning import candle_levels, telling, wider
from crossdock.model import Bars, instrument_id

SECOND_NS = 1_000_000_000
MINUTE_NS = 60 * SECOND_NS
DAY_NS = 86_400 * SECOND_NS
BTC = instrument_id("BTC/USDT", "paper")

numbers = st.lists(st.integers(-1000, 1000).map(float), min_size=1, max_size=400)


@given(numbers, st.integers(4, 60))
def test_the_extremes_and_both_ends_of_a_line_stay_whatever_is_left_out(values, most):
    kept = telling(values, most)
    shown = [values[place] for place in kept]
    assert len(kept) <= max(most, 4)
    assert kept == sorted(set(kept))
    assert (kept[0], kept[-1]) == (0, len(values) - 1)
    assert (min(shown), max(shown)) == (min(values), max(values))


def depth(values):
    peak, deepest = values[0], 0.0
    for value in values:
        peak = max(peak, value)
        deepest = max(deepest, peak - value)
    return deepest


@given(numbers, st.integers(4, 60))
def test_a_thinned_line_invents_no_fall(values, most):
    assert depth([values[place] for place in telling(values, most)]) <= depth(values)


@st.composite
def minute_bars(draw):
    steps = draw(st.lists(st.integers(1, 50), min_size=1, max_size=200))
    begin = draw(st.integers(0, 20_000_000)) * MINUTE_NS
    starts = [begin + sum(steps[: place + 1]) * MINUTE_NS for place in range(len(steps))]
    middle = draw(
        st.lists(st.integers(10, 99), min_size=len(steps), max_size=len(steps)).map(
            lambda found: [float(each) for each in found]
        )
    )
    return Bars(
        instrument=BTC,
        width_ns=MINUTE_NS,
        start_time_ns=starts,
        open=middle,
        high=[each + 1 for each in middle],
        low=[each - 2 for each in middle],
        close=[each + 0.5 for each in middle],
        volume=[1.0] * len(middle),
    )


@given(minute_bars(), st.sampled_from([5, 30, 60, 1440]))
def test_a_wide_candle_is_made_of_exactly_the_bars_within_it(bars, minutes):
    width_ns = minutes * MINUTE_NS
    candles = list(wider(bars, width_ns))
    assert sum(candle.volume for candle in candles) == len(bars)
    for candle in candles:
        inside = [
            bar
            for bar in bars
            if candle.start_time_ns <= bar.start_time_ns < candle.start_time_ns + width_ns
        ]
        assert candle.start_time_ns % width_ns == 0
        assert candle.open == inside[0].open
        assert candle.close == inside[-1].close
        assert candle.high == max(bar.high for bar in inside)
        assert candle.low == min(bar.low for bar in inside)
        assert candle.volume == len(inside)


def test_weeks_begin_on_monday():
    monday_ns = 4 * DAY_NS  # 1970-01-05
    days = Bars(
        instrument=BTC,
        width_ns=DAY_NS,
        start_time_ns=[monday_ns + day * DAY_NS for day in range(14)],
        **{name: [1.0] * 14 for name in ("open", "high", "low", "close", "volume")},
    )
    weeks = wider(days, 7 * DAY_NS)
    assert list(weeks.start_time_ns) == [monday_ns, monday_ns + 7 * DAY_NS]
    assert list(weeks.volume) == [7.0, 7.0]


@given(minute_bars(), st.integers(5, 100))
def test_every_level_fits_its_count_and_is_finer_than_the_one_before(bars, count):
    levels = candle_levels(bars, (count, 4 * count))
    widths = [level.width_ns for level in levels]
    assert widths == sorted(widths, reverse=True)
    assert len(set(widths)) == len(widths)
    assert len(levels[0]) <= count
    assert all(len(level) <= 4 * count for level in levels)
    assert all(width % MINUTE_NS == 0 for width in widths)


def test_few_bars_are_drawn_as_they_are(made):
    bars = made(50, 10).bars
    assert candle_levels(bars, (100, 1000)) == [bars]
