"""Switches that people turn bind what adds risk, and never what takes it away."""

from decimal import Decimal

import pytest

from crossdock.core import records as r
from crossdock.core.person_records import Standing
from crossdock.core.risk import Gate, LimitBook
from crossdock.core.steering import Steering
from crossdock.errors import RiskRefused
from crossdock.model import Side

D = Decimal
PERPETUAL = "BTC/USDT:USDT@alpha"


@pytest.fixture
def steering():
    return Steering()


@pytest.fixture
def desk(desk, steering):
    limited(desk, steering)
    return desk


def limited(desk, steering, **limits):
    """Give the desk a gate with these limits alone, and people's switches."""
    desk.set_limits(**limits)
    desk._gate = Gate(LimitBook(desk.limits), desk.reservations, desk, steering=steering)


def turn(steering, name, value):
    steering.set_flag(r.FlagSet(at=1, name=name, value=value, by="Ann"))


def refusals(desk, request):
    with pytest.raises(RiskRefused) as refused:
        desk.check(request)
    return refused.value


def pause(steering, strategy):
    steering.steer(
        r.StrategySteered(at=1, strategy=strategy, standing=Standing.PAUSED, by="Ann")
    )


SWITCHES = {
    "trading": lambda steering: turn(steering, "trading", False),
    "paused": lambda steering: pause(steering, "dip"),
    "max_order_size": lambda steering: turn(steering, "max_order_size", D(50)),
}


@pytest.mark.parametrize("check", SWITCHES)
def test_a_switch_refuses_what_adds_and_lets_what_reduces_pass(desk, steering, check):
    SWITCHES[check](steering)
    adding = desk.order(quantity="1", strategy="dip")
    assert [name for name, _ in refusals(desk, adding).reasons] == [check]
    desk.hold(PERPETUAL, "5")
    desk.check(desk.order(Side.SELL, quantity="1", strategy="dip"))


def test_a_switch_turned_back_lets_orders_pass_again(desk, steering):
    turn(steering, "trading", False)
    turn(steering, "trading", True)
    desk.check(desk.order())


def test_paper_only_binds_live_accounts_alone(desk, steering):
    turn(steering, "paper_only", True)
    desk.check(desk.order(quantity="1"))
    desk.facts.live = True
    assert refusals(desk, desk.order(quantity="2")).reasons[0][0] == "paper_only"


def test_another_strategy_trades_while_one_is_paused(desk, steering):
    pause(steering, "dip")
    desk.check(desk.order(strategy="trend"))


@pytest.mark.parametrize(
    ("most", "quantity", "allowed"), [("250", "3", "2.5"), ("250", "2.5", None)]
)
def test_the_largest_order_is_told_in_lots_that_would_pass(
    desk, steering, most, quantity, allowed
):
    turn(steering, "max_order_size", D(most))
    if allowed is None:
        desk.check(desk.order(quantity=quantity))
    else:
        refusal = refusals(desk, desk.order(quantity=quantity))
        assert D(refusal.allowed_quantity) == D(allowed)


def test_an_order_of_unknown_worth_is_refused_under_a_largest_order(desk, steering):
    turn(steering, "max_order_size", D(50))
    desk.rates.clear()
    checks = [name for name, _ in refusals(desk, desk.order()).reasons]
    assert "max_order_size" in checks


def test_a_rehearsal_reserves_nothing_and_is_no_order_of_the_second(desk, steering):
    limited(desk, steering, orders_per_s=1, duplicate_window_s=D(1))
    request = desk.order()
    for _ in range(3):
        told = desk.gate.rehearse(request, desk)
    assert desk.reservations.orders() == 0
    assert told.notional == D(100) and not told.needs_approval and not told.reduces
    desk.check(request)


def test_a_rehearsal_refuses_with_the_reasons_of_the_real_thing(desk, steering):
    turn(steering, "trading", False)
    limited(desk, steering, order_quantity_max=D(1))
    request = desk.order(quantity="2")
    with pytest.raises(RiskRefused) as rehearsed:
        desk.gate.rehearse(request, desk)
    assert rehearsed.value.reasons == refusals(desk, request).reasons
    assert len(rehearsed.value.reasons) == 2


def test_a_rehearsal_says_that_a_person_must_approve(desk, steering):
    limited(desk, steering, approval_over=D(50))
    told = desk.gate.rehearse(desk.order(), desk)
    assert told.needs_approval == "worth 100, a person approves above 50"
