"""Approvals, what they reserve, who may pass which checks, and replaces."""

import copy
import pickle
from dataclasses import FrozenInstanceError, replace
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import crossdock
from crossdock.core.risk import Approved, Authority, Mark, NeedsApproval, UnderlyingExposure
from crossdock.core.risk.checks import ALWAYS, EXPOSURE, ORDERLY
from crossdock.errors import RiskRefused
from crossdock.model import OrderType, PositionSide, Side, WriteKind

D = Decimal
SPOT = "BTC/USDT@alpha"
PERPETUAL = "BTC/USDT:USDT@alpha"
SECOND = 1_000_000_000


def reasons(desk, request, **values):
    with pytest.raises(RiskRefused) as caught:
        desk.check(request, **values)
    return [check for check, _ in caught.value.reasons]


# Approvals


def test_an_approval_reserves_in_the_same_step_and_gives_back_when_used(desk):
    approved = desk.check(desk.order(quantity="10"))
    assert approved.kind is WriteKind.SUBMIT
    assert approved.order_id is None
    assert approved.reference_price == 100
    assert desk.reservations.get(approved.approval_id) == approved.reserved
    assert desk.open_exposure("main", PERPETUAL, PositionSide.NET).buy_quantity == 10
    assert desk.free_cash("main", "USDT") == D(100_000) - D(1001)
    assert desk.gate.consume(approved, desk) is approved.request
    assert len(desk.reservations) == 0


@pytest.mark.parametrize(
    ("side", "limit_price", "reference"),
    [(Side.BUY, None, 102), (Side.SELL, None, 100), (Side.BUY, "98", 100)],
)
def test_a_market_purchase_is_valued_at_the_worst_price_else_at_the_mark(
    desk, side, limit_price, reference
):
    desk.depth = D(10)
    approved = desk.check(desk.order(side, "20", limit_price))
    assert approved.reference_price == reference
    assert approved.reserved.notional == 20 * ((limit_price and 98) or reference)


def test_an_approval_is_used_once(desk):
    approved = desk.check(desk.order())
    desk.gate.consume(approved, desk)
    assert approved.is_spent
    with pytest.raises(RiskRefused, match="was used already"):
        desk.gate.consume(approved, desk)


def test_an_approval_expires_at_its_moment_and_not_before(desk):
    early, due, late = (desk.check(desk.order(quantity=q)) for q in ("1", "2", "3"))
    desk.now = early.expires_ns - 1
    desk.gate.consume(early, desk)
    desk.now = due.expires_ns
    with pytest.raises(RiskRefused, match="expired 0 ms ago"):
        desk.gate.consume(due, desk)
    desk.now = late.expires_ns + 2_000_000
    with pytest.raises(RiskRefused, match="expired 2 ms ago"):
        desk.gate.consume(late, desk)


def test_an_expired_approval_gives_its_reservation_back_on_the_next_check(desk):
    desk.set_limits(position_pct=D(10))
    first = desk.check(desk.order(quantity="60"))
    assert reasons(desk, desk.order(quantity="50")) == ["position_size"]
    desk.now = first.expires_ns
    desk.check(desk.order(quantity="50"))
    assert desk.reservations.get(first.approval_id) is None
    assert len(desk.reservations) == 1


def test_expired_approvals_are_counted_when_given_back(desk):
    used, left = (desk.check(desk.order(quantity=q)) for q in ("1", "2"))
    desk.gate.consume(used, desk)
    assert desk.gate.release_expired(left.expires_ns - 1) == 0
    assert desk.gate.release_expired(left.expires_ns) == 1
    assert desk.gate.release_expired(left.expires_ns) == 0


@pytest.mark.parametrize(
    "forge",
    [
        copy.copy,
        copy.deepcopy,
        pickle.dumps,
        lambda approved: replace(approved, request=None),
        lambda approved: Approved(
            **{
                name: getattr(approved, name)
                for name in Approved.__slots__
                if not name.startswith("_")
            },
            stamp=object(),
        ),
    ],
    ids=["copy", "deepcopy", "pickle", "replace", "construct"],
)
def test_an_approval_cannot_be_made_or_multiplied_elsewhere(desk, forge):
    approved = desk.check(desk.order())
    with pytest.raises((TypeError, ValueError)):
        forge(approved)


def test_an_approval_does_not_change(desk):
    approved = desk.check(desk.order())
    with pytest.raises(FrozenInstanceError):
        approved.expires_ns = 0


