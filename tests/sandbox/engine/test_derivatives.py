"""Positions of linear and inverse perpetuals, hedge mode, funding and liquidation."""

from decimal import Decimal

import pytest

from crossdock.model import PositionSide, TimeInForce
from crossdock.sandbox.engine import Refused

LINEAR = "BTC/USDT:USDT"
INVERSE = "BTC/USD:BTC"


def trade(pit, symbol, side, quantity, price, **more):
    """Let ann trade with bob at a price."""
    other = "sell" if side == "buy" else "buy"
    hedged = {}
    if "position_side" in more:
        hedged = {
            "position_side": PositionSide.LONG if other == "buy" else PositionSide.SHORT
        }
    pit.enter("bob", other, quantity, price, symbol=symbol, **hedged)
    return pit.enter("ann", side, quantity, price, symbol=symbol, **more)


def position(pit, account="ann"):
    (only,) = pit.venue.positions(account)
    return only


STEPS = [
    # symbol, trades, quantity, entry price, realised P&L
    (LINEAR, [("buy", 10, 100), ("buy", 30, 200)], 40, "175", "0"),
    (LINEAR, [("buy", 10, 100), ("sell", 4, 150)], 6, "100", "2"),
    (LINEAR, [("buy", 10, 100), ("sell", 10, 150)], 0, None, "5"),
    (LINEAR, [("buy", 10, 100), ("sell", 15, 150)], -5, "150", "5"),
    (LINEAR, [("sell", 10, 100), ("buy", 4, 90)], -6, "100", "0.4"),
    (LINEAR, [("sell", 10, 100), ("buy", 25, 80)], 15, "80", "2"),
    (INVERSE, [("buy", 10, 100), ("buy", 10, 400)], 20, "160", "0"),
    (INVERSE, [("buy", 10, 100), ("sell", 4, 200)], 6, "100", "0.2"),
    (INVERSE, [("sell", 10, 100), ("buy", 10, 200)], 0, None, "-0.5"),
    (INVERSE, [("sell", 10, 200), ("buy", 20, 100)], 10, "100", "0.5"),
]


@pytest.mark.parametrize(("symbol", "trades", "quantity", "entry", "realized"), STEPS)
def test_position_averages_and_realises(pit, symbol, trades, quantity, entry, realized):
    for side, count, price in trades:
        trade(pit, symbol, side, str(count), str(price))
    it = position(pit)
    assert it.quantity == quantity
    assert it.entry_price == (None if entry is None else Decimal(entry))
    assert it.realized_pnl == Decimal(realized)
    fees = sum(fill.fee for fill in pit.venue.fills("ann"))
    assert pit.cash("ann")[it.settle] == 1000000 + Decimal(realized) - fees


def test_order_margin_is_held_only_for_what_opens(open_pit):
    pit = open_pit(balance="100")
    order = pit.enter("ann", "buy", "100", "100", symbol=LINEAR)
    assert pit.held("ann") == {"USDT": Decimal(100) * Decimal("0.1005")}
    pit.enter("bob", "sell", "100", "100", symbol=LINEAR)
    assert order.status == "Filled"
    assert pit.held("ann") == {"USDT": Decimal(10)}
    pit.enter("ann", "sell", "100", "120", symbol=LINEAR)
    assert pit.held("ann") == {"USDT": Decimal(10)}
    with pytest.raises(Refused, match="insufficient_funds"):
        pit.enter("ann", "buy", "1000", "100", symbol=LINEAR)


def test_account_without_margin_can_still_close(open_pit):
    pit = open_pit(balance="101")
    pit.enter("bob", "sell", "999", "100", symbol=LINEAR)
    pit.enter("ann", "buy", "999", "100", symbol=LINEAR)
    pit.enter("bob", "buy", "900", "90", symbol=LINEAR)
    assert pit.enter("ann", "sell", "900", symbol=LINEAR).status == "Filled"


def test_reduce_only_order_stops_at_flat(pit):
    trade(pit, LINEAR, "buy", "10", "100")
    pit.enter("bob", "buy", "50", "100", symbol=LINEAR)
    order = pit.enter("ann", "sell", "30", "100", symbol=LINEAR, reduce_only=True)
    assert (order.cumulative_quantity, order.status) == (10, "Canceled")
    assert order.reason == "reduce_only"
    assert position(pit).quantity == 0


def test_resting_reduce_only_order_ends_with_its_position(pit):
    trade(pit, LINEAR, "buy", "10", "100")
    resting = pit.enter("ann", "sell", "10", "120", symbol=LINEAR, reduce_only=True)
    waiting = pit.enter("ann", "sell", "10", stop="80", symbol=LINEAR, reduce_only=True)
    pit.enter("bob", "buy", "10", "100", symbol=LINEAR)
    pit.enter("ann", "sell", "10", "100", symbol=LINEAR)
    assert (resting.status, resting.reason) == ("Canceled", "reduce_only")
    assert waiting.status == "New"
    pit.enter("bob", "buy", "1", "80", symbol=LINEAR)
    pit.enter("cat", "sell", "1", "80", symbol=LINEAR)
    assert (waiting.status, waiting.reason) == ("Expired", "reduce_only")


