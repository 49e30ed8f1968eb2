"""Mistakes made at a running desk on a real sandbox: refused, told, and nothing sent."""

import json
from decimal import Decimal

import pytest

MISTAKES = [
    # command line, exit code, error code, words that must be said
    ("buy BTC/USDT@alpha 0.000001", 3, "risk-refused", "lot"),
    ("buy BTC/USDT@alpha 0.0123456 --limit 60000", 3, "risk-refused", "step"),
    ("buy BTC/USDT@alpha 0.01 --limit 59999.999", 3, "risk-refused", "tick"),
    ("buy BTC/USDT@alpha 0.00001 --limit 59990", 3, "risk-refused", "notional"),
    ("buy BTC/USDT@alpha 0.01 --limit 30000", 3, "risk-refused", "price_collar"),
    ("sell ETH/USDT@alpha 900 --limit 3010", 3, "risk-refused", "position"),
    ("buy DOGE/USDT 1", 1, "unknown-symbol", "BTC/USDT"),
    ("sell BTC/USDT 0.01 --reduce-only", 1, "which-account", "--account alpha"),
    ("buy BTC/USDT 0.01 --account alfa", 1, "unknown-account", "alpha"),
    ("buy BTC/USDT@alpha 0,01", 2, "bad-argument", "like 0.05"),
    ("buy BTC/USDT@alpha nan", 2, "bad-argument", "quantity"),
    ("buy BTC/USDT@alpha 0", 2, "bad-argument", "positive"),
    ("buy BTC/USDT@alpha 0.01 --limit cheap", 2, "bad-argument", "limit"),
    ("buy BTC/USDT@alpha 0.01 --limit 59990 --tif GTD", 2, "bad-argument", "expire"),
    ("buy BTC/USDT@alpha 0.01 --post-only", 2, "bad-argument", "post-only"),
    ("cancel o-nothing", 1, "unknown-order", "crossdock orders"),
    ("amend o-nothing --quantity 1", 1, "unknown-order", "crossdock orders"),
    ("trace nothing", 1, "unknown-id", "nothing"),
    ("doubts resolve a-nothing live --by Ada", 1, "unknown-doubt", "doubts list"),
    ("doubts resolve a-nothing maybe --by Ada", 2, "bad-argument", "live or absent"),
    ("resume alfa", 1, "unknown-account", "alpha"),
    ("kill --account alfa", 1, "unknown-account", "alpha"),
    ("release --account alfa", 1, "unknown-account", "alpha"),
    ("stop --on-exit panic", 2, "bad-argument", "flatten"),
]


def orders_of(venues):
    return sum(len(venues.truth(name)["orders"]) for name in ("alpha", "beta", "gamma"))


@pytest.mark.parametrize(("line", "exit_code", "code", "words"), MISTAKES)
def test_a_mistake_at_a_desk_is_answered_and_nothing_is_sent(
    crossdock, desk, venues, line, exit_code, code, words
):
    before = orders_of(venues)
    said = crossdock("--settings", desk, *line.split())
    assert (said.code, said.out) == (exit_code, "")
    assert words.lower() in said.err.lower()
    assert said.err.rstrip().endswith(f"{code}: docs/errors.md#{code}")
    assert orders_of(venues) == before
    as_json = crossdock("--settings", desk, *line.split(), "--json")
    assert (as_json.code, as_json.error["code"]) == (exit_code, code)


def test_an_order_that_names_no_venue_goes_to_one_and_says_which(crossdock, desk):
    said = crossdock("--settings", desk, "buy", "BTC/USDT", "0.013", "--json")
    assert said.code == 0, said.err
    placed = json.loads(said.out)
    assert placed["account"] in ("alpha", "beta", "gamma")
    assert placed["instrument"] == f"BTC/USDT@{placed['account']}"
    assert placed["status"] == "Filled"
    said = crossdock("--settings", desk, "sell", "BTC/USDT", "0.013")
    assert "sell 0.013 BTC/USDT@" in said.out