def test_only_the_gate_seals_approvals():
    source = Path(crossdock.__file__).parent
    texts = {
        path.relative_to(source).as_posix(): path.read_text()
        for path in source.rglob("*.py")
    }
    makers = {name for name, text in texts.items() if "Approved(" in text}
    sealers = {name for name, text in texts.items() if "seal(" in text}
    importers = {name for name, text in texts.items() if "_seal import" in text}
    stampers = {name for name, text in texts.items() if "_STAMP" in text}
    assert makers == {"core/risk/_seal.py"}
    assert sealers == {"core/risk/_seal.py", "core/risk/gate.py"}
    assert importers == {"core/risk/__init__.py", "core/risk/gate.py"}
    assert stampers == {"core/risk/_seal.py"}


# A person's approval


def test_an_order_over_the_approval_limit_waits_for_a_person(desk):
    desk.set_limits(approval_over=D(1000))
    request = desk.order(quantity="10.01")
    waits = desk.check(request)
    assert isinstance(waits, NeedsApproval)
    assert (waits.request, waits.notional) == (request, D("1001.00"))
    assert waits.words == "worth 1001, a person approves above 1000"
    assert len(desk.reservations) == 0
    assert isinstance(desk.check(request, authority=Authority.PERSON), Approved)
    assert isinstance(desk.check(desk.order(quantity="10")), Approved)


def test_a_person_cannot_approve_past_another_limit(desk):
    desk.set_limits(approval_over=D(1000), order_notional_max=D(2000))
    request = desk.order(quantity="21")
    assert reasons(desk, request) == ["order_size"]
    assert reasons(desk, request, authority=Authority.PERSON) == ["order_size"]


# Orders that only reduce

# Position, orders open already, the order, whether it only reduces.
REDUCING = {
    "smaller": ("10", [], Side.SELL, "4", {}, True),
    "all of it": ("10", [], Side.SELL, "10", {}, True),
    "more than it": ("10", [], Side.SELL, "10.01", {}, False),
    "the same way": ("10", [], Side.BUY, "1", {}, False),
    "flat": ("0", [], Side.SELL, "1", {}, False),
    "a short": ("-10", [], Side.BUY, "10", {}, True),
    "with the rest on its way out": ("10", [(Side.SELL, "6")], Side.SELL, "4", {}, True),
    "more than the rest": ("10", [(Side.SELL, "6")], Side.SELL, "4.01", {}, False),
    "beside orders of the other side": (
        "10",
        [(Side.BUY, "6")],
        Side.SELL,
        "10",
        {},
        True,
    ),
    "the long leg": (
        "10",
        [],
        Side.SELL,
        "10",
        {"position_side": PositionSide.LONG},
        True,
    ),
    "adding to the long leg": (
        "10",
        [],
        Side.BUY,
        "1",
        {"position_side": PositionSide.LONG},
        False,
    ),
    "the short leg": (
        "-10",
        [],
        Side.BUY,
        "10",
        {"position_side": PositionSide.SHORT},
        True,
    ),
    "adding to the short leg": (
        "-10",
        [],
        Side.SELL,
        "1",
        {"position_side": PositionSide.SHORT},
        False,
    ),
}


@pytest.mark.parametrize("name", REDUCING)
def test_only_what_reduces_passes_breached_limits(desk, name):
    held, already, side, quantity, values, reduces = REDUCING[name]
    side_of = values.get("position_side", PositionSide.NET)
    desk.hold(PERPETUAL, held, side_of)
    for number, (other_side, other_quantity) in enumerate(already):
        desk.place(desk.order(other_side, other_quantity, **values), key=f"o{number}")
    desk.facts.day_pnl = D(-50_000)
    request = desk.order(side, quantity, **values)
    if reduces:
        assert isinstance(desk.check(request), Approved)
    else:
        assert "daily_loss" in reasons(desk, request)


def breach_everything(desk):
    """Break every exposure limit there is, with a long position of ten to reduce."""
    desk.set_limits(
        daily_loss_pct=D(5),
        position_pct=D(1),
        leverage_max=D(1),
        order_notional_max=D(1),
        order_quantity_max=D("0.1"),
        fat_finger_multiple=D(2),
        fat_finger_equity_pct=D("0.1"),
        max_open_orders=1,
        max_open_orders_total=1,
        denied_symbols=("*",),
        short_allowed=False,
        paper_only=True,
        approval_over=D(1),
        price_collar_bps=D(100),
        stale_after_s=D(1),
    )
    desk.hold(PERPETUAL, "10")
    desk.facts.day_pnl = D(-90_000)
    desk.facts.gross_exposure = D(900_000)
    desk.facts.open_orders = desk.total_orders = 5
    desk.facts.live = True
    desk.facts.day_trades = 9
    desk.facts.equity = D(1000)
    desk.averages[PERPETUAL] = D("0.01")
    desk.cash["USDT"] = D(0)
    desk.allow(day_trade_rule=True)
    desk.marks[PERPETUAL] = Mark(D(100), desk.now - 5 * SECOND)


