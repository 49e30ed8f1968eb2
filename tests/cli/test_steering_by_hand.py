"""Switches, limits, strategies and accounts from the command line, at a desk that runs."""

import pytest

STRATEGY = """
[strategies.taker]
kind = "book_imbalance"
symbols = ["BTC/USDT"]
"""


@pytest.fixture
def told(crossdock, folder, venues, start):
    """Run commands at a desk of this test alone: others must not feel its switches."""
    settings = venues.settings(folder, venues=("alpha",), tail=STRATEGY)

    def tell(line, code=0):
        said = crossdock("--settings", settings, *line.split())
        assert said.code == code, said.out + said.err
        return said

    with start(settings):
        yield tell


def test_a_switch_is_turned_and_turned_back(told):
    assert told("flags list --json").json["flags"]["trading"] is True
    assert told("flags set trading off --json").json["flags"]["trading"] is False
    refused = told("buy BTC/USDT 0.001 --limit 50000", code=3)
    assert "trading is switched off" in refused.err
    assert "on" in told("flags set trading on").out
    assert "there is no flag" in told("flags set weather on", code=1).err


def test_a_dry_run_tells_and_sends_nothing(told, venues):
    before = len(venues.truth("alpha")["orders"])
    good = told("buy BTC/USDT 0.001 --limit 59900 --dry-run")
    assert "would pass" in good.out and "worth: 59.9 USDT" in good.out
    bad = told("sell BTC/USDT 900 --dry-run --json", code=3).json
    assert not bad["passes"] and bad["reasons"]
    assert len(venues.truth("alpha")["orders"]) == before


def test_a_limit_is_set_where_the_switch_allows_and_given_back(told):
    told("flags set risk_override off")
    assert "risk_override" in told("limits set leverage_max 3", code=1).err
    told("flags set risk_override on")
    told("limits set leverage_max 3 --reason drill --by Ann")
    limits = {it["name"]: it for it in told("limits list --json").json["limits"]}
    assert (limits["leverage_max"]["value"], limits["leverage_max"]["by"]) == ("3", "Ann")
    assert "settings" in told("limits set leverage_max settings").out


def test_strategies_are_paused_stopped_and_started(told):
    assert told("strategy list --json").json["strategies"][0]["name"] == "taker"
    for action, state in (
        ("pause", "paused"),
        ("resume", "running"),
        ("stop", "stopped"),
        ("start", "running"),
    ):
        assert told(f"strategy {action} taker --json").json["state"] == state
    row = told("strategy set taker --param depth=7 --json").json
    assert row["params"]["depth"] == "7"
    assert "depth" in told("strategy set taker --param depth=deep", code=2).err
    told("strategy stop taker")


def test_a_strategy_of_a_kind_is_started_and_removed(told):
    row = told("strategy run quoting --symbol ETH/USDT --json").json
    assert (row["name"], row["state"]) == ("quoting", "running")
    assert told("strategy remove quoting --json").json["state"] == "removed"


def test_an_account_is_tried_let_in_and_let_out(told, venues, folder):
    secret = folder / "beta.secret"
    secret.write_text("sandbox-beta-secret\n")
    line = (
        f"connect beta --adapter sandbox --option url={venues.addresses['venues']['beta']} "
        f"--option key=sandbox-beta --secret-file key_secret={secret}"
    )
    assert "holds" in told(f"{line} --test").out
    assert told(f"{line} --json").json["standing"] == "ready"
    shown = told("config show --json").out
    assert "sandbox-beta" in shown and "sandbox-beta-secret" not in shown
    assert "beta is disconnected" in told("disconnect beta").out
    wrong = line.replace("sandbox-beta --", "sandbox-beta-wrong --")
    assert "away" in told(f"{wrong} --test", code=1).out


def test_who_did_what_is_in_the_story(told):
    told("flags set history off --by Ann")
    shown = told("journal show --limit 3 --json").json["records"]
    told("flags set history on")
    assert any("Ann asks by cli: set flag history: off" in it["words"] for it in shown)