def test_a_refusal_carries_every_reason_and_what_would_pass(crossdock, desk):
    said = crossdock(
        "--settings", desk, "sell", "ETH/USDT@beta", "900", "--limit", "2990", "--json"
    )
    assert said.code == 3
    checks = {check for check, _ in said.error["reasons"]}
    assert len(checks) == len(said.error["reasons"]) > 0
    assert "allowed_quantity" in said.error


def price(crossdock, desk, account, side):
    """Return a price well inside the collar that rests on its side of the book."""
    rows = crossdock("--settings", desk, "positions", "--json").json["positions"]
    marks = [r["mark"] for r in rows if r["account"] == account and r.get("mark")]
    middle = float(marks[0]) if marks else 60_000.0
    return f"{middle * (0.985 if side == 'buy' else 1.015):.0f}"


def rest(crossdock, desk, account="alpha", *options):
    limit = price(crossdock, desk, account, "buy")
    return crossdock(
        *("--settings", desk, "buy", f"BTC/USDT@{account}", "0.02", "--limit", limit),
        *(*options, "--json"),
    ).json


def test_an_order_lives_and_dies_by_the_command_line(crossdock, desk, venues):
    order = rest(crossdock, desk)
    assert order["status"] == "New"
    listed = crossdock("--settings", desk, "orders", "--json").json
    assert (listed["running"], listed["as_of_ns"]) == (True, None)
    assert order["order_id"] in [each["order_id"] for each in listed["orders"]]

    name = order["order_id"]
    same = crossdock("--settings", desk, "amend", name, "--limit", order["limit_price"])
    assert same.code == 1
    assert "has these values already" in same.err
    amended = crossdock("--settings", desk, "amend", name, "--quantity", "0.03", "--json")
    assert amended.json["quantity"] == "0.03"

    canceled = crossdock("--settings", desk, "cancel", order["client_order_id"], "--json")
    assert canceled.json["status"] == "Canceled"
    again = crossdock("--settings", desk, "cancel", name, "--json")
    assert (again.code, again.error["code"]) == (1, "order-done")
    late = crossdock("--settings", desk, "amend", name, "--quantity", "0.04")
    assert late.code == 1
    assert "nothing to amend" in late.err

    told = crossdock("--settings", desk, "trace", name, "--json").json["records"]
    assert [each["record"] for each in told[:2]] == ["order_intended", "attempt_started"]
    theirs = {o["client_order_id"]: o for o in venues.truth("alpha")["orders"]}
    assert theirs[order["client_order_id"]]["status"] == "Canceled"


def test_a_post_only_order_that_would_take_is_refused_in_the_venues_words(crossdock, desk):
    limit = price(crossdock, desk, "gamma", "sell")
    said = crossdock(
        *("--settings", desk, "buy", "BTC/USDT@gamma", "0.01", "--limit", limit),
        *("--post-only", "--json"),
    )
    assert (said.code, said.error["code"]) == (1, "rejected")
    assert "would_cross" in said.error["message"] or "cross" in said.error["message"]


def test_more_than_the_account_holds_is_refused(crossdock, desk):
    said = crossdock("--settings", desk, "sell", "BTC/USDT@gamma", "2.5", "--json")
    assert said.code == 3
    assert "buying_power" in said.error["message"]


def test_a_market_order_is_filled_and_shown_everywhere(crossdock, desk):
    bought = crossdock("--settings", desk, "buy", "BTC/USDT@beta", "0.01", "--json").json
    assert bought["status"] == "Filled"
    assert Decimal(bought["cumulative_quantity"]) == Decimal("0.01")
    fills = crossdock("--settings", desk, "fills", "--json").json["fills"]
    mine = [f for f in fills if f["order_id"] == bought["order_id"]]
    assert sum(Decimal(fill["quantity"]) for fill in mine) == Decimal("0.01")
    assert bought["order_id"] in crossdock("--settings", desk, "fills").out
    positions = crossdock("--settings", desk, "positions").out
    assert "BTC/USDT@beta" in positions
    assert "manual" in positions


