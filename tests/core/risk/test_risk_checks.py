"""Each check: what passes, what fails and in which words, and the quantity it would allow."""

import re
from decimal import Decimal

import pytest

from crossdock.core.risk import Mark, UnderlyingExposure
from crossdock.errors import RiskRefused
from crossdock.model import (
    MarginMode,
    OrderType,
    PositionSide,
    Side,
    TickBand,
    TimeInForce,
)

D = Decimal
SPOT = "BTC/USDT@alpha"
PERPETUAL = "BTC/USDT:USDT@alpha"
ETHER = "ETH/USDT:USDT@alpha"
INVERSE = "BTC/USD:BTC@alpha"
SECOND = 1_000_000_000


def refusal(desk, request):
    with pytest.raises(RiskRefused) as caught:
        desk.check(request)
    return caught.value


def one_reason(desk, request):
    error = refusal(desk, request)
    [reason] = error.reasons
    return (*reason, error.allowed_quantity)


# What is set up, the order, the check that refuses, words in its reason, allowed quantity.
REFUSED = {
    "loss": (
        lambda d: (
            d.set_limits(daily_loss_pct=D(5)),
            setattr(d.facts, "day_pnl", D(-5000)),
        ),
        {},
        "daily_loss",
        "main lost 5000 today, the limit is 5000 (5 % of 100000)",
        None,
    ),
    "loss unknown": (
        lambda d: (d.set_limits(daily_loss_pct=D(5)), setattr(d.facts, "day_pnl", None)),
        {},
        "daily_loss",
        "the day's result of main is not known",
        None,
    ),
    "position": (
        lambda d: (d.set_limits(position_pct=D(10)), d.hold(PERPETUAL, "40")),
        {"quantity": "60.01"},
        "position_size",
        "worth 10001 with all that is open, the limit is 10000 (10 % of 100000)",
        "60.00",
    ),
    "position at a limit above the mark": (
        lambda d: d.set_limits(position_pct=D(10)),
        {"quantity": "100", "limit_price": "103"},
        "position_size",
        "worth 10300",
        "97.08",
    ),
    "short position": (
        lambda d: (d.set_limits(position_pct=D(10)), d.hold(PERPETUAL, "-40")),
        {"side": Side.SELL, "quantity": "70"},
        "position_size",
        "worth 11000",
        "60.00",
    ),
    "position through zero": (
        lambda d: (d.set_limits(position_pct=D(10)), d.hold(PERPETUAL, "-40")),
        {"quantity": "150"},
        "position_size",
        "worth 11000",
        "140.00",
    ),
    "position of inverse contracts": (
        lambda d: d.set_limits(position_pct=D(10)),
        {"name": INVERSE, "quantity": "101"},
        "position_size",
        "worth 10100",
        "100.00",
    ),
    "equity unknown": (
        lambda d: (d.set_limits(position_pct=D(10)), setattr(d.facts, "equity", None)),
        {},
        "position_size",
        "the equity of main is not known",
        None,
    ),
    "leverage": (
        lambda d: (
            d.set_limits(leverage_max=D(2)),
            setattr(d.facts, "gross_exposure", D(195_000)),
        ),
        {"quantity": "50.01"},
        "leverage",
        "would have 200001 at work on 100000, the limit is 2 times",
        "50.00",
    ),
    "leverage with the position offset": (
        lambda d: (
            d.set_limits(leverage_max=D(1)),
            d.hold(PERPETUAL, "-900"),
            d.cash.update({"USDT": D(1_000_000)}),
            setattr(d.facts, "gross_exposure", D(90_000)),
        ),
        {"quantity": "1900.01"},
        "leverage",
        "would have 100001 at work",
        "1900.00",
    ),
    "order notional": (
        lambda d: d.set_limits(order_notional_max=D(1000)),
        {"quantity": "10.01"},
        "order_size",
        "worth 1001, the limit is 1000",
        "10.00",
    ),
    "notional of a sale far below the market": (
        lambda d: d.set_limits(order_notional_max=D(1000)),
        {"side": Side.SELL, "quantity": "11", "limit_price": "1"},
        "order_size",
        "worth 1100",
        "10.00",
    ),
    "order quantity": (
        lambda d: d.set_limits(order_quantity_max=D("2.005")),
        {"quantity": "3"},
        "order_size",
        "3 is more than 2.005 in one order",
        "2.00",
    ),
    "collar above": (
        lambda d: d.set_limits(price_collar_bps=D(500)),
        {"limit_price": "105.1"},
        "price_collar",
        "105.1 is 510.0 bps from 100, the limit is 500",
        None,
    ),
    "collar below": (
        lambda d: d.set_limits(price_collar_bps=D(500)),
        {"limit_price": "94.9"},
        "price_collar",
        "94.9 is 510.0 bps from 100",
        None,
    ),
    "collar of a stop-limit is about its stop": (
        lambda d: d.set_limits(price_collar_bps=D(500)),
        {"kind": OrderType.STOP_LIMIT, "stop_price": "120", "limit_price": "127"},
        "price_collar",
        "127 is 583.4 bps from 120",
        None,
    ),
    "market order through a thin book": (
        lambda d: (d.set_limits(price_collar_bps=D(500)), setattr(d, "depth", D(10))),
        {"limit_price": None, "quantity": "80"},
        "price_collar",
        "108 is 800.0 bps from 100",
        "54.99",
    ),
    "market order in an unknown book": (
        lambda d: (d.set_limits(price_collar_bps=D(500)), d.unbook()),
        {"limit_price": None},
        "price_collar",
        "the book is too thin to say what 1 at market would cost",
        None,
    ),
    "far from the usual size": (
        lambda d: (
            d.set_limits(fat_finger_multiple=D(20)),
            d.averages.update({PERPETUAL: D("0.105")}),
        ),
        {"quantity": "3"},
        "fat_finger",
        "3 is more than 20 times the usual 0.105",
        "2.10",
    ),
    "a large share of equity": (
        lambda d: d.set_limits(fat_finger_equity_pct=D(25)),
        {"quantity": "251"},
        "fat_finger",
        "one order of 25100 is more than 25000 (25 % of 100000)",
        "250.00",
    ),
    "no price": (
        lambda d: (d.set_limits(), d.marks.clear()),
        {},
        "stale_data",
        "there is no price of BTC/USDT:USDT@alpha",
        None,
    ),
    "old price": (
        lambda d: (
            d.set_limits(stale_after_s=D(2)),
            d.marks.update({PERPETUAL: Mark(D(100), d.now - 2 * SECOND - 1)}),
        ),
        {},
        "stale_data",
        "is 2.001 s old, the limit is 2 s",
        None,
    ),
    "no rate": (
        lambda d: (d.set_limits(), d.rates.clear()),
        {},
        "stale_data",
        (
            "there is no rate from USDT to the reporting currency: with "
            'desk.currency = "USDT" none is needed'
        ),
        None,
    ),
    "cash for a spot purchase and its fee": (
        lambda d: (d.set_limits(), d.cash.update({"USDT": D(1001)})),
        {"name": SPOT, "quantity": "10.01"},
        "buying_power",
        "1002.001 USDT needed with fees, 1001 free",
        "10.00",
    ),
    "cash at the worst price in the book": (
        lambda d: (
            d.set_limits(),
            d.cash.update({"USDT": D(2041)}),
            setattr(d, "depth", D(10)),
        ),
        {"name": SPOT, "quantity": "20", "limit_price": None},
        "buying_power",
        "2042.04 USDT needed with fees, 2041 free",
        "19.98",
    ),
    "coins for a spot sale": (
        lambda d: (d.set_limits(), d.cash.update({"BTC": D("0.999")})),
        {"name": SPOT, "side": Side.SELL},
        "buying_power",
        "1 BTC needed with fees, 0.999 free",
        "0.99",
    ),
    "margin for a contract": (
        lambda d: (
            d.set_limits(),
            d.cash.update({"USDT": D("101")}),
            setattr(d, "margin", D("0.1")),
        ),
        {"quantity": "10.01"},
        "buying_power",
        "101.101 USDT needed",
        "10.00",
    ),
    "margin of a borrowed spot sale": (
        lambda d: (d.set_limits(), d.cash.update({"USDT": D("50"), "BTC": D(0)})),
        {"name": SPOT, "side": Side.SELL, "margin_mode": MarginMode.CROSS},
        "buying_power",
        "100.1 USDT needed",
        "0.49",
    ),
    "cash unknown": (
        lambda d: (d.set_limits(), d.cash.clear()),
        {},
        "buying_power",
        "free USDT of main is not known",
        None,
    ),
    "short": (
        lambda d: (d.set_limits(short_allowed=False), d.hold(PERPETUAL, "1.5")),
        {"side": Side.SELL, "quantity": "2"},
        "short",
        "selling 2 with 1.5 held and not on sale would be short",
        "1.50",
    ),
    "short leg": (
        lambda d: (
            d.set_limits(short_allowed=False),
            d.hold(PERPETUAL, "-3", PositionSide.SHORT),
        ),
        {"side": Side.SELL, "position_side": PositionSide.SHORT},
        "short",
        "would be short",
        None,
    ),
    "day trades": (
        lambda d: (
            d.set_limits(),
            d.allow(day_trade_rule=True),
            setattr(d.facts, "equity", D("24999.99")),
            setattr(d.facts, "day_trades", 3),
        ),
        {},
        "pattern_day_trader",
        "3 day trades in five days with equity 24999.99, below 25000",
        None,
    ),
    "day trades unknown": (
        lambda d: (
            d.set_limits(),
            d.allow(day_trade_rule=True),
            setattr(d.facts, "day_trades", None),
        ),
        {},
        "pattern_day_trader",
        "day trades or equity of main are not known",
        None,
    ),
    "open orders of the account": (
        lambda d: (d.set_limits(max_open_orders=7), setattr(d.facts, "open_orders", 7)),
        {},
        "open_orders",
        "main has 7 open orders, the limit is 7",
        None,
    ),
    "open orders of the desk": (
        lambda d: (d.set_limits(max_open_orders_total=9), setattr(d, "total_orders", 9)),
        {},
        "open_orders",
        "the desk has 9 open orders, the limit is 9",
        None,
    ),
    "symbol not allowed": (
        lambda d: d.set_limits(allowed_symbols=("ETH/*", "BTC/USDT@*")),
        {},
        "symbols",
        "BTC/USDT:USDT@alpha is not among the allowed: ETH/*, BTC/USDT@*",
        None,
    ),
    "symbol denied": (
        lambda d: d.set_limits(denied_symbols=("*:USDT",)),
        {},
        "symbols",
        "BTC/USDT:USDT@alpha is denied by '*:USDT'",
        None,
    ),
    "live account, paper only": (
        lambda d: (d.set_limits(paper_only=True), setattr(d.facts, "live", True)),
        {},
        "paper_only",
        "main is live",
        None,
    ),
    "journal": (
        lambda d: (d.set_limits(), setattr(d, "writable", False)),
        {},
        "journal",
        "only cancels go out",
        None,
    ),
    "quarantine": (
        lambda d: (d.set_limits(), setattr(d.facts, "quarantine", "the venue is away")),
        {},
        "quarantine",
        "main is quarantined: the venue is away",
        None,
    ),
    "kill switch": (
        lambda d: (d.set_limits(), setattr(d, "kill", "ann: enough")),
        {},
        "kill_switch",
        "the kill switch is engaged by ann: enough",
        None,
    ),
    "second doubt without a look-up": (
        lambda d: (
            d.set_limits(),
            d.allow(can_look_up=False),
            d.doubtful.update({(PERPETUAL, Side.BUY): 1}),
        ),
        {},
        "doubts",
        "1 buy order(s) of BTC/USDT:USDT@alpha are in doubt",
        None,
    ),
    "tick": (
        lambda d: d.set_limits(),
        {"limit_price": "100.05"},
        "tick",
        "price 100.05 does not fit its step 0.1: nearest are 100.0 and 100.1",
        None,
    ),
    "tick of the stop": (
        lambda d: d.set_limits(),
        {"kind": OrderType.STOP, "limit_price": None, "stop_price": "100.05"},
        "tick",
        "does not fit its step",
        None,
    ),
    "tick of a higher band": (
        lambda d: (
            d.set_limits(),
            d.list(
                PERPETUAL,
                tick_table=(
                    TickBand(floor=D(0), tick=D("0.1")),
                    TickBand(floor=D(50), tick=D("0.5")),
                ),
            ),
        ),
        {"limit_price": "100.1"},
        "tick",
        "does not fit its step 0.5",
        None,
    ),
    "lot": (
        lambda d: d.set_limits(),
        {"quantity": "1.005"},
        "lot",
        "quantity 1.005 does not fit its step 0.01",
        "1.00",
    ),
    "below the least": (
        lambda d: (d.set_limits(), d.list(PERPETUAL, min_quantity=D("0.1"))),
        {"quantity": "0.05"},
        "lot",
        "0.05 is below the least allowed, 0.1",
        None,
    ),
    "above the most": (
        lambda d: (d.set_limits(), d.list(PERPETUAL, max_quantity=D("2.005"))),
        {"quantity": "3"},
        "lot",
        "above the most allowed, 2.005",
        "2.00",
    ),
    "least notional": (
        lambda d: (d.set_limits(), d.list(PERPETUAL, min_notional=D(10))),
        {"quantity": "0.09"},
        "notional",
        "worth 9 USDT, the venue's least is 10",
        None,
    ),
    "order type": (
        lambda d: (d.set_limits(), d.allow(order_types=frozenset({OrderType.MARKET}))),
        {},
        "order_type",
        "the venue takes no limit orders here",
        None,
    ),
    "time in force": (
        lambda d: (d.set_limits(), d.allow(times_in_force=frozenset({TimeInForce.IOC}))),
        {},
        "order_type",
        "the venue does not take GTC here",
        None,
    ),
    "expired instrument": (
        lambda d: (d.set_limits(), d.list(PERPETUAL, expiry_time_ns=d.now)),
        {},
        "instrument",
        "has expired",
        None,
    ),
    "superseded instrument": (
        lambda d: (d.set_limits(), d.list(PERPETUAL, valid_until_ns=d.now)),
        {},
        "instrument",
        "is not the valid one now",
        None,
    ),
    "instrument of tomorrow": (
        lambda d: (d.set_limits(), d.list(PERPETUAL, valid_from_ns=d.now + 1)),
        {},
        "instrument",
        "is not the valid one now",
        None,
    ),
    "expire time gone": (
        lambda d: d.set_limits(),
        {"time_in_force": TimeInForce.GTD, "expire_time_ns": 999_500_000_000},
        "expire_time",
        "the expire time passed 0.500 s ago",
        None,
    ),
    "reduce-only without a position": (
        lambda d: d.set_limits(),
        {"reduce_only": True},
        "reduce_only",
        "the position is 0: to buy would not reduce it",
        None,
    ),
    "reduce-only the wrong way": (
        lambda d: (d.set_limits(), d.hold(PERPETUAL, "5")),
        {"reduce_only": True},
        "reduce_only",
        "the position is 5: to buy would not reduce it",
        None,
    ),
    "reduce-only more than there is": (
        lambda d: (d.set_limits(), d.hold(PERPETUAL, "5.005")),
        {"side": Side.SELL, "quantity": "6", "reduce_only": True},
        "reduce_only",
        "6 is more than the 5.005 of the position 5.005",
        "5.00",
    ),
    "price that is no number": (
        lambda d: d.set_limits(),
        {"limit_price": "NaN"},
        "numbers",
        "the limit price must be a finite number, got NaN",
        None,
    ),
    "endless quantity": (
        lambda d: d.set_limits(),
        {"quantity": "Infinity"},
        "numbers",
        "the quantity must be a finite number",
        None,
    ),
    "negative price of spot": (
        lambda d: d.set_limits(),
        {"name": SPOT, "limit_price": "-1"},
        "numbers",
        "the limit price must be positive, got -1",
        None,
    ),
    "unlisted instrument": (
        lambda d: (d.set_limits(), d.listed.clear()),
        {},
        "instrument",
        "is not listed",
        None,
    ),
}


