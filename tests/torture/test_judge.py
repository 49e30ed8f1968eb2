"""The judge stands alone, and finds what is wrong."""

import ast
import json
import subprocess
import sys
from decimal import Decimal
from pathlib import Path

import pytest

from crossdock.conformance.torture import trial

JUDGE = trial.JUDGE


def order(**changes):
    base = {
        "client_order_id": "cd-1",
        "status": "Filled",
        "cumulative_quantity": "1",
        "chain": ["v1"],
        "amendments": 0,
    }
    return {**base, **changes}


def fill(**changes):
    base = {
        "sequence": 1,
        "execution_id": "e1",
        "symbol": "BTC/USDT",
        "side": "buy",
        "price": "100",
        "quantity": "1",
        "fee": "0.1",
        "fee_asset": "USDT",
        "kind": "reported",
        "replaces": None,
        "time_ns": 5,
    }
    return {**base, **changes}


def journal(*more, status="Filled"):
    written = fill() | {
        "instrument": "BTC/USDT@alpha",
        "venue_order_id": "v1",
        "account_sequence": 5,
    }
    records = [
        {
            "record": "baseline_taken",
            "balances": [{"asset": "USDT", "total": "1000"}],
            "fill_cursor": "0",
            "event_cursor": "0",
        },
        {
            "record": "order_intended",
            "order_id": "o1",
            "client_order_id": "cd-1",
            "request": {"quantity": "1", "side": "buy", "instrument": "BTC/USDT@alpha"},
        },
        {
            "record": "attempt_started",
            "attempt_id": "a1",
            "order_id": "o1",
            "kind": "submit",
        },
        {
            "record": "attempt_ended",
            "attempt_id": "a1",
            "order_id": "o1",
            "outcome": "accepted",
            "report": {"status": status, "quantity": "1", "cumulative_quantity": "1"},
        },
        {"record": "fill_recorded", "order_id": "o1", "fill": written},
        *more,
    ]
    return [{"sequence": n, "at": n, **record} for n, record in enumerate(records, 1)]


def truth(**changes):
    base = {
        "orders": [order()],
        "fills": [fill()],
        "events": [],
        "cash": {"USDT": "899.9", "BTC": "1"},
    }
    return {**base, **changes}


def judge(tmp_path, truth, records, books=None, most_open=0):
    files = []
    for name, text in (
        ("truth", json.dumps(truth)),
        ("journal", "\n".join(json.dumps(record) for record in records)),
        ("books", json.dumps(books or truth["cash"])),
    ):
        files.append(str(tmp_path / name))
        Path(files[-1]).write_text(text)
    command = [sys.executable, "-I", str(JUDGE), *files, str(most_open)]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    return json.loads(done.stdout)


def without(records, kind):
    return [record for record in records if record["record"] != kind]


