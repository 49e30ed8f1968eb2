"""Calls are counted where they are made; percentiles are close, and tallies add up."""

import math
from collections import Counter

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crossdock.errors import (
    AuthFailed,
    NotSent,
    OutcomeUnknown,
    RateLimited,
    Rejected,
    Unreachable,
)
from crossdock.model import AccountId
from crossdock.toolkit import HttpClient, ManualClock, Masker, RateBudgets
from crossdock.toolkit.usage import Tally, Usage, tally_of

HOST = "api.alpha.example"
SECONDS = st.lists(st.floats(1e-6, 60), min_size=1, max_size=60)


@settings(max_examples=80)
@given(seconds=SECONDS, percentile=st.integers(0, 100))
def test_a_percentile_is_never_below_the_true_one_and_at_most_a_bucket_above(
    seconds, percentile
):
    usage = Usage()
    for each in seconds:
        usage.ended(each)
    rank = max(1, math.ceil(len(seconds) * percentile / 100))
    true_s = sorted(seconds)[rank - 1]
    told_s = usage.total.latencies.percentile_s(percentile)
    assert true_s * (1 - 1e-9) <= told_s <= true_s * 2 ** (1 / 8) * (1 + 1e-9)


ENDS = st.lists(
    st.tuples(
        st.one_of(st.none(), st.floats(1e-6, 60)),
        st.sampled_from(["", "rejected", "unreachable"]),
    ),
    max_size=40,
)


@settings(max_examples=60)
@given(ends=ENDS, cut=st.integers(0, 40))
def test_what_is_taken_in_parts_and_read_back_adds_up_to_the_total(ends, cut):
    usage = Usage()
    parts = []
    for number, (latency_s, problem) in enumerate(ends):
        if number == cut:
            parts.append(usage.take())
        usage.ended(latency_s, problem)
    parts.append(usage.take())
    total = Tally()
    for part in parts:
        total.add(tally_of(part.row()))
    assert total.row() == usage.total.row()
    assert total.failed == sum(bool(problem) for _, problem in ends)


def test_nothing_called_has_neither_share_nor_percentile():
    assert (Tally().success_pct, Tally().latencies.percentile_s(50)) == (None, None)


@pytest.mark.parametrize("row", [{}, {"calls": "1", "errors": {}, "latency_buckets": {}}])
def test_what_is_no_tally_is_refused(row):
    with pytest.raises(ValueError, match="tally"):
        tally_of(row)


STATUSES = {
    200: ("", None),
    401: ("auth-failed", AuthFailed),
    404: ("rejected", Rejected),
    418: ("rate-limited", RateLimited),
    429: ("rate-limited", RateLimited),
    503: ("unreachable", Unreachable),
}


@pytest.mark.parametrize("status", STATUSES)
async def test_every_read_is_counted_by_how_it_ended(wire, pool, make_reply, status):
    clock = ManualClock()
    budgets = RateBudgets(clock)
    limiter = budgets.of(AccountId("main"), HOST, [])
    client = HttpClient(pool, wire.url, clock=clock, masker=Masker([]), limiter=limiter)
    wire.answer = lambda seen: make_reply(status=status)
    kind, error = STATUSES[status]
    if error is None:
        await client.read("GET", "/", into=dict)
    else:
        with pytest.raises(error):
            await client.read("GET", "/", into=dict)
    [(account, host, usage)] = budgets.usage
    assert (account, host) == ("main", HOST)
    assert usage.total.calls == 1
    assert usage.total.errors == Counter([kind] if kind else [])
    assert usage.total.latencies.buckets.total() == 1


async def test_a_write_with_no_reply_counts_as_failed_and_says_nothing_of_speed(wire, pool):
    clock = ManualClock()
    usage = RateBudgets(clock).of(AccountId("main"), HOST, [])
    client = HttpClient(
        pool,
        wire.url,
        clock=clock,
        masker=Masker([]),
        limiter=usage,
        sign=lambda request: request,
    )
    wire.answer = lambda seen: None
    with pytest.raises((OutcomeUnknown, NotSent)):
        await client.write("POST", "/", into=dict, deadline_ns=10**11)
    assert usage.usage.total.errors == Counter(["unreachable"])
    assert usage.usage.total.latencies.percentile_s(50) is None
