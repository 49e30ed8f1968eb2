"""A stream is judged by what came, not by being connected."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crossdock.toolkit import (
    HealthLimits,
    HealthRegistry,
    HealthState,
    ManualClock,
    StreamHealth,
)

S = 1_000_000_000


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock()


def stream(clock: ManualClock, **limits) -> StreamHealth:
    health = StreamHealth("alpha market", clock, HealthLimits(**limits))
    health.connected()
    return health


async def beat(clock: ManualClock, health: StreamHealth, seconds: int) -> None:
    for _ in range(seconds):
        await clock.advance(1)
        health.heartbeat()


async def test_a_mute_stream_is_found_though_its_heartbeat_lives(clock):
    health = stream(clock, data_interval_s=2, heartbeat_interval_s=1)
    health.data()
    await beat(clock, health, 8)
    assert health.verdict().state is HealthState.OK
    await beat(clock, health, 1)
    verdict = health.verdict()
    assert verdict.state is HealthState.MUTE
    assert (
        verdict.words == "no data for 9.0 s, at most 8.0 s is usual, though heartbeats come"
    )
    health.data()
    assert health.verdict().state is HealthState.OK


async def test_the_usual_pause_is_learned(clock):
    health = stream(clock)
    for _ in range(20):
        health.data()
        await beat(clock, health, 3)
    await beat(clock, health, 60)
    assert health.verdict().state is HealthState.OK  # 19 pauses prove nothing yet
    health.data()
    for _ in range(300):  # the long pause is forgotten after 256 others
        await beat(clock, health, 3)
        health.data()
    await beat(clock, health, 12)
    assert health.verdict().state is HealthState.OK
    await beat(clock, health, 1)
    assert health.verdict().state is HealthState.MUTE


async def test_a_stream_mute_from_its_first_moment_is_found(clock):
    health = stream(clock, data_interval_s=1)
    await beat(clock, health, 5)
    assert health.verdict().state is HealthState.MUTE


async def test_a_quiet_account_is_well_while_its_heartbeat_lives(clock):
    health = stream(clock, heartbeat_interval_s=1, quiet_is_normal=True, data_interval_s=1)
    await beat(clock, health, 1000)
    assert health.verdict().state is HealthState.OK
    await clock.advance(4.5)
    verdict = health.verdict()
    assert verdict.state is HealthState.MUTE
    assert "not even a heartbeat" in verdict.words


async def test_a_new_connection_is_not_blamed_for_the_silence_before_it(clock):
    health = stream(clock, data_interval_s=1)
    health.data()
    health.disconnected("closed with code 1012")
    assert health.verdict().words == "closed with code 1012"
    await clock.advance(100)
    health.connected()
    assert health.verdict().state is HealthState.OK
    assert health.reconnects == 1


def test_a_stream_never_opened_is_down(clock):
    verdict = StreamHealth("alpha", clock).verdict()
    assert (verdict.state, verdict.words) == (HealthState.DOWN, "never connected")


async def test_old_data_is_stale(clock):
    health = stream(clock, stale_s=5)
    health.data(clock.time_ns() - 4 * S)
    assert health.verdict().state is HealthState.OK
    health.data(clock.time_ns() - 9 * S)
    assert health.verdict().state is HealthState.STALE
    health.data(clock.time_ns())
    assert health.verdict().state is HealthState.OK


async def test_a_slow_clock_at_the_venue_is_skew_and_not_staleness(clock):
    health = stream(clock, stale_s=5, skew_s=1)
    now = clock.time_ns()
    health.server_time(now - 9 * S, now, now)
    health.data(now - 9 * S)
    verdict = health.verdict()
    assert verdict.state is HealthState.SKEWED
    assert "behind by 9.00 s" in verdict.words


async def test_data_from_the_future_proves_a_fast_clock_without_a_sample(clock):
    health = stream(clock, skew_s=1)
    health.data(clock.time_ns() + 3 * S)
    verdict = health.verdict()
    assert verdict.state is HealthState.SKEWED
    assert "ahead by 3.00 s or more" in verdict.words


@given(
    offset_ns=st.integers(-20 * S, 20 * S),
    trips=st.lists(st.tuples(st.integers(0, S), st.integers(0, S)), min_size=1, max_size=9),
)
def test_the_true_offset_always_lies_within_the_uncertainty(offset_ns, trips):
    clock = ManualClock()
    health = stream(clock)
    for there_ns, back_ns in trips:
        sent_ns = clock.time_ns()
        venue_ns = sent_ns + there_ns + offset_ns
        clock._move_to(clock.monotonic_ns() + there_ns + back_ns)
        health.server_time(venue_ns, sent_ns, clock.time_ns())
        health.data(venue_ns)
    skew = health.skew
    assert skew is not None
    assert abs(skew.offset_s - offset_ns / 1e9) <= skew.uncertainty_s + 1e-9
    least_trip_s = min(there + back for there, back in trips) / 1e9
    assert skew.uncertainty_s <= least_trip_s / 2 + 1e-9


async def test_a_step_of_the_venues_clock_replaces_what_was_known(clock):
    health = stream(clock, skew_s=1)
    now = clock.time_ns()
    health.server_time(now, now - S // 10, now + S // 10)
    health.server_time(now + 5 * S, now - S // 10, now + S // 10)
    skew = health.skew
    assert skew is not None
    assert (skew.offset_s, skew.uncertainty_s) == (5, 0.1)
    assert health.verdict().state is HealthState.SKEWED
    health.forget_skew()
    assert health.skew is None
    assert health.verdict().state is HealthState.OK


async def test_a_token_that_ends_soon_is_told_before_it_does(clock):
    health = stream(clock, expiring_s=300)
    health.token_expires(clock.time_ns() + 301 * S)
    assert health.verdict().state is HealthState.OK
    await clock.advance(1)
    assert health.verdict().words == "300 s of session left"
    await clock.advance(300)
    assert health.verdict().words == "the session has expired"
    health.token_expires(None)
    assert health.verdict().state is HealthState.OK


async def test_latency_percentiles_take_the_clocks_out(clock):
    health = stream(clock)
    assert health.latency_s(50) is None
    for milliseconds in range(1, 102):
        health.data(clock.time_ns() - milliseconds * 1_000_000)
    assert health.latency_s(0) == pytest.approx(0.001)
    assert health.latency_s(50) == pytest.approx(0.051)
    assert health.latency_s(100) == pytest.approx(0.101)
    now = clock.time_ns()
    slow = stream(clock)
    slow.server_time(now - 9 * S, now, now)
    slow.data(now - 9 * S - S // 100)
    assert slow.latency_s(50) == pytest.approx(0.01)


async def test_ages_are_kept_apart(clock):
    health = stream(clock)
    health.order_event()
    await clock.advance(1)
    health.data()
    await clock.advance(1)
    health.heartbeat()
    await clock.advance(1)
    health.received()
    await clock.advance(1)
    ages = (
        health.order_event_age_s,
        health.data_age_s,
        health.heartbeat_age_s,
        health.message_age_s,
        health.connected_s,
    )
    assert ages == (4, 3, 2, 1, 4)


def test_gaps_are_counted_with_their_reason(clock):
    health = stream(clock)
    health.gap("sequence 7 after 5")
    assert (health.gaps, health.last_gap) == (1, "sequence 7 after 5")


def test_the_registry_keeps_one_object_per_name(clock):
    registry = HealthRegistry(clock)
    first = registry.stream("alpha account")
    first.connected()
    assert registry.stream("alpha account") is first
    registry.stream("beta account")
    assert {name: verdict.state for name, verdict in registry.verdicts().items()} == {
        "alpha account": HealthState.OK,
        "beta account": HealthState.DOWN,
    }
    assert set(registry.streams()) == {"alpha account", "beta account"}
