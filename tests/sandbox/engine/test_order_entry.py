"""What is refused, with which code, and that a refusal does nothing."""

from copy import deepcopy
from dataclasses import replace
from decimal import Decimal

import pytest

from crossdock.model import OrderStatus, OrderType, PositionSide, TimeInForce
from crossdock.sandbox.engine import Refused

PERP = "BTC/USDT:USDT"
DAY_NS = 86_400 * 10**9

REFUSALS = [
    ("bad_request", "buy", "1", None, {"client_order_id": "no spaces"}),
    ("bad_request", "buy", "1", None, {"client_order_id": ""}),
    ("bad_request", "buy", "1", None, {"client_order_id": "x" * 37}),
    ("bad_request", "buy", "0", "100", {}),
    ("bad_request", "buy", "-1", "100", {}),
    ("bad_request", "buy", "NaN", "100", {}),
    ("bad_request", "buy", "1", "-100", {}),
    ("bad_request", "buy", "1", "Infinity", {}),
    ("bad_request", "buy", "1", "100", {"type": OrderType.MARKET}),
    ("bad_request", "buy", "1", None, {"type": OrderType.LIMIT}),
    ("bad_request", "buy", "1", "100", {"type": OrderType.STOP_LIMIT}),
    ("bad_request", "buy", "1", "100", {"time_in_force": TimeInForce.GTD}),
    ("bad_request", "buy", "1", "100", {"expire_time_ns": 5}),
    (
        "bad_request",
        "buy",
        "1",
        "100",
        {"time_in_force": TimeInForce.GTD, "expire_time_ns": 1},
    ),
    ("bad_request", "buy", "1", None, {"post_only": True}),
    (
        "bad_request",
        "buy",
        "1",
        "90",
        {"post_only": True, "time_in_force": TimeInForce.IOC},
    ),
    ("bad_request", "buy", "1", "100", {"reduce_only": True}),
    ("bad_request", "buy", "1", "100", {"position_side": PositionSide.LONG}),
    (
        "bad_request",
        "buy",
        "1",
        "100",
        {"symbol": PERP, "position_side": PositionSide.LONG},
    ),
    ("unknown_symbol", "buy", "1", "100", {"symbol": "DOGE/USDT"}),
    ("bad_tick", "buy", "1", "100.3", {}),
    ("bad_tick", "buy", "1", "1e30", {}),
    ("bad_tick", "buy", "1", "90", {"stop": "100.7"}),
    ("bad_lot", "buy", "1.0005", "100", {}),
    ("bad_lot", "buy", "1e-40", "100", {}),
    ("bad_lot", "buy", "1e25", "100", {"symbol": PERP}),
    ("min_quantity", "buy", "0.001", "100", {}),
    ("max_quantity", "buy", "1000.001", "100", {}),
    ("max_quantity", "buy", "1e300", "100", {}),
    ("min_notional", "buy", "0.002", "100", {}),
    ("insufficient_funds", "buy", "1000", "5000", {}),
    ("would_cross", "buy", "1", "101", {"post_only": True}),
    ("fok_unfillable", "buy", "3", "101", {"time_in_force": TimeInForce.FOK}),
    ("reduce_only", "sell", "1", "99", {"symbol": PERP, "reduce_only": True}),
    ("stop_price", "buy", "1", None, {"stop": "100"}),
    ("stop_price", "sell", "1", None, {"stop": "100"}),
]


@pytest.fixture
def quoted(pit):
    """A market with last price 100, best bid 99 and best ask 101 for 1 each."""
    pit.enter("bob", "sell", "0.1", "100")
    pit.enter("cat", "buy", "0.1", "100")
    pit.enter("bob", "sell", "1", "101")
    pit.enter("bob", "buy", "1", "99")
    return pit


def state(pit):
    venue = pit.venue
    return deepcopy(
        [
            (venue.balances(name), venue.positions(name), venue.fills(name))
            for name in venue.accounts
        ]
        + [venue.book(symbol, 100) for symbol in venue.markets]
        + [len(pit.ear.orders), len(pit.ear.changes), len(pit.ear.trades)]
    )


@pytest.mark.parametrize(("code", "side", "quantity", "price", "more"), REFUSALS)
def test_refused_order_changes_nothing(quoted, code, side, quantity, price, more):
    before = state(quoted)
    form = quoted.form(side, quantity, price, **more)
    with pytest.raises(Refused) as refusal:
        quoted.venue.submit("ann", form, 1)
    assert refusal.value.code == code
    assert refusal.value.message
    assert state(quoted) == before
    assert quoted.venue.orders("ann") == []


def test_refused_client_order_id_may_be_used_again(quoted):
    form = quoted.form("buy", "1", "100.3")
    with pytest.raises(Refused, match="bad_tick"):
        quoted.venue.submit("ann", form, 1)
    good = replace(form, limit_price=Decimal(100))
    assert quoted.venue.submit("ann", good, 1).status is OrderStatus.NEW