@pytest.mark.parametrize("name", REFUSED)
def test_each_check_refuses_in_its_own_words(desk, name):
    arrange, values, check, words, allowed = REFUSED[name]
    arrange(desk)
    found, said, quantity = one_reason(desk, desk.order(**values))
    assert found == check
    assert words in said
    assert quantity == allowed
    assert len(desk.reservations) == 0


WITH_QUANTITY = [name for name, row in REFUSED.items() if row[4] and name != "lot"]


@pytest.mark.parametrize("name", WITH_QUANTITY)
def test_the_allowed_quantity_passes_and_one_lot_more_does_not(desk, name):
    arrange, values, check, _, allowed = REFUSED[name]
    arrange(desk)
    more = D(allowed) + D("0.01")
    if more != desk.order(**values).quantity:
        found, _, again = one_reason(desk, desk.order(**{**values, "quantity": str(more)}))
        assert (found, again) == (check, allowed)
    approved = desk.check(desk.order(**{**values, "quantity": allowed}))
    assert approved.request.quantity == D(allowed)


PASSES = {
    "loss below the limit": (
        lambda d: (
            d.set_limits(daily_loss_pct=D(5)),
            setattr(d.facts, "day_pnl", D("-4999.99")),
        ),
        {},
    ),
    "a day without loss under a limit of nothing": (
        lambda d: d.set_limits(daily_loss_pct=D(0)),
        {},
    ),
    "collar exactly reached": (
        lambda d: d.set_limits(price_collar_bps=D(500)),
        {"limit_price": "105"},
    ),
    "a plain stop far away": (
        lambda d: d.set_limits(price_collar_bps=D(500)),
        {"kind": OrderType.STOP, "limit_price": None, "stop_price": "150"},
    ),
    "no usual size yet": (lambda d: d.set_limits(fat_finger_multiple=D(20)), {}),
    "price exactly as old as allowed": (
        lambda d: (
            d.set_limits(stale_after_s=D(2)),
            d.marks.update({PERPETUAL: Mark(D(100), d.now - 2 * SECOND)}),
        ),
        {},
    ),
    "many day trades with equity enough": (
        lambda d: (
            d.set_limits(),
            d.allow(day_trade_rule=True),
            setattr(d.facts, "equity", D(25_000)),
            setattr(d.facts, "day_trades", 9),
        ),
        {},
    ),
    "two day trades": (
        lambda d: (
            d.set_limits(),
            d.allow(day_trade_rule=True),
            setattr(d.facts, "equity", D(100)),
            setattr(d.facts, "day_trades", 2),
        ),
        {},
    ),
    "many day trades where the rule is not": (
        lambda d: (
            d.set_limits(),
            setattr(d.facts, "equity", D(100)),
            setattr(d.facts, "day_trades", 9),
        ),
        {},
    ),
    "a doubt of the other side": (
        lambda d: (
            d.set_limits(),
            d.allow(can_look_up=False),
            d.doubtful.update({(PERPETUAL, Side.SELL): 1}),
        ),
        {},
    ),
    "any number of doubts where a look-up ends them": (
        lambda d: (d.set_limits(), d.doubtful.update({(PERPETUAL, Side.BUY): 5})),
        {},
    ),
    "paper account, paper only": (lambda d: d.set_limits(paper_only=True), {}),
    "expire time to come": (
        lambda d: d.set_limits(),
        {"time_in_force": TimeInForce.GTD, "expire_time_ns": 1_000_000_000_001},
    ),
    "negative price of a spread": (
        lambda d: (
            d.set_limits(position_pct=D(10)),
            d.marks.update({PERPETUAL: Mark(D("-2"), d.now)}),
        ),
        {"limit_price": "-2.1"},
    ),
    "reduce-only larger than the position where the venue trims": (
        lambda d: (
            d.set_limits(),
            d.hold(PERPETUAL, "5"),
            d.allow(enforces_reduce_only=True),
        ),
        {"side": Side.SELL, "quantity": "6", "reduce_only": True},
    ),
    "every default": (lambda d: None, {}),
}


