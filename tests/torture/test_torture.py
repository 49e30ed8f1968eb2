"""The promise, tried: a desk that dies at a hostile venue loses and invents nothing."""

import sys
from pathlib import Path

import pytest

from crossdock.conformance.torture import Plan, run_torture
from crossdock.conformance.torture.grounds import ground_of
from crossdock.conformance.torture.plan import FAULTS, MOMENTS, trials
from crossdock.conformance.torture.run import add_up, kinds_of
from crossdock.conformance.torture.trial import Result
from crossdock.errors import ConfigError

FACES = ("binance", "kraken", "coinbase", "alpaca")
PROMPT = (
    *("reply_lost_after", "server_error_after", "stream_missing", "stream_duplicate"),
    *("rate_limit", "manual_order", "deposit", "session_expired"),
)
"""Faults after which nobody has to wait until an order can arrive no more."""
MUTANT_DESK = Path(__file__).with_name("mutant_desk.py")


@pytest.mark.parametrize("lose_unsynced", [False, True], ids=["process", "power"])
def test_a_desk_that_is_killed_at_a_hostile_venue_loses_and_invents_nothing(lose_unsynced):
    result = run_torture(Plan(trials=5, seed=20, jobs=5, lose_unsynced=lose_unsynced))
    assert result["failed"] == []
    assert sum(result["kills"].values()) >= 5
    assert sum(result["faults"].values()) >= 30
    assert result["fills"] > 0


@pytest.mark.parametrize("face", FACES)
def test_a_desk_loses_and_invents_nothing_at_a_venue_that_speaks_as_another(face):
    plan = Plan(
        trials=1,
        face=face,
        seed=3,
        kills_per_trial=1,
        faults=PROMPT,
        faults_per_trial=len(PROMPT),
        phase_s=2.0,
    )
    result = run_torture(plan)
    assert result["failed"] == []
    assert sum(result["kills"].values()) == 1
    assert sum(result["faults"].values()) >= len(PROMPT) // 2
    assert result["fills"] > 0


@pytest.mark.campaign
@pytest.mark.parametrize("face", FACES)
def test_a_long_run_at_a_face_hits_every_moment_and_every_fault_it_has_words_for(face):
    result = run_torture(Plan(trials=200, face=face, seed=1, jobs=3))
    assert result["failed"] == []


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
    ("mutant", "faults", "most_open", "caught"),
    [
        ("no_journal_write", ("reply_late", "deposit"), 8, "duplicate_orders"),
        ("resend_on_timeout", ("reply_lost_after", "reply_cut"), 8, "duplicate_orders"),
        ("ignore_gaps", ("stream_missing", "stream_mute"), 8, "lost_fills"),
        ("guess_doubts", ("reply_lost_after",), 8, "wrong_verdicts"),
        # So tight that the strategy is beyond it at once, if nothing stops it.
        ("drop_reservations", ("reply_late", "deposit"), 2, "limit_breaches"),
    ],
)
def test_the_torture_notices_a_desk_that_breaks_the_promise(
    mutant, faults, most_open, caught
):
    broken = Plan(
        trials=3,
        seed=5,
        jobs=3,
        kills_per_trial=1,
        faults=faults,
        most_open=most_open,
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


def test_faults_that_a_face_has_no_words_for_are_left_out_and_not_missed():
    kinds = kinds_of(Plan(trials=200, face="binance"))
    assert kinds == tuple(it for it in FAULTS if it not in ground_of("binance").absent)
    assert len(kinds) < len(FAULTS) == len(kinds_of(Plan(trials=200)))
    plan = Plan(trials=200, face="binance", faults=kinds)
    words = add_up(plan, [])["failed"]
    assert not any(kind in each for each in words for kind in ("bust", "liquidation"))
    assert set(add_up(plan, [])) == set(add_up(Plan(trials=200), []))


def test_a_desk_that_hardly_traded_fails_and_says_how_its_orders_ended():
    verdict = {"orders": 4, "accepted": 1, "fills": 1}
    verdict["unaccepted"] = {"not_sent": 2, "rejected": 1}
    [words] = add_up(Plan(trials=1), [Result(0, verdict=verdict)])["failed"]
    assert words.startswith("only 25% of the orders were accepted")
    assert words.endswith("(2 not_sent, 1 rejected)")


def test_a_face_that_is_not_tortured_is_refused_by_name():
    with pytest.raises(ConfigError, match="binance"):
        run_torture(Plan(trials=1, face="nasdaq"))


def test_the_same_seed_plans_the_same_trials():
    assert trials(Plan(trials=5, seed=3)) == trials(Plan(trials=5, seed=3))
    assert trials(Plan(trials=5, seed=3)) != trials(Plan(trials=5, seed=4))