def test_a_reducing_order_passes_every_exposure_limit(desk):
    breach_everything(desk)
    broken = set(reasons(desk, desk.order(quantity="10")))
    assert broken == {
        "stale_data",
        "symbols",
        "paper_only",
        "daily_loss",
        "order_size",
        "position_size",
        "leverage",
        "fat_finger",
        "buying_power",
        "pattern_day_trader",
        "open_orders",
    }
    assert isinstance(desk.check(desk.order(Side.SELL, "10")), Approved)


def test_a_reducing_market_order_gets_out_without_price_or_rate(desk):
    breach_everything(desk)
    desk.marks.clear()
    desk.rates.clear()
    desk.facts = replace(desk.facts, equity=None, day_pnl=None, gross_exposure=None)
    approved = desk.check(desk.order(Side.SELL, "10", limit_price=None))
    assert (approved.reserved.quantity, approved.reserved.notional) == (10, 0)


@pytest.mark.parametrize(
    ("arrange", "values", "check"),
    [
        (lambda d: setattr(d, "kill", "ann: enough"), {}, "kill_switch"),
        (lambda d: setattr(d, "writable", False), {}, "journal"),
        (lambda d: setattr(d.facts, "quarantine", "away"), {}, "quarantine"),
        (lambda d: None, {"limit_price": "90"}, "price_collar"),
        (lambda d: None, {"limit_price": "100.05"}, "tick"),
        (lambda d: None, {"quantity": "1.005"}, "lot"),
        (
            lambda d: (
                d.allow(can_look_up=False),
                d.doubtful.update({(PERPETUAL, Side.SELL): 1}),
            ),
            {},
            "doubts",
        ),
    ],
)
def test_a_reducing_order_still_obeys(desk, arrange, values, check):
    breach_everything(desk)
    arrange(desk)
    assert reasons(desk, desk.order(**{"side": Side.SELL, **values})) == [check]


def test_a_reducing_order_still_obeys_rate_and_duplicate_window(desk):
    desk.set_limits(orders_per_s=1, duplicate_window_s=D(1))
    desk.hold(PERPETUAL, "10")
    desk.check(desk.order(Side.SELL))
    assert reasons(desk, desk.order(Side.SELL)) == ["order_rate", "duplicate"]


# The kill switch's orders


def test_the_kill_switch_passes_all_but_what_makes_an_order_impossible(desk):
    breach_everything(desk)
    desk.kill = "ann: enough"
    desk.allow(can_look_up=False)
    desk.doubtful[PERPETUAL, Side.SELL] = 1
    flatten = desk.order(Side.SELL, "10", limit_price=None)
    desk.gate.consume(desk.check(flatten, authority=Authority.KILL), desk)
    desk.writable = False
    desk.facts.quarantine = "away"
    assert reasons(desk, flatten, authority=Authority.KILL) == ["journal", "quarantine"]


def test_the_kill_switch_opens_nothing(desk):
    desk.hold(PERPETUAL, "10")
    for request in (desk.order(Side.SELL, "11"), desk.order(Side.BUY, "1")):
        assert reasons(desk, request, authority=Authority.KILL) == ["kill"]


def test_the_classes_of_checks_do_not_overlap():
    every = [*ALWAYS, *ORDERLY, *EXPOSURE]
    assert len(every) == len(set(every))


# Replaces


def replaced(desk, request, working, **values):
    return desk.gate.check_replace(request, working, desk, **values)


def test_a_replace_reserves_the_larger_size_at_both_prices(desk):
    request = desk.order(quantity="10", limit_price="100")
    working = desk.place(request, filled="0")
    approved = replaced(desk, request, working, quantity=D(8), limit_price=D(104))
    assert approved.kind is WriteKind.REPLACE
    assert approved.order_id == "o1"
    assert (approved.request.quantity, approved.request.limit_price) == (8, 104)
    assert (approved.reserved.quantity, approved.reserved.notional) == (10, 1040)
    total = desk.open_exposure("main", PERPETUAL, PositionSide.NET)
    assert (total.buy_quantity, total.buy_notional) == (10, 1040)
    assert desk.reservations.orders("main") == 1
    desk.gate.consume(approved, desk)
    desk.reservations.hold("o1", approved.reserved)
    assert desk.open_exposure("main", PERPETUAL, PositionSide.NET) == total


