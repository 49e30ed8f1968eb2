"""Attached legs begin with what their parent filled, and rivals exclude one another."""

from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crossdock.model import Contingency, OrderStatus, PositionSide, TimeInForce
from crossdock.sandbox.engine import LegForm, Refused

OCO = Contingency.OCO


def profit(price):
    return LegForm(limit_price=Decimal(price))


def loss(price, limit=None):
    return LegForm(
        stop_price=Decimal(price), limit_price=None if limit is None else Decimal(limit)
    )


def lay(pit):
    """Last price 100; asks 101 to 105 and bids 99 to 95, one unit each."""
    pit.enter("bob", "sell", "0.1", "100")
    pit.enter("cat", "buy", "0.1", "100")
    for step in range(1, 6):
        pit.enter("bob", "sell", "1", str(100 + step))
        pit.enter("cat", "buy", "1", str(100 - step))
    return pit


@pytest.fixture
def traded(pit):
    return lay(pit)


def bracket(pit, side="buy", price="100", quantity="1", **more):
    above, below = ("110", "90") if side == "buy" else ("90", "110")
    return pit.enter(
        "ann", side, quantity, price, attached=(profit(above), loss(below)), **more
    )


def states(order):
    return [(leg.status.value, leg.quantity) for leg in order.legs]


def test_legs_wait_for_the_whole_of_their_parent(traded):
    order = bracket(traded)
    assert states(order) == [("PendingNew", 1), ("PendingNew", 1)]
    traded.enter("bob", "sell", "0.4", "100")
    assert states(order) == [("PendingNew", 1), ("PendingNew", 1)]
    traded.enter("bob", "sell", "0.6", "100")
    assert order.status == "Filled"
    assert states(order) == [("New", 1), ("New", 1)]
    assert [leg.parent_id for leg in order.legs] == [order.id, order.id]
    assert [leg.side for leg in order.legs] == ["sell", "sell"]
    assert traded.held("ann") == {"BTC": 1}


def test_pending_legs_hold_nothing_and_trade_nothing(traded):
    bracket(traded, price="94")
    assert traded.held("ann") == {"USDT": Decimal("94.0658")}
    traded.enter("bob", "sell", "5", "95")
    assert traded.venue.fills("ann") == []


def test_parent_at_market_begins_its_legs_at_once(traded):
    order = bracket(traded, price=None)
    assert order.status == "Filled"
    assert states(order) == [("New", 1), ("New", 1)]


def test_profit_taken_cancels_the_loss_and_the_other_way_round(traded):
    taken, stopped = bracket(traded, price=None), bracket(traded, price=None)
    gain, loss_ = taken.legs
    assert traded.venue.fill_by_house("ann", gain.id, None, 2) is not None
    assert (gain.status, loss_.status) == ("Filled", "Canceled")
    assert loss_.reason == "one_cancels_the_other"
    traded.enter("bob", "sell", "5", "95")
    gain, loss_ = stopped.legs
    assert loss_.status == "New"
    traded.enter("cat", "buy", "2", "90")
    traded.enter("bob", "sell", "1", "90")
    assert (gain.status, loss_.status) == ("Canceled", "Filled")


def test_part_of_the_profit_shrinks_the_loss(traded):
    gain, loss_ = bracket(traded, price=None).legs
    traded.venue.fill_by_house("ann", gain.id, Decimal("0.3"), 2)
    assert (loss_.status, loss_.quantity) == ("New", Decimal("0.7"))
    assert traded.held("ann") == {"BTC": Decimal("0.7")}


def test_part_of_the_profit_ends_the_loss_where_the_venue_says_so(open_pit):
    pit = lay(open_pit(partial_oco="cancel"))
    gain, loss_ = bracket(pit, price=None).legs
    pit.venue.fill_by_house("ann", gain.id, Decimal("0.3"), 2)
    assert (gain.status, loss_.status) == ("PartiallyFilled", "Canceled")


@pytest.mark.parametrize("filled", ["0", "0.4"])
def test_parent_canceled_takes_its_legs_with_it(traded, filled):
    order = bracket(traded)
    if filled != "0":
        traded.enter("bob", "sell", filled, "100")
    traded.venue.cancel("ann", order.id, 3)
    assert [leg.status for leg in order.legs] == ["Canceled", "Canceled"]
    assert traded.venue.open_orders("ann") == []
    assert traded.held("ann") == {}


def test_parent_that_expires_in_part_leaves_exits_for_that_part(traded):
    order = bracket(traded, price=None, quantity="9")
    assert (order.status, order.cumulative_quantity) == ("Expired", 5)
    assert states(order) == [("New", 5), ("New", 5)]


