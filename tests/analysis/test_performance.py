from dataclasses import fields
from datetime import UTC, datetime
from decimal import Decimal as D
from functools import partial
from itertools import accumulate, pairwise

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from crossdock.analysis import performance
from crossdock.analysis.drawdown import deepest, drawdowns, underwater
from crossdock.analysis.equity import DAY_NS, EquityCurve, day_ends, monthly_returns
from crossdock.analysis.performance import FORMULAS, Performance
from crossdock.analysis.trades import RoundTrip
from crossdock.model import InstrumentId, Side

HOUR_NS = DAY_NS // 24
measure = partial(performance.measure, least_returns=2)


def curve(equity, *, step_ns=DAY_NS, start_ns=0, exposure=None):
    times = [start_ns + step_ns * number for number in range(len(equity))]
    return EquityCurve(
        time_ns=times, equity=equity, exposure=exposure or [0.0] * len(equity)
    )


def trip(pnl, *, lasted_ns=10, is_open=False):
    return RoundTrip(
        instrument=InstrumentId("A/B@c"),
        side=Side.BUY,
        quantity=D(1),
        entry_time_ns=100,
        entry_price=D(1),
        exit_time_ns=None if is_open else 100 + lasted_ns,
        exit_price=None,
        gross_pnl=D(pnl) + 1,
        fees=D(1),
        fills=2,
    )


def test_every_figure_has_its_formula_and_no_other():
    assert list(FORMULAS) != []
    assert set(FORMULAS) == {field.name for field in fields(Performance)}


def test_figures_of_returns_need_ten_of_them():
    few = performance.measure(curve([100, 101] * 5), [])  # nine returns
    enough = performance.measure(curve([*[100, 101] * 5, 100]), [])
    assert (few.sharpe, few.sortino, few.volatility, few.var_95, few.skew) == (None,) * 5
    assert None not in (enough.sharpe, enough.sortino, enough.volatility, enough.var_95)
    assert (few.returns, enough.returns) == (9, 10)


def test_growth_and_calmar_are_of_a_year_and_need_a_month():
    month = measure(curve([100, *[88] * 28, 110]), [])  # 29 days
    longer = measure(curve([100, *[88] * 29, 110]), [])  # 30 days
    assert (month.cagr, month.calmar) == (None, None)
    assert longer.cagr == pytest.approx(1.1 ** (365 / 30) - 1)
    assert longer.calmar == pytest.approx(longer.cagr / 0.12)


def test_a_table_computed_by_hand():
    # Returns 10 %, -20 %, 25 %: mean 5 %, squares .0025 + .0625 + .04 over 2.
    figures = measure(curve([100, 110, 88, 110], exposure=[50, 0, -44, 99]), [])
    assert figures.total_return == pytest.approx(0.1)
    assert figures.cagr is None  # three days tell nothing of a year
    assert figures.returns == 3
    assert figures.periods_per_year == 365
    assert figures.volatility == pytest.approx((0.105 / 2) ** 0.5 * 365**0.5)
    assert figures.sharpe == pytest.approx(0.05 / (0.105 / 2) ** 0.5 * 365**0.5)
    assert figures.sortino == pytest.approx(0.05 / (0.04 / 3) ** 0.5 * 365**0.5)
    assert figures.max_drawdown == pytest.approx(0.2)
    assert figures.max_drawdown_duration_ns == 2 * DAY_NS
    assert figures.calmar is None
    assert figures.time_in_market == pytest.approx(2 / 3)
    assert figures.average_exposure == pytest.approx((0.5 + 0 + 0.5) / 3)
    # The 5 % quantile of -.2, .1, .25 lies a tenth of the way from the first.
    assert figures.var_95 == pytest.approx(0.17)
    assert figures.cvar_95 == pytest.approx(0.2)


def test_trades_computed_by_hand():
    trades = [trip(30), trip(-10, lasted_ns=20), trip(0), trip(-5, lasted_ns=30)]
    figures = measure(curve([1, 2]), [*trades, trip(999, is_open=True)])
    assert figures.trades == 4
    assert figures.win_rate == 0.25
    assert figures.profit_factor == 2
    assert figures.expectancy == D("3.75")
    assert figures.average_win == 30
    assert figures.average_loss == D("-7.5")
    assert (figures.best, figures.worst) == (30, -10)
    assert figures.average_duration_ns == 17