@pytest.mark.parametrize("name", PASSES)
def test_what_is_within_every_limit_is_approved(desk, name):
    arrange, values = PASSES[name]
    arrange(desk)
    request = desk.order(**values)
    assert desk.check(request).request is request


# Held in ether, the correlation of the two, side of the bitcoin order, allowed quantity.
CORRELATED = {
    "both long": ("9000", 0.71, Side.BUY, "10.00"),
    "both short": ("-9000", 0.71, Side.SELL, "10.00"),
    "opposite bets that move apart": ("-9000", -0.9, Side.BUY, "10.00"),
    "at the threshold": ("9000", 0.7, Side.BUY, None),
    "the other way": ("-9000", 0.71, Side.BUY, None),
    "apart and the same way": ("9000", -0.9, Side.BUY, None),
}


@pytest.mark.parametrize("name", CORRELATED)
def test_correlated_underlyings_share_the_position_limit(desk, name):
    held, value, side, allowed = CORRELATED[name]
    desk.set_limits(position_pct=D(10), correlation_max=D("0.7"))
    desk.underlyings["ETH"] = UnderlyingExposure(D(held), D(held))
    desk.matrix["BTC"] = {"ETH": value}
    request = desk.order(side=side, quantity="20")
    if allowed is None:
        assert desk.check(request).request is request
        return
    check, words, quantity = one_reason(desk, request)
    assert check == "correlation"
    assert "BTC would be 2000, and 9000 of what moves with it is held (ETH" in words
    assert quantity == allowed
    desk.check(desk.order(side=side, quantity="10"))


