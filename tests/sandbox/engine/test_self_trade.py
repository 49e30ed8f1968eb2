"""Self-trade prevention, by the venue's rule."""

from decimal import Decimal

import pytest

from crossdock.model import TimeInForce
from crossdock.sandbox.engine import Refused

RULES = [
    # rule, resting own order, taking order, what the taker got, what is left to take
    ("cancel_resting", "Canceled", "Filled", "2", "1"),
    ("cancel_taking", "New", "Canceled", "1", "4"),
    ("cancel_both", "Canceled", "Canceled", "1", "2"),
]


@pytest.mark.parametrize(("rule", "resting", "taking", "got", "left"), RULES)
def test_account_never_trades_with_itself(open_pit, rule, resting, taking, got, left):
    pit = open_pit(self_trade_prevention=rule)
    pit.enter("bob", "sell", "1", "100")
    own = pit.enter("ann", "sell", "2", "100")
    pit.enter("bob", "sell", "2", "101")
    order = pit.enter("ann", "buy", "2", "101")
    assert (own.status, order.status) == (resting, taking)
    assert order.cumulative_quantity == Decimal(got)
    sells = pit.venue.book("BTC/USDT", 9)[2]
    assert sum(quantity for _, quantity in sells) == Decimal(left)
    assert {name for name, fill in pit.ear.fills if fill.side == "sell"} == {"bob"}
    for done in (own, order):
        if done.status == "Canceled":
            assert done.reason == "self_trade_prevention"


@pytest.mark.parametrize(
    ("rule", "is_refused"),
    [("cancel_resting", False), ("cancel_taking", True), ("cancel_both", True)],
)
def test_fok_counts_only_what_it_would_not_trade_with_itself(open_pit, rule, is_refused):
    pit = open_pit(self_trade_prevention=rule)
    pit.enter("ann", "sell", "1", "100")
    pit.enter("bob", "sell", "2", "101")
    form = pit.form("buy", "2", "101", time_in_force=TimeInForce.FOK)
    if is_refused:
        with pytest.raises(Refused, match="fok_unfillable"):
            pit.venue.submit("ann", form, 1)
    else:
        assert pit.venue.submit("ann", form, 1).cumulative_quantity == 2


def test_accounts_trade_with_one_another(open_pit):
    pit = open_pit()
    pit.enter("ann", "sell", "1", "100")
    assert pit.enter("bob", "buy", "1", "100").status == "Filled"
