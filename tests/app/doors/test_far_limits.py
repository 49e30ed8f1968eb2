"""A limit that is set far from what holds, or to what it cannot be, is said to be so."""

import pytest

from crossdock.core import records as r
from crossdock.errors import DeskError

CHANGE = {"name": "leverage_max", "by": "Ann", "reason": "drill", "door": "cli"}


@pytest.fixture
async def desk(toy, venue, journal, open_toy_desk):
    risk = toy.RISK.replace('leverage_max = "none"', "leverage_max = 5")
    async with open_toy_desk(venue, risk=risk, journal=journal) as opened:
        opened.operations.table()["set_flag"](
            name="risk_override", value=True, by="Ann", door="cli"
        )
        yield opened


def set_limit(desk, **more):
    return desk.operations.table()["set_limit"](**{**CHANGE, **more})


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"value": "1e3"}, "leverage_max of desk would be 1000 times, where it is 5 now"),
        ({"value": "50"}, "leverage_max of desk would be 50 times, where it is 5 now"),
        ({"value": "0"}, "leverage_max of desk would be 0 times, where it is 5 now"),
        (
            {"value": "51", "scope": "symbol:BTC/*"},
            "leverage_max of symbol:BTC/* would be 51 times, where it is 5 now",
        ),
        (
            {"name": "max_open_orders", "value": "0"},
            "max_open_orders of desk would be 0, where it is 200 now",
        ),
        (
            {"name": "day_trade_equity", "value": "2500"},
            "day_trade_equity of desk would be 2500 USDT, where it is 25000 now",
        ),
    ],
)
async def test_ten_times_as_loose_or_nothing_at_all_is_taken_only_when_said_twice(
    desk, journal, change, words
):
    for confirm in ("", "5"):
        with pytest.raises(DeskError) as refused:
            set_limit(desk, **change, confirm=confirm)
        assert (refused.value.code, refused.value.message) == ("limit-far", words)
    assert journal.records(r.LimitSet) == []
    assert set_limit(desk, **change, confirm=f" {change['value']}")["by"] == "Ann"


@pytest.mark.parametrize(
    "change",
    [
        {"value": "49.9"},
        {"value": "0.001"},
        {"value": "none"},
        {"value": None},
        {"name": "day_trade_equity", "value": "2501"},
        {"name": "day_trade_equity", "value": "900000"},
        {"name": "approval_over", "value": "1000000"},  # there was none
        {"name": "short_allowed", "value": "false"},
        {"name": "denied_symbols", "value": "ETH/*"},
    ],
)
async def test_what_is_near_or_tighter_or_said_in_words_is_asked_once(desk, change):
    assert set_limit(desk, **change)["name"] == change.get("name", "leverage_max")


async def test_how_far_is_told_from_what_the_same_scope_has_now(desk):
    for value in ("40", "300"):
        assert set_limit(desk, value=value, scope="account:main")["value"] == value
    with pytest.raises(DeskError, match="would be 300 times, where it is 5 now"):
        set_limit(desk, value="300")


@pytest.mark.parametrize(
    ("name", "value", "words", "hint"),
    [
        (
            "leverage_max",
            "-1",
            "risk limit leverage_max must be a number, 0 or more, not -1",
            "Gross exposure over equity. It is counted in times.",
        ),
        (
            "order_notional_max",
            "lots",
            "risk limit order_notional_max must be a number, 0 or more, not lots",
            "Largest value of one order. It is counted in USDT.",
        ),
        (
            "max_open_orders",
            "1.5",
            "risk limit max_open_orders must be a whole number, 0 or more, not 1.5",
            "Open orders of one account.",
        ),
        (
            "paper_only",
            "none",
            "risk limit paper_only must be true or false, not none",
            "Refuse orders on accounts where real money moves.",
        ),
    ],
)
async def test_a_value_that_cannot_be_is_refused_with_what_can(
    desk, name, value, words, hint
):
    with pytest.raises(DeskError) as refused:
        set_limit(desk, name=name, value=value)
    assert (refused.value.code, refused.value.message, refused.value.hint) == (
        "bad-argument",
        words,
        hint,
    )