@pytest.mark.parametrize("is_done", [False, True])
def test_client_order_id_is_unique_for_ever_in_its_account_only(pit, is_done):
    form = pit.form("buy", "1", "99")
    first = pit.venue.submit("ann", form, 1)
    if is_done:
        pit.venue.cancel("ann", first.id, 1)
    with pytest.raises(Refused) as refusal:
        pit.venue.submit("ann", form, 2)
    assert refusal.value.code == "duplicate_client_order_id"
    assert refusal.value.order is first
    assert pit.venue.submit("bob", form, 2).client_order_id == form.client_order_id


@pytest.mark.parametrize(
    ("time_in_force", "quantity", "status", "filled", "rests"),
    [
        ("GTC", "1", "Filled", "1", False),
        ("GTC", "3", "PartiallyFilled", "1", True),
        ("DAY", "3", "PartiallyFilled", "1", True),
        ("IOC", "1", "Filled", "1", False),
        ("IOC", "3", "Expired", "1", False),
        ("FOK", "1", "Filled", "1", False),
    ],
)
def test_time_in_force_decides_what_happens_to_the_rest(
    quoted, time_in_force, quantity, status, filled, rests
):
    order = quoted.enter(
        "ann", "buy", quantity, "101", time_in_force=TimeInForce(time_in_force)
    )
    assert (order.status, order.cumulative_quantity) == (status, Decimal(filled))
    assert (order in quoted.venue.open_orders("ann")) is rests
    assert bool(quoted.held("ann")) is rests


def test_market_order_expires_with_what_the_book_cannot_fill(quoted):
    order = quoted.enter("ann", "sell", "3")
    assert order.status is OrderStatus.EXPIRED
    assert order.cumulative_quantity == 1
    assert quoted.enter("ann", "sell", "3").cumulative_quantity == 0


def test_day_order_expires_at_midnight_and_gtd_at_its_time(pit):
    late = 5 * DAY_NS + 1000
    day = pit.enter("ann", "buy", "1", "99", now_ns=late, time_in_force=TimeInForce.DAY)
    gtd = pit.enter(
        "ann",
        "buy",
        "1",
        "98",
        now_ns=late,
        time_in_force=TimeInForce.GTD,
        expire_time_ns=late + 50,
    )
    stop = pit.enter(
        "ann",
        "buy",
        "1",
        now_ns=late,
        stop="120",
        time_in_force=TimeInForce.DAY,
    )
    pit.venue.advance(late + 49)
    assert gtd.status is OrderStatus.NEW
    pit.venue.advance(late + 50)
    assert gtd.status is OrderStatus.EXPIRED
    pit.venue.advance(6 * DAY_NS - 1)
    assert [day.status, stop.status] == [OrderStatus.NEW] * 2
    pit.venue.advance(6 * DAY_NS)
    assert [day.status, stop.status] == [OrderStatus.EXPIRED] * 2
    assert pit.venue.open_orders("ann") == []
    assert not pit.held("ann")
    assert pit.ear.books["BTC/USDT", "bids"] == {}


def test_day_order_entered_at_midnight_lives_a_whole_day(pit):
    order = pit.enter("ann", "buy", "1", "99", now_ns=DAY_NS, time_in_force=TimeInForce.DAY)
    pit.venue.advance(2 * DAY_NS - 1)
    assert not order.is_done


def test_taker_gets_the_resting_price_and_both_sides_their_fees(quoted):
    quoted.enter("ann", "buy", "1", "105")
    taken, made = quoted.venue.fills("ann")[0], quoted.venue.fills("bob")[-1]
    assert (taken.price, taken.fee, taken.fee_asset) == (101, Decimal("0.0707"), "USDT")
    assert (taken.liquidity, made.liquidity) == ("taker", "maker")
    assert made.fee == Decimal("-0.00505")
    assert quoted.cash("ann")["USDT"] == Decimal(1000000) - 101 - Decimal("0.0707")
    assert quoted.cash("ann")["BTC"] == Decimal(1000001)


def test_spot_order_holds_what_it_may_cost_until_it_is_done(pit):
    buy = pit.enter("ann", "buy", "2", "100")
    assert pit.held("ann") == {"USDT": Decimal(200) * Decimal("1.0007")}
    pit.enter("bob", "sell", "0.5", "100")
    assert pit.held("ann") == {"USDT": Decimal(150) * Decimal("1.0007")}
    pit.venue.cancel("ann", buy.id, 2)
    assert pit.held("ann") == {}
    pit.enter("ann", "sell", "3", "120")
    assert pit.held("ann") == {"BTC": Decimal(3)}


def test_cancel_and_lookup_take_any_id_of_the_chain(pit):
    order = pit.enter("ann", "buy", "1", "99")
    first = order.id
    pit.venue.replace("ann", first, quantity=Decimal(2), now_ns=2)
    found = [
        pit.venue.find("ann", order_id=first),
        pit.venue.find("ann", order_id=order.id),
        pit.venue.find("ann", client_order_id=order.client_order_id),
    ]
    assert found == [order] * 3
    pit.venue.cancel("ann", first, 3)
    assert order.status is OrderStatus.CANCELED
    with pytest.raises(Refused) as refusal:
        pit.venue.cancel("ann", first, 3)
    assert (refusal.value.code, refusal.value.order) == ("order_done", order)
    with pytest.raises(Refused, match="unknown_order"):
        pit.venue.cancel("bob", first, 3)


