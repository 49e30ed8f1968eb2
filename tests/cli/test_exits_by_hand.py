"""Exits and waiting orders from the command line, at a running desk on a real sandbox."""

import json
import time

import pytest

MISTAKES = [
    ("buy BTC/USDT@alpha 0.01 --trail-amount 5 --limit 59990", 2, "takes no limit"),
    ("buy BTC/USDT@alpha 0.01 --stop 61000 --if-touched 59000", 2, "waits for one thing"),
    ("buy BTC/USDT@alpha 0.01 --trail-percent 100", 2, "below 100"),
    ("sell BTC/USDT@alpha 0.01 --oco --stop-loss 59000", 2, "OCO is a limit order"),
    ("sell BTC/USDT@alpha 0.01 --limit 60010 --oco", 2, "OCO is a limit order"),
    ("buy BTC/USDT@alpha 0.01 --limit 59990 --stop-loss 60000", 2, "stops below"),
    ("buy BTC/USDT@alpha 0.01 --take-profit 60000 --tif IOC", 2, "no attached legs"),
    ("buy BTC/USDT@alpha 0.01 --take-profit cheap", 2, "take profit"),
    ("buy BTC/USDT@alpha 0.01 --take-profit 70000.001", 3, "tick"),
]


def orders_at(venues):
    return venues.truth("alpha")["orders"]


@pytest.mark.parametrize(("line", "exit_code", "words"), MISTAKES)
def test_exits_that_make_no_sense_are_answered_and_not_sent(
    crossdock, desk, venues, line, exit_code, words
):
    before = len(orders_at(venues))
    said = crossdock("--settings", desk, *line.split())
    assert (said.code, said.out) == (exit_code, "")
    assert words.lower() in said.err.lower()
    assert len(orders_at(venues)) == before


def ordered(crossdock, desk, line):
    said = crossdock("--settings", desk, *line.split(), "--json")
    assert said.code == 0, said.err
    return json.loads(said.out)


def legs_of(crossdock, desk, order, count):
    """Return an order's legs that are open, once there are so many."""
    end_s = time.monotonic() + 20
    while time.monotonic() < end_s:
        shown = ordered(crossdock, desk, "orders")["orders"]
        legs = [it for it in shown if it["parent"] == order["order_id"]]
        if len(legs) == count:
            return legs
    raise AssertionError(f"there are {len(legs)} legs, not {count}")


def test_bracket_by_hand_leaves_two_exits_of_which_one_ends_the_other(
    crossdock, desk, venues
):
    order = ordered(
        crossdock,
        desk,
        "buy BTC/USDT@alpha 0.011 --take-profit 90000 --stop-loss 30000:29900",
    )
    legs = legs_of(crossdock, desk, order, 2)
    assert {(it["type"], it["limit_price"], it["stop_price"]) for it in legs} == {
        ("limit", "90000", None),
        ("stop_limit", "29900", "30000"),
    }
    assert {it["side"] for it in legs} == {"sell"}
    assert not any(it["foreign"] for it in legs)
    canceled = ordered(crossdock, desk, f"cancel {legs[0]['order_id']}")
    assert canceled["status"] == "Canceled"
    legs_of(crossdock, desk, order, 0)
    theirs = [it for it in orders_at(venues) if it["id"] in order["venue_order_ids"]]
    assert len(theirs[0]["legs"]) == 2


def test_exit_pair_by_hand_is_two_open_orders(crossdock, desk):
    line = "sell BTC/USDT@alpha 0.011 --limit 61000 --oco --stop-loss 30000"
    order = ordered(crossdock, desk, line)
    [stop] = legs_of(crossdock, desk, order, 1)
    assert (order["status"], stop["status"], stop["type"]) == ("New", "New", "stop")
    ordered(crossdock, desk, f"cancel {order['order_id']}")
    legs_of(crossdock, desk, order, 0)


@pytest.mark.parametrize(
    ("terms", "kind"),
    [
        ("--trail-percent 20", "trailing_stop"),
        ("--trail-amount 9000", "trailing_stop"),
        ("--if-touched 90000", "market_if_touched"),
        ("--if-touched 90000 --limit 90000", "limit_if_touched"),
    ],
)
def test_order_that_waits_is_open_until_it_is_canceled(crossdock, desk, terms, kind):
    order = ordered(crossdock, desk, f"sell BTC/USDT@alpha 0.011 {terms}")
    assert (order["type"], order["status"]) == (kind, "New")
    said = crossdock("--settings", desk, "cancel", order["order_id"])
    assert said.code == 0, said.err
    assert "Canceled" in said.out