def test_legs_follow_a_parent_that_is_replaced(traded):
    order = bracket(traded, price="99.5")
    traded.venue.replace("ann", order.id, quantity=Decimal(2), now_ns=2)
    assert states(order) == [("PendingNew", 2), ("PendingNew", 2)]
    assert {leg.parent_id for leg in order.legs} == {order.id}


def test_pending_leg_can_be_replaced_but_for_its_quantity(traded):
    _, loss_ = bracket(traded, price="99.5").legs
    traded.venue.replace("ann", loss_.id, stop_price=Decimal(91), now_ns=2)
    assert (loss_.stop_price, loss_.status) == (91, "PendingNew")
    same = loss_.quantity  # some say all of an order again, whatever changes
    traded.venue.replace("ann", loss_.id, quantity=same, stop_price=Decimal(92), now_ns=2)
    assert loss_.stop_price == 92
    with pytest.raises(Refused, match="follows its group"):
        traded.venue.replace("ann", loss_.id, quantity=Decimal(3), now_ns=2)


def test_leg_canceled_alone_ends_its_rival_and_leaves_the_parent(traded):
    order = bracket(traded, price="99.5")
    gain, loss_ = order.legs
    traded.venue.cancel("ann", gain.id, 2)
    assert (order.status, gain.status, loss_.status) == ("New", "Canceled", "Canceled")


def test_stop_that_was_passed_before_it_began_triggers_at_once(traded):
    order = traded.enter("ann", "buy", "1", attached=(loss("104"),))
    (stop,) = order.legs
    assert (order.status, stop.status) == ("Filled", "Filled")
    assert [fill.price for fill in traded.venue.fills("ann")] == [101, 99]


def test_trades_before_a_leg_began_do_not_trigger_it(traded):
    order = traded.enter("ann", "sell", "4", attached=(loss("98.5"),))
    # It sold from 99 down to 96 and only then was there a stop, which buys at 98.5.
    assert (order.status, states(order)) == ("Filled", [("New", 4)])


def test_leg_that_cannot_be_paid_is_rejected_and_said(open_pit):
    pit = lay(open_pit())
    order = pit.enter("ann", "buy", "1", "100", attached=(loss("90"),))
    pit.venue.withdraw("ann", "BTC", Decimal(10**6), 2)
    pit.enter("bob", "sell", "0.5", "100")
    pit.enter("ann", "sell", "0.5", "106")
    pit.enter("bob", "sell", "0.5", "100")
    assert (order.legs[0].status, order.legs[0].reason) == (
        "Rejected",
        "insufficient_funds",
    )


def test_oco_is_live_at_once_and_held_once(traded):
    order = traded.enter(
        "ann", "sell", "2", "110", attached=(loss("90", "89"),), contingency=OCO
    )
    (stop,) = order.legs
    assert (order.status, stop.status, stop.side) == ("New", "New", "sell")
    assert traded.held("ann") == {"BTC": 2}
    traded.enter("bob", "sell", "5", "95")
    traded.enter("cat", "buy", "3", "90")
    traded.enter("bob", "sell", "1", "90")
    assert (order.status, order.reason) == ("Canceled", "one_cancels_the_other")
    assert stop.status == "Filled"


def test_oco_buy_holds_what_the_dearer_of_the_two_needs(traded):
    order = traded.enter("ann", "buy", "1", "90", attached=(loss("110"),), contingency=OCO)
    assert traded.held("ann") == {"USDT": Decimal("110.077")}
    traded.venue.cancel("ann", order.id, 2)
    assert traded.held("ann") == {}
    assert order.legs[0].status == "Canceled"


def test_oco_that_fills_at_once_leaves_no_stop(traded):
    order = traded.enter("ann", "sell", "1", "99", attached=(loss("95"),), contingency=OCO)
    assert (order.status, order.legs[0].status) == ("Filled", "Canceled")


def test_cancel_all_ends_every_order_of_a_group_once(traded):
    bracket(traded, price="99.5")
    traded.enter("ann", "sell", "2", "110", attached=(loss("90"),), contingency=OCO)
    ended = traded.venue.cancel_all("ann", 4)
    assert len(ended) == 5
    canceled = [it.number for name, it in traded.ear.orders if it.status == "Canceled"]
    assert sorted(canceled) == sorted(it.number for it in ended)


def test_derivative_exits_only_reduce(open_pit):
    pit = open_pit()
    perp = {"symbol": "BTC/USDT:USDT"}
    pit.enter("bob", "sell", "50", "100", **perp)
    order = bracket(pit, price=None, quantity="10", **perp)
    assert states(order) == [("New", 10), ("New", 10)]
    assert all(leg.reduces for leg in order.legs)
    pit.enter("cat", "buy", "10", "99", **perp)
    pit.enter("ann", "sell", "10", **perp)
    gain, loss_ = order.legs
    assert (gain.status, gain.reason) == ("Canceled", "reduce_only")
    assert loss_.status == "Canceled"