UNDEFINED = {
    "nothing": ([], {"total_return", "cagr", "max_drawdown", "sharpe", "volatility"}),
    "one look": ([100], {"cagr", "sharpe", "volatility", "time_in_market", "var_95"}),
    "one return": ([100, 110], {"sharpe", "sortino", "volatility", "skew", "var_95"}),
    "never a loss": ([100, 110, 132], {"sortino", "calmar"}),
    "a steady gain": ([100, 110, 121, 133.1], {"sharpe", "sortino", "skew", "kurtosis"}),
    "flat": ([100, 100, 100], {"sharpe", "sortino", "calmar", "skew", "kurtosis"}),
    "all lost on the way": ([100, -1, 5, 7], {"sharpe", "volatility", "var_95"}),
    "in debt at the end": ([100, 50, -1], {"cagr", "calmar"}),
    "begun with nothing": ([0, 50, 60], {"total_return", "cagr", "max_drawdown"}),
}


@pytest.mark.parametrize(("equity", "none"), UNDEFINED.values(), ids=UNDEFINED)
def test_what_is_not_defined_is_none(equity, none):
    figures = measure(curve(equity), [])
    assert {name for name in none if getattr(figures, name) is not None} == set()


def test_a_loss_of_everything_at_the_end_is_still_a_return():
    figures = measure(curve([100, 50, -1]), [])
    assert figures.returns == 2
    assert figures.total_return == pytest.approx(-1.01)
    assert figures.max_drawdown == pytest.approx(1.01)
    assert figures.volatility == pytest.approx(np.std([-0.5, -1.02], ddof=1) * 365**0.5)


def test_no_trade_leaves_the_figures_of_trades_undefined():
    figures = measure(curve([1, 2]), [trip(1, is_open=True)])
    assert figures.trades == 0
    names = ("win_rate", "profit_factor", "expectancy", "average_win", "best", "worst")
    assert [getattr(figures, name) for name in names] == [None] * 6


def test_minutes_are_measured_by_utc_days():
    daily = [100, 103, 101, 108, 104]
    hours, values = [], []
    for day, (before, after) in enumerate(pairwise(daily)):
        for hour in range(1, 25):
            noise = 40 if hour == 12 else 0
            hours.append(day * DAY_NS + hour * HOUR_NS)
            values.append(before + noise if hour < 24 else after)
    fine = EquityCurve(
        time_ns=[0, *hours], equity=[100, *values], exposure=[0] * (len(hours) + 1)
    )
    by_hour, by_day = measure(fine, []), measure(curve(daily), [])
    for name in ("volatility", "sharpe", "sortino", "var_95", "skew", "returns"):
        assert getattr(by_hour, name) == getattr(by_day, name), name
    assert by_hour.periods_per_year == 365
    assert by_hour.max_drawdown > by_day.max_drawdown


def test_a_point_at_midnight_ends_the_day_before_and_empty_days_are_none():
    times = [HOUR_NS, DAY_NS, DAY_NS + 1, 5 * DAY_NS - 1, 5 * DAY_NS, 5 * DAY_NS + 1]
    ends = day_ends(EquityCurve(time_ns=times, equity=times, exposure=times))
    assert ends == [0, 1, 2, 4, 5]


def test_periods_per_year_may_be_told():
    table = curve([100, 110, 88, 110])
    assert measure(table, [], periods_per_year=252).volatility == pytest.approx(
        measure(table, []).volatility * (252 / 365) ** 0.5
    )
    with pytest.raises(ValueError, match="periods_per_year"):
        measure(table, [], periods_per_year=0)


def test_weekly_points_have_the_weeks_of_a_year():
    weekly = curve([1.0, 2.0, 3.0], step_ns=7 * DAY_NS)
    assert measure(weekly, []).periods_per_year == pytest.approx(365 / 7)


def test_a_curve_that_is_none_is_refused():
    with pytest.raises(ValueError, match="length"):
        EquityCurve(time_ns=[1, 2], equity=[1], exposure=[0, 0])
    with pytest.raises(ValueError, match="rise"):
        EquityCurve(time_ns=[1, 1], equity=[1, 1], exposure=[0, 0])