def test_other_instruments_of_an_underlying_share_the_position_limit(desk):
    desk.set_limits(position_pct=D(10), correlation_max=D("0.7"))
    desk.underlyings["BTC"] = UnderlyingExposure(D(9500), D(9500))
    check, words, allowed = one_reason(desk, desk.order(quantity="6"))
    assert (check, allowed) == ("correlation", "5.00")
    assert "other BTC" in words
    desk.check(desk.order(side=Side.SELL, quantity="6"))


def test_a_changed_correlation_counts_at_once(desk):
    desk.set_limits(position_pct=D(10), correlation_max=D("0.7"))
    desk.underlyings["ETH"] = UnderlyingExposure(D(9500), D(9500))
    desk.matrix["BTC"] = {"ETH": 0.1}
    desk.check(desk.order(quantity="6"))
    desk.matrix["BTC"] = {"ETH": 0.9}
    assert one_reason(desk, desk.order(quantity="7"))[0] == "correlation"


def test_open_orders_count_towards_the_position(desk):
    desk.set_limits(position_pct=D(10))
    desk.place(desk.order(quantity="60"))
    assert one_reason(desk, desk.order(quantity="50"))[2] == "40.00"
    desk.check(desk.order(side=Side.SELL, quantity="100"))


def test_the_rate_of_orders_is_limited_by_second_and_by_minute(desk):
    desk.set_limits(orders_per_s=2, orders_per_minute=4)
    for number in range(4):
        desk.check(desk.order(quantity=f"{number + 1}"))
        desk.now += SECOND // 2
    assert one_reason(desk, desk.order())[:2] == (
        "order_rate",
        "main had its 4 orders of this minute",
    )
    desk.now += 59 * SECOND + SECOND // 2
    desk.marks[PERPETUAL] = Mark(D(100), desk.now)
    desk.check(desk.order(quantity="5"))
    desk.check(desk.order(quantity="6"))
    assert one_reason(desk, desk.order())[1] == "main had its 2 orders of this second"


