"""The kill switch: who is stopped, what is cancelled, what is flattened."""

from decimal import Decimal

import pytest

from crossdock.core.risk import VenueTerms
from crossdock.core.risk.kill import (
    AccountOrders,
    Engaged,
    Holding,
    plan_cancels,
    plan_flatten,
)
from crossdock.model import (
    ContractKind,
    CorrelationId,
    Instrument,
    MarginMode,
    OrderType,
    PositionKey,
    PositionSide,
    Side,
    TickBand,
    TimeInForce,
)

D = Decimal
ALL = Engaged(by="ann", reason="enough", flatten=True)
ONE = Engaged(by="bob", reason="odd fills", account="main", flatten=True)
FOREIGN_TOO = Engaged(by="ann", reason="enough", flatten=True, include_foreign=True)


# The switch, cancel-all there, foreign orders; then accounts as a whole, single orders.
CANCELS = {
    "no cancel-all": (ALL, False, [], [], ["o1", "o2"]),
    "cancel-all, and a doubt apart": (ALL, True, [], ["main"], ["o2"]),
    "foreign orders are spared": (ALL, True, ["f1"], [], ["o1", "o2"]),
    "nobody knows of foreign ones": (ALL, True, None, [], ["o1", "o2"]),
    "foreign ones too": (FOREIGN_TOO, True, ["f1"], ["main"], ["o2"]),
    "foreign ones too, unseen": (FOREIGN_TOO, True, None, ["main"], ["o2"]),
    "foreign ones too, one by one": (FOREIGN_TOO, False, ["f1"], [], ["o1", "o2", "f1"]),
}


@pytest.mark.parametrize("name", CANCELS)
def test_cancels_spare_what_is_foreign_unless_told(name):
    engaged, has_cancel_all, foreign, whole, single = CANCELS[name]
    orders = AccountOrders(
        account="main",
        ours=["o1", "o2"],
        in_doubt=["o2"],
        foreign=foreign,
        has_cancel_all=has_cancel_all,
    )
    plan = plan_cancels(engaged, [orders])
    assert (list(plan.cancel_all), list(plan.cancels)) == (whole, single)


def test_only_accounts_under_the_switch_are_cancelled():
    accounts = [
        AccountOrders(account=name, ours=[f"{name}-1"]) for name in ("main", "other")
    ]
    assert plan_cancels(ONE, accounts).cancels == ("main-1",)
    assert plan_cancels(ALL, accounts).cancels == ("main-1", "other-1")


def test_an_empty_account_is_left_in_peace():
    empty = AccountOrders(account="main", ours=[], foreign=[], has_cancel_all=True)
    assert plan_cancels(ALL, [empty]).cancel_all == ()


def holding(quantity, owned=None, side=PositionSide.NET, most=None, least="0", **values):
    terms = {
        "order_types": frozenset({OrderType.MARKET}),
        "times_in_force": frozenset({TimeInForce.IOC, TimeInForce.GTC}),
        "can_look_up": True,
        "enforces_reduce_only": True,
        **values.pop("terms", {}),
    }
    return Holding(
        key=PositionKey(
            account=values.pop("account", "main"),
            instrument="B/Q@v",
            position_side=side,
            margin_mode=MarginMode.CROSS,
            settle="Q",
        ),
        quantity=D(quantity),
        owned=D(quantity if owned is None else owned),
        instrument=Instrument(
            id="B/Q@v",
            venue_key="k",
            kind=ContractKind.LINEAR,
            base="B",
            quote="Q",
            settle="Q",
            tick_table=(TickBand(floor=D(0), tick=D("0.1")),),
            quantity_step=D("0.1"),
            min_quantity=D(least),
            max_quantity=None if most is None else D(most),
        ),
        terms=VenueTerms(**terms),
        **values,
    )


# The holding; the orders that end it, as side and quantities; why any of it stays.
FLATTENED = {
    "long": (holding("5"), Side.SELL, ["5"], ""),
    "short": (holding("-5"), Side.BUY, ["5"], ""),
    "long leg": (holding("5", side=PositionSide.LONG), Side.SELL, ["5"], ""),
    "short leg": (holding("-5", side=PositionSide.SHORT), Side.BUY, ["5"], ""),
    "partly foreign": (holding("5", "3"), Side.SELL, ["3"], "2 of it is not Crossdock's"),
    "offset by a foreign short": (holding("2", "5"), Side.SELL, ["2"], ""),
    "all foreign": (holding("5", "0"), None, [], "none of 5 is Crossdock's to close"),
    "turned by a foreign short": (
        holding("-2", "5"),
        None,
        [],
        "none of -2 is Crossdock's to close",
    ),
    "more than one order takes": (holding("5", most="2"), Side.SELL, ["2", "2", "1"], ""),
    "with dust": (
        holding("5.05"),
        Side.SELL,
        ["5.0"],
        "0.05 is less than the venue trades",
    ),
    "only dust": (
        holding("0.4", least="0.5"),
        None,
        [],
        "0.4 is less than the venue trades",
    ),
    "quarantined": (
        holding("5", quarantine="away"),
        None,
        [],
        "the account is quarantined: away",
    ),
    "no market orders": (
        holding("5", terms={"order_types": frozenset({OrderType.LIMIT})}),
        None,
        [],
        "the venue takes no market orders here: close it by hand",
    ),
}


@pytest.mark.parametrize("name", FLATTENED)
def test_flattening_ends_what_is_ours_and_says_what_stays(name):
    each, side, quantities, reason = FLATTENED[name]
    plan = plan_flatten(ALL, [each], correlation=CorrelationId("kill-1"))
    assert [order.quantity for order in plan.orders] == list(map(D, quantities))
    assert [why for _, why in plan.left] == ([reason] if reason else [])
    for order in plan.orders:
        assert order.side is side
        assert order.type is OrderType.MARKET
        assert order.reduce_only
        assert order.time_in_force is TimeInForce.IOC
        assert order.position_side is each.key.position_side
        assert order.margin_mode is MarginMode.CROSS
        assert (order.strategy, order.correlation) == ("kill-switch", "kill-1")


def test_foreign_positions_are_flattened_when_told():
    [order] = plan_flatten(FOREIGN_TOO, [holding("5", "0")], correlation="k").orders
    assert order.quantity == 5


def test_reduce_only_is_not_asked_of_a_venue_that_does_not_know_it():
    plain = holding("5", terms={"enforces_reduce_only": False})
    [order] = plan_flatten(ALL, [plain], correlation="k").orders
    assert not order.reduce_only


def test_nothing_is_flattened_unless_told_nor_beyond_the_switch():
    cancels_only = Engaged(by="ann", reason="enough")
    assert plan_flatten(cancels_only, [holding("5")], correlation="k").orders == ()
    elsewhere = holding("5", account="other")
    assert plan_flatten(ONE, [elsewhere, holding("0")], correlation="k").orders == ()