def test_a_replace_to_a_cheaper_price_stays_reserved_at_the_dearer_one(desk):
    request = desk.order(quantity="10", limit_price="104")
    working = desk.place(request)
    approved = replaced(desk, request, working, quantity=D(12), limit_price=D(100))
    assert (approved.reserved.quantity, approved.reserved.notional) == (12, 1248)


def test_no_total_is_offered_below_what_the_working_order_may_still_fill(desk):
    request = desk.order(quantity="50")
    working = desk.place(request)
    desk.set_limits(position_pct=D(4))
    with pytest.raises(RiskRefused, match="position_size") as caught:
        replaced(desk, request, working, quantity=D(60))
    assert caught.value.allowed_quantity is None


def test_a_replace_does_not_make_the_next_order_a_duplicate(desk):
    desk.set_limits(duplicate_window_s=D(1))
    request = desk.order(quantity="1")
    working = desk.place(request)
    replaced(desk, request, working, quantity=D(2))
    assert isinstance(desk.check(desk.order(quantity="2")), Approved)


def test_a_replace_that_expires_leaves_the_order_as_it_was(desk):
    request = desk.order(quantity="10")
    working = desk.place(request)
    before = desk.open_exposure("main", PERPETUAL, PositionSide.NET)
    approved = replaced(desk, request, working, quantity=D(20))
    assert desk.open_exposure("main", PERPETUAL, PositionSide.NET).buy_quantity == 20
    desk.gate.release_expired(approved.expires_ns)
    assert desk.open_exposure("main", PERPETUAL, PositionSide.NET) == before


def test_a_larger_replace_is_refused_with_the_total_that_would_pass(desk):
    desk.set_limits(position_pct=D(10))
    request = desk.order(quantity="60")
    desk.place(request)
    desk.hold(PERPETUAL, "20")
    part = desk.reservations.get("o1")
    desk.reservations.hold("o1", part._replace(quantity=D(40), notional=D(4000)))
    working = desk.working(request, filled="20")
    with pytest.raises(RiskRefused) as caught:
        replaced(desk, request, working, quantity=D(101))
    [(check, words)] = caught.value.reasons
    assert check == "position_size"
    assert "worth 10100" in words
    assert caught.value.allowed_quantity == "100.00"
    assert replaced(desk, request, working, quantity=D(100)).reserved.quantity == 80


def test_a_replace_that_adds_nothing_at_worst_passes_breached_limits(desk):
    request = desk.order(quantity="10")
    working = desk.place(request)
    desk.facts.day_pnl = D(-50_000)
    replaced(desk, request, working, quantity=D(9))
    replaced(desk, request, working, limit_price=D(99))
    for values in ({"quantity": D(11)}, {"limit_price": D(101)}):
        with pytest.raises(RiskRefused, match="daily_loss"):
            replaced(desk, request, working, **values)


def test_the_order_a_replace_changes_is_counted_once_in_leverage(desk):
    desk.set_limits(leverage_max=D(1))
    request = desk.order(quantity="500")
    working = desk.place(request)
    desk.facts.gross_exposure = D(100_000)
    with pytest.raises(RiskRefused, match="would have 100100 at work") as caught:
        replaced(desk, request, working, quantity=D(501))
    assert caught.value.allowed_quantity == "500.00"


def test_the_order_a_replace_changes_is_counted_once_among_what_moves_together(desk):
    request = desk.order(quantity="50")
    working = desk.place(request)
    desk.set_limits(position_pct=D(10), correlation_max=D("0.7"))
    desk.matrix["BTC"] = {"ETH": 0.9}
    desk.underlyings["ETH"] = UnderlyingExposure(D(5000), D(5000))
    desk.underlyings["BTC"] = UnderlyingExposure(D(5000), D(0))
    with pytest.raises(RiskRefused, match="BTC would be 5100") as caught:
        replaced(desk, request, working, quantity=D(51))
    assert caught.value.allowed_quantity == "50.00"


def test_turning_a_position_counts_its_larger_side_in_leverage(desk):
    desk.set_limits(leverage_max=D(1))
    desk.cash["USDT"] = D(1_000_000)
    desk.hold(PERPETUAL, "-1000")
    desk.facts.gross_exposure = D(100_100)
    with pytest.raises(RiskRefused, match="would have 100100 at work") as caught:
        desk.check(desk.order(quantity="1500"))
    assert caught.value.allowed_quantity == "1000.00"