@pytest.mark.parametrize(("side", "leg"), [("buy", "long"), ("sell", "short")])
def test_exits_close_the_side_of_a_hedge_that_their_parent_opened(hedge_pit, side, leg):
    perp = {"symbol": "BTC/USDT:USDT", "position_side": PositionSide(leg)}
    maker, theirs = ("sell", "short") if side == "buy" else ("buy", "long")
    opposite = {**perp, "position_side": PositionSide(theirs)}
    hedge_pit.enter("bob", maker, "50", "100", **opposite)
    order = bracket(hedge_pit, side, None, "10", **perp)
    assert states(order) == [("New", 10), ("New", 10)]
    assert {it.position_side for it in order.legs} == {PositionSide(leg)}
    assert all(it.reduces for it in order.legs)


@pytest.mark.parametrize(
    ("side", "price", "more", "code"),
    [
        ("buy", "100", {"attached": (profit("90"),)}, "stop_price"),
        ("buy", "100", {"attached": (loss("110"),)}, "stop_price"),
        ("sell", "100", {"attached": (profit("110"),)}, "stop_price"),
        ("buy", None, {"attached": (profit("90"), loss("95"))}, "stop_price"),
        ("buy", "100", {"attached": (profit("110"), profit("120"))}, "bad_request"),
        ("buy", "100", {"attached": (loss("90"), loss("80"))}, "bad_request"),
        ("buy", "100", {"attached": (LegForm(),)}, "bad_request"),
        ("buy", "100", {"attached": (profit("110.3"),)}, "bad_tick"),
        (
            "buy",
            "100",
            {"attached": (profit("110"),), "time_in_force": TimeInForce.IOC},
            "bad_request",
        ),
        ("sell", None, {"attached": (loss("90"),), "contingency": OCO}, "bad_request"),
        ("sell", "110", {"attached": (profit("90"),), "contingency": OCO}, "bad_request"),
        ("sell", "110", {"attached": (loss("120"),), "contingency": OCO}, "stop_price"),
        ("sell", "110", {"attached": (loss("101"),), "contingency": OCO}, "stop_price"),
    ],
)
def test_group_that_makes_no_sense_is_refused_whole(traded, side, price, more, code):
    with pytest.raises(Refused) as refused:
        traded.enter("ann", side, "1", price, **more)
    assert refused.value.code == code
    assert traded.venue.orders("ann") == []
    assert traded.held("ann") == {}


def test_client_order_id_of_a_leg_counts_as_used(traded):
    named = LegForm(stop_price=Decimal(90), client_order_id="stop-1")
    traded.enter("ann", "buy", "1", "99.5", attached=(named,))
    with pytest.raises(Refused, match="duplicate"):
        traded.enter("ann", "buy", "1", "99.5", attached=(named,))
    assert len(traded.venue.orders("ann")) == 2


STEPS = st.lists(
    st.tuples(
        st.sampled_from(["bracket", "oco", "sell", "buy", "cancel", "house"]),
        st.integers(91, 109),
        st.integers(1, 4),
    ),
    min_size=1,
    max_size=30,
)


@settings(max_examples=80, deadline=None)
@given(steps=STEPS, rule=st.sampled_from(["shrink", "cancel"]))
def test_exits_never_sell_more_than_their_group(open_pit, steps, rule):
    pit = lay(open_pit(partial_oco=rule))
    for verb, price, count in steps:
        alive = pit.venue.open_orders("ann")
        try:
            if verb == "bracket":
                bracket(pit, price=str(price), quantity=str(count))
            elif verb == "oco":
                stop = loss(str(price - 5))
                pit.enter(
                    "ann", "sell", str(count), "109.5", attached=(stop,), contingency=OCO
                )
            elif verb == "cancel" and alive:
                pit.venue.cancel("ann", alive[price % len(alive)].id, 2)
            elif verb == "house" and alive:
                pit.venue.fill_by_house("ann", alive[price % len(alive)].id, None, 2)
            elif verb in ("sell", "buy"):
                pit.enter("bob" if verb == "sell" else "cat", verb, str(count), str(price))
        except Refused:
            pass
    for order in pit.venue.orders("ann"):
        if not order.legs:
            continue
        exits = list(order.legs)
        if order.contingency is OCO:
            exits.append(order)
            most = max(it.quantity for it in exits)
        else:
            most = order.cumulative_quantity
        assert sum(it.cumulative_quantity for it in exits) <= most
        pending = [it for it in exits if it.status is OrderStatus.PENDING_NEW]
        assert not (order.is_done and pending)
        started = [it for it in exits if not it.is_done and not it.is_pending]
        sprung = [it for it in started if it.has_triggered]
        assert not sprung or len(started) == 1
    for _, total, held in pit.venue.balances("ann"):
        assert 0 <= held <= total