def test_refused_orders_do_not_use_up_the_rate(desk):
    desk.set_limits(orders_per_s=1, order_quantity_max=D(1))
    for _ in range(3):
        assert one_reason(desk, desk.order(quantity="2"))[0] == "order_size"
    desk.check(desk.order())


@pytest.mark.parametrize(
    ("later_ns", "values", "is_duplicate"),
    [
        (0, {}, True),
        (SECOND - 1, {}, True),
        (SECOND, {}, False),
        (0, {"quantity": "1.01"}, False),
        (0, {"limit_price": "100.1"}, False),
        (0, {"side": Side.SELL}, False),
        (0, {"strategy": "other"}, False),
        (0, {"name": ETHER}, False),
    ],
)
def test_the_same_order_again_is_refused_within_the_window(
    desk, later_ns, values, is_duplicate
):
    desk.set_limits(duplicate_window_s=D(1))
    desk.check(desk.order())
    desk.now += later_ns
    request = desk.order(**values)
    if not is_duplicate:
        desk.check(request)
        return
    check, words, allowed = one_reason(desk, request)
    assert (check, allowed) == ("duplicate", None)
    assert f"sent the same order {later_ns // 1_000_000} ms ago" in words


def test_every_reason_is_given_and_the_smallest_quantity_of_all(desk):
    desk.set_limits(
        position_pct=D(10), order_notional_max=D(9000), order_quantity_max=D(95)
    )
    error = refusal(desk, desk.order(quantity="200"))
    assert [check for check, _ in error.reasons] == [
        "order_size",
        "order_size",
        "position_size",
    ]
    assert error.allowed_quantity == "90.00"
    assert str(error).endswith("(at most 90.00 would pass)")
    desk.facts.quarantine = "away"
    error = refusal(desk, desk.order(quantity="200"))
    assert error.reasons[0][0] == "quarantine"
    assert error.allowed_quantity is None