def test_moving_the_stop_of_a_position_reduces_however_often(desk):
    desk.hold(PERPETUAL, "10")
    stop = desk.order(
        Side.SELL, "10", limit_price=None, stop_price="95", kind=OrderType.STOP
    )
    working = desk.place(stop)
    desk.facts.day_pnl = D(-50_000)
    for price in (96, 97, 98):
        approved = replaced(desk, stop, working, stop_price=D(price))
        desk.gate.consume(approved, desk)


def test_a_replace_obeys_ticks_rates_and_what_was_filled(desk):
    desk.set_limits(orders_per_s=2)
    request = desk.order(quantity="10")
    working = desk.place(request, filled="4")
    for values, check in (
        ({"limit_price": D("100.05")}, "tick"),
        ({"quantity": D(4)}, "numbers"),
        ({"quantity": D(-1)}, "replace"),
    ):
        with pytest.raises(RiskRefused) as caught:
            replaced(desk, request, working, **values)
        assert caught.value.reasons[0][0] == check
    replaced(desk, request, working, quantity=D(9))
    with pytest.raises(RiskRefused, match="order_rate"):
        replaced(desk, request, working, quantity=D(8))


def test_a_venue_without_replace_is_not_asked_to(desk):
    request = desk.order()
    working = desk.place(request)
    desk.allow(can_replace=False)
    with pytest.raises(RiskRefused, match="cancel it instead"):
        replaced(desk, request, working, quantity=D(2))


def test_a_large_replace_waits_for_a_person_and_a_smaller_one_does_not(desk):
    desk.set_limits(approval_over=D(1000))
    request = desk.order(quantity="10")
    working = desk.place(request)
    waits = replaced(desk, request, working, quantity=D(11))
    assert (waits.kind, waits.order_id) == (WriteKind.REPLACE, "o1")
    person = {"quantity": D(11), "authority": Authority.PERSON}
    assert isinstance(replaced(desk, request, working, **person), Approved)
    assert isinstance(replaced(desk, request, working, quantity=D(9)), Approved)


# Properties

lots = st.integers(1, 40_000).map(lambda n: D(n) / 100)
ticks = st.integers(900, 1100).map(lambda n: D(n) / 10)


@settings(max_examples=150, deadline=None)
@given(
    quantity=lots,
    price=ticks,
    side=st.sampled_from(Side),
    name=st.sampled_from(["BTC/USDT@alpha", PERPETUAL, "BTC/USD:BTC@alpha"]),
    held=st.integers(-20_000, 20_000).map(lambda n: D(n) / 100),
    open_quantity=lots,
    open_side=st.sampled_from(Side),
    pct=st.integers(1, 30),
    most=st.integers(1, 20_000),
    cash=st.integers(0, 20_000),
    multiple=st.integers(1, 30),
    mark=ticks,
)
def test_the_allowed_quantity_is_the_largest_that_passes(
    new_desk,
    quantity,
    price,
    side,
    name,
    held,
    open_quantity,
    open_side,
    pct,
    most,
    cash,
    multiple,
    mark,
):
    desk = new_desk()
    desk.hold(name, held)
    desk.cash["BTC"] = desk.cash["USDT"] = D(10**9)
    desk.set_limits()
    desk.rates["BTC"] = mark
    desk.marks[name] = Mark(mark, desk.now)
    desk.place(desk.order(open_side, str(open_quantity), name=name))
    desk.set_limits(
        position_pct=D(pct), order_notional_max=D(most), fat_finger_multiple=D(multiple)
    )
    desk.averages[name] = D("3.333")
    asset = {"BTC/USD:BTC@alpha": "BTC"}.get(name, "USDT")
    desk.cash[asset] = D(cash) + desk.reservations.cash("main", asset)
    request = desk.order(side, str(quantity), str(price), name=name)
    try:
        desk.check(request)
    except RiskRefused as error:
        allowed = error.allowed_quantity
    else:
        return
    if allowed is None:
        with pytest.raises(RiskRefused):
            desk.check(replace(request, quantity=D("0.01")))
        return
    assert D(allowed) < quantity
    assert D(allowed) % D("0.01") == 0
    more = replace(request, quantity=D(allowed) + D("0.01"))
    with pytest.raises(RiskRefused) as caught:
        desk.check(more)
    assert caught.value.allowed_quantity == allowed
    assert desk.check(replace(request, quantity=D(allowed))).request.quantity == D(allowed)
