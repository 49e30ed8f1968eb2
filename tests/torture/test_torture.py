"""The promise, tried: a desk that dies at a hostile venue loses and invents nothing."""

import sys
from pathlib import Path

import pytest

from crossdock.conformance.torture import Plan, run_torture
from crossdock.conformance.torture.plan import FAULTS, MOMENTS, trials

MUTANT_DESK = Path(__file__).with_name("mutant_desk.py")


@pytest.mark.parametrize("lose_unsynced", [False, True], ids=["process", "power"])
def test_a_desk_that_is_killed_at_a_hostile_venue_loses_and_invents_nothing(lose_unsynced):
    result = run_torture(Plan(trials=5, seed=20, jobs=5, lose_unsynced=lose_unsynced))
    assert result["failed"] == []
    assert sum(result["kills"].values()) >= 5
    assert sum(result["faults"].values()) >= 30
    assert result["fills"] > 0


@pytest.mark.campaign
@pytest.mark.parametrize(
    ("trials", "lose_unsynced"), [(200, False), (60, True)], ids=["process", "power"]
)
def test_a_long_run_hits_every_moment_and_every_fault_and_ends_in_zeros(
    trials, lose_unsynced
):
    result = run_torture(Plan(trials=trials, seed=1, jobs=6, lose_unsynced=lose_unsynced))
    assert result["failed"] == []


@pytest.mark.parametrize(
    ("mutant", "faults", "caught"),
    [
        ("no_journal_write", ("reply_late", "deposit"), "duplicate_orders"),
        ("resend_on_timeout", ("reply_lost_after", "reply_cut"), "duplicate_orders"),
        ("ignore_gaps", ("stream_missing", "stream_mute"), "lost_fills"),
        ("guess_doubts", ("reply_lost_after",), "wrong_verdicts"),
        ("drop_reservations", ("reply_late", "deposit"), "limit_breaches"),
    ],
)
def test_the_torture_notices_a_desk_that_breaks_the_promise(mutant, faults, caught):
    broken = Plan(
        trials=3,
        seed=5,
        jobs=3,
        kills_per_trial=1,
        faults=faults,
        desk_command=(sys.executable, str(MUTANT_DESK), mutant),
        settle_s=8.0,
    )
    result = run_torture(broken)
    assert result["failed"]
    assert result[caught] > 0, result["failed"]


def test_a_plan_gives_every_fault_and_every_moment_its_turns():
    planned = trials(Plan(trials=200))
    kinds = [kind for trial in planned for _, kind in trial.faults]
    moments = [moment for trial in planned for moment in trial.moments]
    assert min(kinds.count(kind) for kind in FAULTS) >= 80
    assert min(moments.count(moment) for moment in MOMENTS) >= 80


def test_the_same_seed_plans_the_same_trials():
    assert trials(Plan(trials=5, seed=3)) == trials(Plan(trials=5, seed=3))
    assert trials(Plan(trials=5, seed=3)) != trials(Plan(trials=5, seed=4))
