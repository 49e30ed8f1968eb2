from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from crossdock.app.notify.rules import Rules
from crossdock.app.settings import NotifySettings
from crossdock.ports import AlertKind, AlertLevel

N, W, U = AlertLevel


def rules(**given):
    return Rules.of(NotifySettings(adapter="webhook", **given))


def at(text):
    return int(datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp()) * 1_000_000_000


@pytest.mark.parametrize(
    ("on", "level", "kind", "of", "wanted"),
    [
        (("fill",), "note", AlertKind.FILL, N, True),
        (("fill",), "warning", AlertKind.FILL, N, False),
        (("fill",), "warning", AlertKind.FILL, U, True),
        (("kill", "doubt"), "note", AlertKind.FILL, U, False),
        ((), "note", AlertKind.KILL, U, False),
    ],
)
def test_a_receiver_is_told_of_its_kinds_from_its_level_up(
    event_at, on, level, kind, of, wanted
):
    assert rules(on=on, level=level).wants(event_at(1, kind, of)) is wanted


@pytest.mark.parametrize(
    ("quiet", "zone", "now", "left_s"),
    [
        ("", "UTC", "2026-03-01T12:00", 0),
        ("22:00-07:00", "UTC", "2026-03-01T21:59", 0),
        ("22:00-07:00", "UTC", "2026-03-01T22:00", 9 * 3600),
        ("22:00-07:00", "UTC", "2026-03-01T23:00", 8 * 3600),
        ("22:00-07:00", "UTC", "2026-03-02T06:59", 60),
        ("22:00-07:00", "UTC", "2026-03-02T07:00", 0),
        ("12:00-13:00", "UTC", "2026-03-01T12:30", 1800),
        ("12:00-12:00", "UTC", "2026-03-01T12:00", 0),
        ("22:00-07:00", "Asia/Tokyo", "2026-03-01T14:00", 8 * 3600),
        # The night in which Berlin's clocks are put forward has an hour less.
        ("22:00-07:00", "Europe/Berlin", "2026-03-28T21:00", 8 * 3600),
    ],
)
def test_quiet_hours_end_when_the_clock_on_the_wall_says_so(quiet, zone, now, left_s):
    assert rules(quiet=quiet, quiet_zone=zone).quiet_left_s(at(now)) == left_s


def test_in_quiet_hours_only_what_is_urgent_passes_unless_told_otherwise():
    night, noon = at("2026-03-01T23:00"), at("2026-03-01T12:00")
    assert rules(quiet="22:00-07:00").levels_now(night) == (U,)
    assert rules(quiet="22:00-07:00", quiet_level="warning").levels_now(night) == (W, U)
    assert rules(quiet="22:00-07:00").levels_now(noon) == (N, W, U)


@settings(max_examples=60)
@given(
    begin=st.integers(0, 1439),
    end=st.integers(0, 1439),
    now=st.integers(1_700_000_000, 1_800_000_000),
)
def test_quiet_hours_are_over_when_they_say_they_will_be(begin, end, now):
    text = "-".join(f"{minute // 60:02}:{minute % 60:02}" for minute in (begin, end))
    found = rules(quiet=text, quiet_zone="America/New_York")
    left_s = found.quiet_left_s(now * 1_000_000_000)
    if left_s:
        assert found.quiet_left_s(int((now + left_s) * 1_000_000_000)) == 0
        assert found.quiet_left_s(int((now + left_s - 0.5) * 1_000_000_000)) > 0


@pytest.mark.parametrize(
    "given",
    [{"quiet": "22-7"}, {"quiet": "25:00-07:00"}, {"quiet_zone": "Moon"}, {"on": ("all",)}],
)
def test_what_no_clock_shows_is_refused(given):
    with pytest.raises(ValidationError):
        NotifySettings(adapter="webhook", **given)
