"""Equity over time: thinned, bounded, kept, and honest about what was lost."""

import tempfile
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crossdock.app.desk.worth.equity import (
    EVERY_S,
    KEPT,
    POINTS,
    RECENT,
    SECOND_NS,
    EquityHistory,
    Reading,
)


class Desk:
    """Worth what it is told, at a time that is told."""

    def __init__(self, file=None):
        self.now_ns = 1_700_000_000 * SECOND_NS
        self.readings = {"": Reading(1_000.0, 0.0, 100.0)}
        self.history = EquityHistory(file, lambda: self.readings)

    def live(self, samples, every_s=EVERY_S):
        for _ in range(samples):
            self.now_ns += int(every_s * SECOND_NS)
            self.history.sample(self.now_ns)

    def make(self, pnl, equity=None):
        worth = 1_000.0 + pnl if equity is None else equity
        self.readings = {"": Reading(worth, pnl, 0.0)}
        self.live(1)


def test_samples_that_come_too_soon_are_left_out():
    desk = Desk()
    desk.live(40, every_s=0.25)
    assert len(desk.history.points()) == 2


def test_the_first_sample_is_taken_as_soon_as_prices_are_known():
    desk = Desk()
    known, desk.readings = desk.readings, {}
    desk.live(3, every_s=0.25)
    assert desk.history.points() == []
    desk.readings = known
    desk.live(1, every_s=0.25)
    assert [point.time_s for point in desk.history.points()] == [desk.now_ns / SECOND_NS]


def test_the_last_hour_is_close_and_what_is_older_a_minute_apart():
    desk = Desk()
    desk.live(3 * RECENT)
    points = desk.history.points()
    times = [point.time_s for point in points]
    assert times == sorted(times) and len(set(times)) == len(times)
    steps = {round(b - a) for a, b in pairwise(times)}
    assert steps <= {EVERY_S, *range(EVERY_S, 61)} and 60 in steps
    assert points[-1].time_s == desk.now_ns / SECOND_NS


@pytest.mark.parametrize("samples", [1, POINTS, POINTS + 1, 3 * POINTS])
def test_an_answer_has_no_more_points_than_can_be_drawn_and_ends_with_the_newest(samples):
    desk = Desk()
    desk.live(samples, every_s=61)
    points = desk.history.points()
    assert len(points) <= POINTS + RECENT
    assert points[-1].time_s == desk.now_ns / SECOND_NS


def test_memory_is_bounded():
    desk = Desk()
    desk.live(KEPT + KEPT // 4, every_s=61)
    assert len(desk.history._of("").kept) <= KEPT + KEPT // 8
    assert len(desk.history._of("").recent) <= RECENT + RECENT // 8


@pytest.mark.parametrize(
    ("results", "drawdown"),
    [([0, 100], 0.0), ([0, 100, 45], 0.05), ([0, 100, 0, 200], 0.0), ([0, -50], 0.05)],
)
def test_drawdown_is_the_share_lost_of_the_best_there_was(results, drawdown):
    desk = Desk()
    for pnl in results:
        desk.make(float(pnl))
    assert desk.history.drawdown() == pytest.approx(drawdown)


def test_what_was_paid_out_is_no_drawdown():
    desk = Desk()
    desk.make(0.0)
    desk.make(0.0, equity=400.0)
    assert desk.history.drawdown() == 0.0


def test_nothing_is_sampled_while_a_price_is_missing():
    desk = Desk()
    desk.readings = {}
    desk.live(5)
    assert desk.history.points() == []


def test_it_is_read_back_after_a_restart_with_its_worst_loss(tmp_path):
    file = tmp_path / "journal.equity.csv"
    desk = Desk(file)
    for pnl in (0.0, 500.0, 350.0):
        desk.make(pnl)
        desk.live(12)
    again = Desk(file)
    assert [point.pnl for point in again.history.points()][:2] == [0.0, 0.0]
    assert again.history.drawdown() == pytest.approx(0.1)
    assert file.stat().st_mode & 0o777 == 0o600


@settings(max_examples=40)
@given(st.binary(max_size=200))
def test_a_file_that_was_torn_or_written_by_nobody_is_passed_over(rubbish):
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "equity.csv"
        file.write_bytes(b"1700000000,1.0,2.0,3.0,\n" + rubbish)
        history = EquityHistory(file, dict)
        assert history.points(0)[0].equity == 1.0


def test_a_name_with_commas_and_lines_is_a_name(tmp_path):
    file = tmp_path / "equity.csv"
    desk = Desk(file)
    desk.readings = {"strategy:a,b": Reading(1.0, 2.0, 3.0)}
    desk.live(1)
    assert Desk(file).history.points(0, "strategy:a,b")[0].pnl == 2.0


def test_the_first_sample_of_a_day_is_found():
    desk = Desk()
    desk.live(100, every_s=61)
    since = desk.now_ns - 10 * 61 * SECOND_NS
    assert desk.history.first_since(since).time_s == since / SECOND_NS
    assert desk.history.first_since(desk.now_ns + SECOND_NS) is None


def test_a_disk_that_takes_nothing_is_told_of_once_and_the_samples_stay(tmp_path, caplog):
    desk = Desk(tmp_path / "nowhere" / "equity.csv")
    desk.live(30)
    assert len(desk.history.points()) == 30
    assert sum("not kept" in line for line in caplog.messages) == 1