def test_no_quantity_is_offered_that_the_venue_would_not_take(desk):
    desk.set_limits(order_quantity_max=D("0.5"))
    desk.list(PERPETUAL, min_notional=D(60))
    assert one_reason(desk, desk.order())[2] is None
    desk.list(PERPETUAL, min_notional=D(50))
    assert one_reason(desk, desk.order())[2] == "0.50"


def test_what_nobody_knows_is_refused_by_name(desk):
    error = refusal(desk, desk.order(account="other", name="DOGE/USDT@alpha"))
    assert error.reasons == (
        ("account", "other is not an account here"),
        ("instrument", "DOGE/USDT@alpha is not listed"),
        ("instrument", "other does not trade DOGE/USDT@alpha"),
    )


def test_reasons_tell_amounts_rounded_for_reading(desk):
    desk.set_limits(
        daily_loss_pct=D(5),
        position_pct=D(10),
        leverage_max=D(1),
        fat_finger_multiple=D(20),
        fat_finger_equity_pct=D(25),
        order_notional_max=D(10),
        approval_over=D(1),
    )
    desk.averages.update({PERPETUAL: D(1) / 3})
    desk.facts.equity = desk.facts.day_start_equity = D(1000) / 3
    desk.facts.day_pnl = D(-200) / 3
    desk.facts.gross_exposure = D(1) / 7
    refused = refusal(desk, desk.order(quantity="100"))
    checks = {check for check, _ in refused.reasons}
    assert {"daily_loss", "position_size", "leverage", "fat_finger"} <= checks
    told = " ".join(words for _, words in refused.reasons)
    assert "333.33333333" in told and "the usual 0.33333333" in told
    assert not re.search(r"\.\d{9}", told), told