gains = st.lists(st.floats(-0.3, 0.4), min_size=3, max_size=60)


def grown(returns):
    return list(accumulate(returns, lambda value, gain: value * (1 + gain), initial=1000.0))


@settings(max_examples=150)
@given(gains)
def test_the_figures_are_numpys(returns):
    equity = np.array(grown(returns))
    seen = equity[1:] / equity[:-1] - 1
    assume(seen.std() > 1e-6)
    figures = measure(curve(equity.tolist()), [])
    centred = (seen - seen.mean()) / seen.std()
    assert figures.volatility == pytest.approx(seen.std(ddof=1) * 365**0.5)
    assert figures.sharpe == pytest.approx(
        seen.mean() / seen.std(ddof=1) * 365**0.5, abs=1e-9
    )
    assert figures.skew == pytest.approx((centred**3).mean(), abs=1e-6)
    assert figures.kurtosis == pytest.approx((centred**4).mean() - 3, abs=1e-6)
    assert figures.var_95 == pytest.approx(-np.quantile(seen, 0.05), abs=1e-12)
    peaks = np.maximum.accumulate(equity)
    assert figures.max_drawdown == pytest.approx(((peaks - equity) / peaks).max())
    assert figures.cvar_95 >= figures.var_95 - 1e-12


@settings(max_examples=100)
@given(gains, st.sampled_from([2.0**-20, 0.5, 4.0, 2.0**30]))
def test_a_richer_account_has_the_same_ratios(returns, scale):
    equity = grown(returns)
    exposure = [value / 2 for value in equity]
    scaled = [value * scale for value in equity]
    rich = curve(scaled, exposure=[value / 2 for value in scaled])
    assert measure(rich, []) == measure(curve(equity, exposure=exposure), [])


@settings(max_examples=100)
@given(st.lists(st.floats(0.01, 1e9), min_size=1, max_size=60))
def test_drawdowns_are_fractions_that_do_not_overlap(equity):
    table = curve(equity)
    found = drawdowns(table)
    depths = underwater(table)
    assert all(0 < fall.depth < 1 for fall in found)
    assert max((fall.depth for fall in found), default=0) == max(depths)
    for fall, following in pairwise(found):
        assert fall.recovered_time_ns <= following.peak_time_ns
    for fall in found:
        assert fall.peak_time_ns < fall.trough_time_ns <= fall.until_ns
        assert depths[fall.trough_time_ns // DAY_NS] == fall.depth
    assert sum(depth > 0 for depth in depths) == sum(
        fall.until_ns // DAY_NS
        - fall.peak_time_ns // DAY_NS
        - (fall.recovered_time_ns is not None)
        for fall in found
    )


def test_the_deepest_drawdowns_come_first():
    found = drawdowns(curve([100, 90, 100, 50, 100, 90, 100, 99]))
    assert [fall.depth for fall in deepest(found, 3)] == [0.5, 0.1, 0.1]
    assert deepest(found, 3)[1].peak_time_ns == 0
    assert found[-1].recovered_time_ns is None


def at(*date):
    return int(datetime(*date, tzinfo=UTC).timestamp()) * 1_000_000_000


def test_the_monthly_table_computed_by_hand():
    points = [
        (at(2023, 12, 30), 100.0),
        (at(2024, 1, 1), 110.0),  # midnight: the end of December
        (at(2024, 1, 1, 0, 1), 90.0),
        (at(2024, 1, 31, 23, 59), 121.0),
        (at(2024, 3, 5), 60.5),
    ]
    table = EquityCurve(
        time_ns=[time for time, _ in points],
        equity=[value for _, value in points],
        exposure=[0] * 5,
    )
    months = monthly_returns(table)
    assert list(months) == [2023, 2024]
    assert months[2023] == {12: pytest.approx(0.1)}
    assert months[2024] == {1: pytest.approx(0.1), 3: pytest.approx(-0.5)}


@settings(max_examples=50)
@given(gains, st.integers(1, 40))
def test_the_months_compound_to_the_total(returns, days):
    table = curve(grown(returns), step_ns=days * DAY_NS)
    whole = 1.0
    for months in monthly_returns(table).values():
        for gain in months.values():
            whole *= 1 + gain
    assert whole - 1 == pytest.approx(measure(table, []).total_return)
