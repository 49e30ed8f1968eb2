"""Small limits on an account's first day of real money, and the fourth day trade."""

from decimal import Decimal

import pytest

from crossdock.core.risk import Authority, Limits
from crossdock.errors import RiskRefused
from crossdock.model import Side

D = Decimal


DEFAULTS = {
    name: getattr(Limits(), name) for name in ("first_day_order_max", "first_day_total_max")
}


def first_day(desk, ordered="0", **limits):
    desk.set_limits(**DEFAULTS | limits)
    desk.facts.first_day_notional = D(ordered)


def refusal(desk, order, **more):
    with pytest.raises(RiskRefused) as refused:
        desk.check(order, **more)
    return refused.value


def test_the_first_days_limits_are_small_by_default(desk):
    first_day(desk)
    refused = refusal(desk, desk.order(quantity="1.01"))
    assert [check for check, _ in refused.reasons] == ["first_day"]
    assert refused.allowed_quantity == "1.00", "100 in one order, at a price of 100"
    desk.check(desk.order(quantity="1"))


@pytest.mark.parametrize(
    ("ordered", "quantity", "allowed"),
    [("950", "1", "0.50"), ("1000", "0.01", None), ("Infinity", "0.01", None)],
)
def test_what_was_ordered_that_day_counts(desk, ordered, quantity, allowed):
    first_day(desk, ordered)
    refused = refusal(desk, desk.order(quantity=quantity))
    assert [check for check, _ in refused.reasons] == ["first_day"]
    assert refused.allowed_quantity == allowed


def test_a_setting_raises_them_and_none_lifts_them(desk):
    first_day(desk, "5000", first_day_order_max=D(500), first_day_total_max=None)
    desk.check(desk.order(quantity="5"))
    first_day(desk, "5000", first_day_order_max=None, first_day_total_max=D(6000))
    desk.check(desk.order(quantity="9.9"))


def test_on_every_other_day_and_for_what_only_reduces_they_do_not_hold(desk):
    desk.set_limits(**DEFAULTS)
    desk.check(desk.order(quantity="50"))
    desk.hold(desk.order().instrument, "80")
    first_day(desk, "1000")
    desk.check(desk.order(Side.SELL, "50"))


def day_traded(desk, trades=3, equity="24999.99"):
    desk.set_limits(day_trades_max=3)
    desk.allow(day_trade_rule=True)
    desk.facts.equity, desk.facts.day_trades = D(equity), trades
    instrument = desk.order().instrument
    desk.hold(instrument, "10")
    desk.facts.opened = frozenset({instrument})


def test_closing_what_was_opened_today_is_refused_where_it_is_a_fourth_day_trade(desk):
    day_traded(desk)
    refused = refusal(desk, desk.order(Side.SELL, "10"))
    assert [check for check, _ in refused.reasons] == ["pattern_day_trader"]
    assert "3 day trades in five days with equity 24999.99, below 25000" in str(refused)


@pytest.mark.parametrize("case", ["third", "rich", "overnight", "no rule"])
def test_closing_that_breaks_no_rule_passes(desk, case):
    day_traded(
        desk,
        trades=2 if case == "third" else 3,
        equity="25000" if case == "rich" else "24999",
    )
    if case == "overnight":
        desk.facts.opened = frozenset()
    if case == "no rule":
        desk.allow(day_trade_rule=False)
    desk.check(desk.order(Side.SELL, "10"))


def test_the_kill_switch_flattens_all_the_same(desk):
    day_traded(desk)
    desk.check(desk.order(Side.SELL, "10"), authority=Authority.KILL)
