"""What each integration did is kept by the hour and added up by the month."""

from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crossdock.app.integrations import Integrations, UsageLog, month_of, month_rows
from crossdock.ports import RateLimit
from crossdock.toolkit.clock import ManualClock
from crossdock.toolkit.ratelimit import RateBudgets
from crossdock.toolkit.usage import Tally

HOUR = 3_600 * 10**9
NOVEMBER = int(datetime(2026, 11, 30, 22, 30, tzinfo=UTC).timestamp()) * 10**9
LIMIT = RateLimit(scope="all", calls=10, per_s=60.0, used_header="x-used", per_address=True)


@pytest.fixture
def budgets():
    return RateBudgets(ManualClock())


@pytest.fixture
def kept(tmp_path):
    return UsageLog(tmp_path / "usage")


@pytest.fixture
def integrations(budgets, kept):
    return Integrations(budgets, kept, NOVEMBER)


def called(budgets, times, problem="", account="main"):
    limiter = budgets.of(account, "api.alpha.example", [LIMIT])
    for _ in range(times):
        limiter.usage.ended(0.1, problem)


def test_an_hour_is_written_once_it_is_over_and_nothing_is_counted_twice(
    budgets, kept, integrations
):
    called(budgets, 3)
    integrations.keep(NOVEMBER + HOUR // 4)
    assert kept.month("2026-11") == {}
    integrations.keep(NOVEMBER + HOUR)
    called(budgets, 2, "rate-limited")
    assert kept.month("2026-11")["main", "api.alpha.example"].calls == 3
    [row] = integrations.rows(NOVEMBER + HOUR)
    assert (row["calls"], row["success_pct"], row["errors"]) == (
        5,
        60.0,
        {"rate-limited": 2},
    )
    assert (row["month"]["calls"], row["month"]["month"]) == (5, "2026-11")
    assert 100 <= row["p50_ms"] <= 110
    integrations.keep(NOVEMBER + HOUR, ends=True)
    integrations.keep(NOVEMBER + HOUR, ends=True)
    assert kept.month("2026-11")["main", "api.alpha.example"].calls == 5


def test_a_month_is_a_file_and_the_next_one_begins_anew(budgets, kept, integrations):
    called(budgets, 3)
    december = NOVEMBER + 2 * HOUR
    integrations.keep(december)
    called(budgets, 4)
    integrations.keep(december, ends=True)
    [now] = integrations.rows(december)
    assert (now["calls"], now["month"]["calls"]) == (7, 4)
    [then] = integrations.rows(december, "2026-11")
    assert then["month"]["calls"] == 3
    assert month_rows(kept, "2026-11")[0]["month"]["calls"] == 3
    assert month_rows(kept, "2020-01") == []


def test_an_integration_of_an_earlier_process_is_told_of_as_well(budgets, kept):
    kept.append(NOVEMBER, [(("old", "api.beta.example"), Tally(calls=9))])
    rows = Integrations(budgets, kept, NOVEMBER).rows(NOVEMBER)
    assert [(row["account"], row["calls"], row["month"]["calls"]) for row in rows] == [
        ("old", 0, 9)
    ]


def test_limits_are_shown_with_what_others_have_used(budgets, integrations):
    called(budgets, 1)
    limiter = budgets.of("main", "api.alpha.example", [LIMIT])
    assert limiter.try_acquire("all", 2)
    limiter.observe_headers({"x-used": "7"})
    [row] = integrations.rows(NOVEMBER)
    [quota] = row["quotas"]
    assert (quota["limit"], quota["ours"], quota["foreign"]) == (10, 2, 5)
    assert quota["used_pct"] == 70.0


def test_a_torn_or_foreign_line_costs_only_itself(kept, tmp_path):
    kept.append(NOVEMBER, [(("main", "h"), Tally(calls=2))])
    file = tmp_path / "usage/2026-11.jsonl"
    with file.open("a") as opened:
        opened.write('7\n{"calls": "x"}\n{"hour": "2026-11-3')
    assert kept.month("2026-11")["main", "h"].calls == 2
    assert file.stat().st_mode & 0o077 == 0


def test_a_full_disk_does_not_disturb_the_desk(budgets, tmp_path):
    (tmp_path / "usage").write_text("a file where the folder should be")
    integrations = Integrations(budgets, UsageLog(tmp_path / "usage"), NOVEMBER)
    called(budgets, 1)
    integrations.keep(NOVEMBER + HOUR)


@settings(max_examples=50)
@given(
    now_ns=st.integers(0, 4 * 10**18),
    steps=st.lists(st.tuples(st.integers(0, 5 * HOUR), st.integers(0, 3)), max_size=12),
)
def test_however_time_passes_every_call_is_kept_exactly_once(
    now_ns, steps, tmp_path_factory
):
    budgets = RateBudgets(ManualClock())
    kept = UsageLog(tmp_path_factory.mktemp("usage"))
    integrations = Integrations(budgets, kept, now_ns)
    months = {month_of(now_ns)}
    for wait_ns, calls in steps:
        called(budgets, calls)
        now_ns += wait_ns
        months.add(month_of(now_ns))
        integrations.keep(now_ns)
    integrations.keep(now_ns, ends=True)
    sums = [t.calls for month in months for t in kept.month(month).values()]
    assert sum(sums) == sum(calls for _, calls in steps)