def test_cancel_all_ends_every_order_of_one_account(pit):
    mine = [
        pit.enter("ann", "buy", "1", "99"),
        pit.enter("ann", "buy", "1", stop="120"),
        pit.enter("ann", "buy", "1", "99", symbol=PERP),
    ]
    other = pit.enter("bob", "buy", "1", "99")
    assert pit.venue.cancel_all("ann", 2) == mine
    assert {order.status for order in mine} == {OrderStatus.CANCELED}
    assert pit.venue.open_orders("bob") == [other]
    assert pit.venue.cancel_all("ann", 3) == []


def test_fill_is_reported_before_the_order_that_shows_it(pit):
    told = []
    ear = pit.ear
    ear.order_changed = lambda account, order: told.append(
        (account, order.status.value, order.cumulative_quantity)
    )
    ear.filled = lambda account, fill: told.append((account, "fill", fill.quantity))
    pit.enter("ann", "buy", "1", "99")
    pit.enter("bob", "sell", "3", "99")
    assert told == [
        ("ann", "New", 0),
        ("bob", "New", 0),
        ("ann", "fill", 1),
        ("ann", "Filled", 1),
        ("bob", "fill", 1),
        ("bob", "PartiallyFilled", 1),
    ]


def test_house_fills_a_resting_order_past_the_queue(pit):
    pit.enter("bob", "buy", "5", "99")
    order = pit.enter("ann", "buy", "2", "99")
    fill = pit.venue.fill_by_house("ann", order.id, Decimal("0.5"), 2)
    assert (fill.quantity, fill.price, fill.liquidity) == (Decimal("0.5"), 99, "maker")
    assert order.status is OrderStatus.PARTIALLY_FILLED
    assert pit.venue.fill_by_house("ann", order.id, None, 3).quantity == Decimal("1.5")
    assert order.status is OrderStatus.FILLED
    assert pit.venue.fill_by_house("ann", order.id, None, 3) is None
    assert pit.venue.book("BTC/USDT", 5)[1] == [(99, 5)]


def test_same_seed_and_orders_give_the_same_everything(open_pit):
    def run():
        pit = open_pit()
        pit.enter("ann", "buy", "2", "99")
        pit.enter("bob", "sell", "1", "98")
        return (
            [order.id for order in pit.venue.orders("ann")],
            pit.ear.fills,
            pit.ear.trades,
        )

    assert run() == run()


def test_new_ticks_bind_new_orders_and_leave_old_ones(pit):
    old = pit.enter("ann", "buy", "1", "99.5")
    market = pit.venue.tick_change("BTC/USDT", ((Decimal(0), Decimal(1)),), 2)
    assert market.version == 2
    assert pit.ear.markets == [market]
    assert pit.venue.markets["BTC/USDT"] == market
    with pytest.raises(Refused, match="bad_tick"):
        pit.enter("ann", "buy", "1", "98.5")
    assert not old.is_done
    pit.enter("bob", "sell", "1", "99")
    assert pit.venue.fills("ann")[0].price == Decimal("99.5")


def test_tick_follows_the_band_a_price_lies_in(open_pit, spot_market):
    banded = replace(
        spot_market,
        ticks=((Decimal(0), Decimal("0.1")), (Decimal(100), Decimal(5))),
    )
    pit = open_pit(banded)
    pit.enter("ann", "buy", "1", "99.9")
    pit.enter("ann", "buy", "1", "105")
    with pytest.raises(Refused, match="bad_tick"):
        pit.enter("ann", "buy", "1", "101")


def test_manual_order_needs_no_client_order_id(pit):
    form = replace(pit.form("buy", "1", "99"), client_order_id="")
    order = pit.venue.manual_order("ann", form, 1)
    assert order.client_order_id
    assert pit.venue.find("ann", client_order_id=order.client_order_id) is order


def test_deposit_and_withdrawal_are_events(pit):
    pit.venue.deposit("ann", "EUR", Decimal("5.5"), 1)
    pit.venue.withdraw("ann", "EUR", Decimal(2), 2)
    assert [(e.kind.value, e.amount) for e in pit.venue.events("ann")] == [
        ("deposit", Decimal("5.5")),
        ("withdrawal", Decimal(-2)),
    ]
    assert pit.cash("ann")["EUR"] == Decimal("3.5")
    pit.enter("ann", "buy", "9", "100000")
    with pytest.raises(Refused, match="insufficient_funds"):
        pit.venue.withdraw("ann", "USDT", Decimal(100000), 3)
    assert [event for _, event in pit.ear.events] == pit.venue.events("ann")