def test_status_shows_the_eight_steps_of_every_venue(crossdock, desk):
    said = crossdock("--settings", desk, "status")
    assert said.code == 0
    for step in (
        "authenticate",
        "read account",
        "subscribe",
        "signals",
        "execute",
        "positions",
        "risk",
        "monitor",
    ):
        assert step in said.out
    told = crossdock("--settings", desk, "status", "--json").json
    assert told["running"] is True
    assert [account["standing"] for account in told["accounts"]] == ["ready"] * 3


def test_kill_refuses_new_orders_until_released(crossdock, desk):
    order = rest(crossdock, desk, "beta")
    killed = crossdock("--settings", desk, "kill", "--account", "beta", "--json", "--yes")
    assert killed.code == 0
    told = killed.json
    assert (told["desk_was_running"], told["cancels_sent"] >= 1) == (True, True)
    assert (told["open_orders"], told["doubts_open"], told["away"]) == (0, 0, {})
    refused = crossdock("--settings", desk, "buy", "BTC/USDT@beta", "0.01", "--json")
    assert refused.code == 3
    assert "kill" in refused.error["message"]
    released = crossdock("--settings", desk, "release", "--account", "beta")
    assert released.code == 0
    journal = crossdock("--settings", desk, "journal", "export").out.splitlines()
    acted = [each for each in map(json.loads, journal) if each["record"] == "person_acted"]
    assert [(each["action"], each["subject"], each["door"]) for each in acted[-2:]] == [
        ("kill", "beta", "cli"),
        ("release", "beta", "cli"),
    ]
    all_orders = crossdock("--settings", desk, "orders", "--all", "--json").json["orders"]
    ended = {each["order_id"]: each["status"] for each in all_orders}
    assert ended[order["order_id"]] == "Canceled"


def test_doctor_finds_a_healthy_desk_healthy(crossdock, desk):
    said = crossdock("--settings", desk, "doctor", "--json")
    wrong = [each for each in said.json["findings"] if each["verdict"] == "bad"]
    assert wrong == []
    assert said.code == 0
    told = {each["about"] for each in said.json["findings"]}
    assert told >= {"python", "clock", "loopback", "disk", "desk", "journal", "lock"}


def test_a_second_desk_on_the_same_journal_does_not_start(crossdock, desk):
    said = crossdock("--settings", desk, "run")
    assert said.code == 1
    assert "is in use by process" in said.err
    assert "journal-locked" in said.err


def test_a_second_desk_with_the_same_name_does_not_start(crossdock, desk, folder):
    said = crossdock("--settings", desk, "--set", f"desk.journal={folder}/other", "run")
    assert said.code == 1
    assert "desk-running" in said.err


def test_the_journal_is_copied_checked_and_exported_while_the_desk_runs(
    crossdock, desk, folder
):
    copied = crossdock("--settings", desk, "journal", "backup", folder / "copy", "--json")
    assert copied.json["whole"] is True
    checked = crossdock("--settings", desk, "journal", "verify", "--json")
    assert (checked.code, checked.json["bad"]) == (0, None)
    crossdock("--settings", desk, "journal", "export", "--to", folder / "out.jsonl")
    lines = [json.loads(line) for line in (folder / "out.jsonl").read_text().splitlines()]
    assert [line["sequence"] for line in lines] == list(range(1, len(lines) + 1))
    assert lines[0]["record"] == "session_started"
    shown = crossdock("--settings", desk, "journal", "show", "--from", "1", "--limit", "3")
    assert "session started" in shown.out
    elsewhere = ["--set", f"desk.journal={folder}/restored"]
    restored = crossdock(
        "--settings", desk, *elsewhere, "journal", "restore", folder / "copy", "--json"
    )
    assert restored.json["last_sequence"] == copied.json["last_sequence"]
