"""Round trips of one day, and which days still count."""

from decimal import Decimal

import pytest

from crossdock.core.risk.day_trades import count, note_fill, trading_day

FRIDAY = 20_000  # 2024-10-04
HOUR_NS = 3600 * 10**9


def trades_of(fills, held="0"):
    """Book (day, signed quantity) pairs of one share and return the counts by day."""
    trades, opened_on, held = {}, {}, Decimal(held)
    for day, change in fills:
        note_fill(trades, opened_on, "X/USD@v", held, Decimal(change), day)
        held += Decimal(change)
    return trades


@pytest.mark.parametrize(
    ("held", "changes", "expected"),
    [
        ("0", ["1", "-1"], 1),
        ("0", ["-1", "1"], 1),
        ("0", ["1", "1", "-2"], 1),
        ("0", ["2", "-1", "-1"], 1),
        ("0", ["1", "-1", "1", "-1"], 2),
        ("0", ["1", "-2", "1"], 2),
        ("0", ["1"], 0),
        ("5", ["-5", "5"], 0),
        ("5", ["-5", "5", "-5"], 1),
        ("5", ["1", "-1"], 1),
        ("5", ["-1", "-1"], 0),
    ],
)
def test_a_run_of_openings_and_the_closings_after_it_count_once(held, changes, expected):
    fills = [(FRIDAY, change) for change in changes]
    assert sum(trades_of(fills, held).values()) == expected


def test_closing_on_another_day_is_no_day_trade():
    assert trades_of([(FRIDAY, "1"), (FRIDAY + 3, "-1")]) == {}


@pytest.mark.parametrize(
    ("days_ago", "counts"),
    [(0, True), (1, True), (4, True), (5, False), (6, False), (7, False)],
)
def test_on_a_friday_the_week_counts(days_ago, counts):
    assert count({FRIDAY - days_ago: 1}, FRIDAY) == counts


@pytest.mark.parametrize(("day", "counts"), [(FRIDAY - 3, True), (FRIDAY - 4, False)])
def test_on_a_monday_the_tuesday_before_is_the_oldest(day, counts):
    assert count({day: 1}, FRIDAY + 3) == counts


@pytest.mark.parametrize("weekend", [FRIDAY + 1, FRIDAY + 2])
def test_on_a_weekend_the_week_before_counts(weekend):
    assert count({FRIDAY - 4: 2, FRIDAY: 1}, weekend) == 3


def test_early_and_late_sessions_fall_on_their_own_day_in_summer_and_winter():
    midnight_utc = FRIDAY * 24 * HOUR_NS
    for behind in (4, 5):
        opens = midnight_utc + (4 + behind) * HOUR_NS
        closes = midnight_utc + (20 + behind) * HOUR_NS - 1
        assert trading_day(opens) == trading_day(closes) == FRIDAY