def test_the_judge_imports_nothing_of_crossdock():
    imported = set()
    for node in ast.walk(ast.parse(JUDGE.read_text())):
        if isinstance(node, ast.Import):
            imported |= {alias.name.partition(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            imported.add((node.module or "").partition(".")[0])
    assert imported <= set(sys.stdlib_module_names)


def test_books_that_agree_are_clean(tmp_path):
    verdict = judge(tmp_path, truth(), journal())
    assert verdict["words"] == []
    assert (verdict["orders"], verdict["fills"], verdict["accepted"]) == (1, 1, 1)


DOUBT = {"record": "doubt_resolved", "attempt_id": "a1", "order_id": "o1", "by": "lookup"}


@pytest.mark.parametrize(
    ("fault", "told", "records"),
    [
        (
            "duplicate_orders",
            truth(orders=[order(), order(client_order_id="cd-2")]),
            journal(),
        ),
        ("duplicate_orders", truth(orders=[order(), order()]), journal()),
        ("lost_fills", truth(), without(journal(), "fill_recorded")),
        ("invented_fills", truth(fills=[]), journal()),
        ("invented_fills", truth(fills=[fill(price="101")]), journal()),
        ("invented_fills", truth(fills=[fill(fee="0.10001")]), journal()),
        ("wrong_verdicts", truth(), journal({**DOUBT, "verdict": "absent"})),
        ("wrong_verdicts", truth(orders=[]), journal({**DOUBT, "verdict": "live"})),
        ("wrong_orders", truth(orders=[order(status="Canceled")]), journal()),
        ("wrong_orders", truth(orders=[order(cumulative_quantity="0.5")]), journal()),
        ("unexplained_positions", truth(cash={"USDT": "899.8", "BTC": "1"}), journal()),
        (
            "unexplained_positions",
            truth(
                events=[{"sequence": 1, "event_id": "d", "asset": "USDT", "amount": "0"}]
            ),
            journal(),
        ),
    ],
)
def test_the_judge_finds(tmp_path, fault, told, records):
    assert judge(tmp_path, told, records)[fault] > 0


@pytest.mark.parametrize(
    "named",
    [
        {"order_id": None},  # its order was not known yet
        {"order_id": "x1"},  # its order was taken for a stranger's
        {"order_id": None, "venue_order_id": "v0"},  # under the id before an amend
        {"order_id": None, "venue_order_id": "v9", "client_order_id": "cd-1"},
    ],
)
def test_a_fill_that_came_before_its_order_was_known_is_its_orders(tmp_path, named):
    [*before, ended, filled] = journal()
    told = {"client_order_id": "cd-1", "instrument": "BTC/USDT@alpha"}
    told |= {"status": "New", "quantity": "1", "cumulative_quantity": "0"}
    told |= {"venue_order_id": "v1", "replaces": "v0"}
    seen = {"record": "foreign_order_seen", "order_id": "x1", "report": told}
    early = filled | {
        "order_id": named["order_id"],
        "fill": filled["fill"] | {k: v for k, v in named.items() if k != "order_id"},
    }
    verdict = judge(tmp_path, truth(), [*before, seen, early, ended | {"report": told}])
    assert verdict["words"] == []


def test_money_is_counted_once_where_a_fill_was_inferred_before_it_was_told(tmp_path):
    [*before, filled] = journal()
    guess = filled["fill"] | {
        "execution_id": "inferred-0-1",
        "kind": "inferred",
        "fee": "0",
    }
    records = [
        *before,
        filled | {"fill": guess},
        filled | {"supersedes": ["inferred-0-1"]},
    ]
    assert judge(tmp_path, truth(), records)["words"] == []


def test_what_was_inferred_while_a_fill_waited_for_its_order_is_replaced(tmp_path):
    """The order was known as v1, its fill came under v2, which was learnt after that."""
    [*before, filled] = journal()
    early = {"order_id": None, "fill": filled["fill"] | {"venue_order_id": "v2"}}
    guess = filled["fill"] | {"execution_id": "inferred-0-1", "kind": "inferred"}
    told = {"venue_order_id": "v2", "replaces": "v1", "instrument": "BTC/USDT@alpha"}
    told |= {"status": "Filled", "quantity": "1", "cumulative_quantity": "1"}
    linked = {"record": "order_reported", "order_id": "o1", "report": told}
    records = [*before, filled | early, filled | {"fill": guess}, linked]
    assert judge(tmp_path, truth(), records)["words"] == []


def leg(**changes):
    base = {"client_order_id": "leg-1", "status": "Canceled", "cumulative_quantity": "0"}
    return order(**{**base, "chain": ["v2"], "parent_id": "v1", **changes})


def leg_seen(status="Canceled", **changes):
    report = {
        "client_order_id": "leg-1",
        "parent": "v1",
        "status": status,
        "quantity": "1",
        "cumulative_quantity": "0",
    }
    return {"record": "leg_seen", "order_id": "x1", "report": {**report, **changes}}


@pytest.mark.parametrize(
    ("at_venue", "records", "wrong"),
    [
        (leg(), journal(leg_seen()), 0),
        (leg(status="New"), journal(leg_seen("New")), 0),
        (leg(), journal(), 0),  # it ended before anybody could count it
        (leg(status="New"), journal(), 1),
        (leg(cumulative_quantity="0.5"), journal(), 1),
        (leg(), journal(leg_seen("New")), 1),
        (leg(parent_id="v7", status="New"), journal(), 0),  # a stranger's
    ],
)
def test_the_judge_knows_whose_an_attached_leg_is(tmp_path, at_venue, records, wrong):
    told = truth(orders=[order(), at_venue])
    assert judge(tmp_path, told, records)["wrong_orders"] == wrong


def moved(event_id, amount="5"):
    event = {"event_id": event_id, "kind": "deposit", "asset": "USDT", "amount": amount}
    return {"record": "account_moved", "event": {**event, "account_sequence": 6}}


@pytest.mark.parametrize(
    ("booked", "wrong"),
    [
        ([moved("theirs:x1")], 0),
        ([], 3),  # not booked, nor in the cash of journal and books
        ([moved("theirs:x1"), moved("theirs:x2")], 3),
        ([moved("theirs:x1", "6")], 3),
    ],
)
def test_events_under_other_names_are_told_by_what_they_moved(tmp_path, booked, wrong):
    there = {**moved("x1")["event"], "sequence": 1}
    told = truth(events=[there], cash={"USDT": "904.9", "BTC": "1"}, renames_events=True)
    books = {"USDT": str(Decimal("899.9") + 5 * len(booked)), "BTC": "1"}
    verdict = judge(tmp_path, told, journal(*booked), books)
    assert verdict["unexplained_positions"] == wrong, verdict["words"]


def test_what_somebody_entered_by_hand_is_no_duplicate_of_ours(tmp_path):
    told = truth(orders=[order(), order(client_order_id="web-7", chain=["v7"])])
    assert judge(tmp_path, told, journal())["words"] == []
    told = truth(orders=[order(), order(client_order_id="0b7e-uuid", chain=["v7"])])
    assert judge(tmp_path, told, journal())["duplicate_orders"] == 1


def test_the_judge_finds_books_that_differ(tmp_path):
    books = {"USDT": "899.9", "BTC": "1.00000001"}
    assert judge(tmp_path, truth(), journal(), books)["unexplained_positions"] == 1


def test_the_judge_counts_open_orders_against_the_limit(tmp_path):
    more = [
        {
            "record": "order_intended",
            "order_id": f"p{n}",
            "client_order_id": f"cd-p{n}",
            "request": {"quantity": "1", "side": "buy", "instrument": "BTC/USDT@alpha"},
        }
        for n in range(3)
    ]
    assert judge(tmp_path, truth(), journal(*more), most_open=2)["limit_breaches"] == 1