def test_resting_reduce_only_order_is_hit_only_as_far_as_it_reduces(pit):
    trade(pit, LINEAR, "buy", "10", "100")
    resting = pit.enter("ann", "sell", "30", "120", symbol=LINEAR, reduce_only=True)
    taker = pit.enter("bob", "buy", "30", "120", symbol=LINEAR)
    assert (resting.status, resting.cumulative_quantity) == ("Canceled", 10)
    assert (taker.status, taker.cumulative_quantity) == ("PartiallyFilled", 10)


def test_hedge_mode_keeps_two_legs(hedge_pit):
    pit = hedge_pit
    trade(pit, LINEAR, "buy", "10", "100", position_side=PositionSide.LONG)
    trade(pit, LINEAR, "sell", "4", "110", position_side=PositionSide.SHORT)
    legs = {it.position_side: it.quantity for it in pit.venue.positions("ann")}
    assert legs == {PositionSide.LONG: 10, PositionSide.SHORT: -4}
    assert {fill.position_side for fill in pit.venue.fills("ann")} == set(legs)


@pytest.mark.parametrize(
    ("code", "side", "position_side"),
    [
        ("bad_request", "buy", PositionSide.NET),
        ("reduce_only", "sell", PositionSide.LONG),
        ("reduce_only", "buy", PositionSide.SHORT),
    ],
)
def test_hedge_mode_refuses_what_names_no_leg_or_closes_nothing(
    hedge_pit, code, side, position_side
):
    with pytest.raises(Refused) as refusal:
        hedge_pit.enter("ann", side, "1", "100", symbol=LINEAR, position_side=position_side)
    assert refusal.value.code == code


def test_hedge_mode_close_never_turns_the_leg(hedge_pit):
    pit = hedge_pit
    trade(pit, LINEAR, "buy", "10", "100", position_side=PositionSide.LONG)
    long_of_cat = {"symbol": LINEAR, "position_side": PositionSide.LONG}
    pit.enter("cat", "buy", "30", "100", **long_of_cat)
    order = pit.enter("ann", "sell", "30", "100", **long_of_cat)
    assert order.cumulative_quantity == 10
    assert order.is_done
    assert {it.quantity for it in pit.venue.positions("ann")} == {0}


@pytest.mark.parametrize(
    ("symbol", "price", "rate", "amount"),
    [
        (LINEAR, "100", "0.001", "-0.01"),
        (LINEAR, "100", "-0.001", "0.01"),
        (INVERSE, "100", "0.001", "-0.001"),
    ],
)
def test_funding_moves_cash_from_longs_to_shorts(pit, symbol, price, rate, amount):
    trade(pit, symbol, "buy", "10", price)
    before = {name: pit.cash(name) for name in ("ann", "bob", "cat")}
    events = pit.venue.funding(symbol, Decimal(rate), 9)
    assert [name for name, _ in events] == ["ann", "bob"]
    (event,) = pit.venue.events("ann")
    assert (event.kind, event.amount, event.symbol) == ("funding", Decimal(amount), symbol)
    assert (event.quantity, event.price, event.time_ns) == (0, None, 9)
    asset = event.asset
    assert pit.cash("ann")[asset] - before["ann"][asset] == Decimal(amount)
    assert pit.cash("bob")[asset] - before["bob"][asset] == -Decimal(amount)
    assert pit.cash("cat") == before["cat"]


def test_liquidation_closes_without_an_order_and_cancels_what_is_open(pit):
    trade(pit, LINEAR, "buy", "10", "100")
    order = pit.enter("ann", "sell", "5", "120", symbol=LINEAR)
    spot = pit.enter("ann", "buy", "1", "50")
    pit.enter("bob", "buy", "1", "80", symbol=LINEAR)
    cash = pit.cash("ann")["USDT"]
    (event,) = pit.venue.liquidate("ann", LINEAR, 9)
    assert (event.kind, event.quantity, event.price) == ("liquidation", -10, 80)
    assert event.amount == -Decimal("0.004")
    assert position(pit).quantity == 0
    assert pit.cash("ann")["USDT"] == cash - 2 - Decimal("0.004")
    assert (order.status, order.reason) == ("Canceled", "liquidation")
    assert spot.status == "New"
    assert len(pit.venue.fills("ann")) == 1
    with pytest.raises(Refused, match="bad_request"):
        pit.venue.liquidate("ann", LINEAR, 10)


def test_liquidation_closes_both_legs_in_hedge_mode(hedge_pit):
    pit = hedge_pit
    trade(pit, LINEAR, "buy", "10", "100", position_side=PositionSide.LONG)
    trade(pit, LINEAR, "sell", "4", "110", position_side=PositionSide.SHORT)
    events = pit.venue.liquidate("ann", LINEAR, 9)
    assert {(e.position_side, e.quantity) for e in events} == {
        (PositionSide.LONG, -10),
        (PositionSide.SHORT, 4),
    }
    assert {it.quantity for it in pit.venue.positions("ann")} == {0}


def test_fok_counts_a_reduce_only_order_only_as_far_as_it_reduces(pit):
    trade(pit, LINEAR, "buy", "10", "100")
    pit.enter("ann", "sell", "8", "120", symbol=LINEAR, reduce_only=True)
    pit.enter("ann", "sell", "8", "121", symbol=LINEAR, reduce_only=True)
    fok = {"symbol": LINEAR, "time_in_force": TimeInForce.FOK}
    with pytest.raises(Refused, match="fok_unfillable"):
        pit.enter("cat", "buy", "11", "121", **fok)
    assert pit.enter("cat", "buy", "10", "121", **fok).status == "Filled"
