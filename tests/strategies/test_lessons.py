"""The worked examples on bars, timers, books and signals."""

import json
from dataclasses import replace
from decimal import Decimal
from math import sin

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crossdock.model import Direction, OrderStatus, OrderType, Quote, Side, TimeInForce
from crossdock.strategies.book_imbalance import BookImbalance
from crossdock.strategies.dca import Dca
from crossdock.strategies.rsi_reversion import RsiReversion
from crossdock.strategies.sma_cross import SmaCross

D = Decimal
SECOND = 1_000_000_000
HOUR, DAY = 3600 * SECOND, 86_400 * SECOND
BTC = "BTC/USDT@alpha"


def restarted(strategy, desk):
    """Make the strategy again from what was journaled of it."""
    again = type(strategy)("mine", strategy.symbols, strategy.params)
    again.resume(json.loads(json.dumps(strategy.snapshot())))
    again.start(desk)
    return again


# ---- sma_cross --------------------------------------------------------------------


def trade_through(toy, closes, desk, **params):
    """Feed closes, filling what was ordered before the next one."""
    strategy = toy.started(SmaCross, desk, fast=2, slow=4, **params)
    for n, close in enumerate(closes):
        desk.fill()
        strategy.take_bar(toy.bar(n, close))
    return strategy


def crossings(closes, fast=2, slow=4):
    """Find by hand where the averages change sides: (bar, above)."""
    found, was = [], None
    for n in range(slow - 1, len(closes)):
        quick = sum(closes[n - fast + 1 : n + 1]) / fast
        calm = sum(closes[n - slow + 1 : n + 1]) / slow
        if quick == calm:
            continue
        if was is not None and was != (quick > calm):
            found.append((n, quick > calm))
        was = quick > calm
    return found


def test_a_cross_upwards_buys_the_share_and_one_downwards_sells_all(toy):
    desk = toy.Desk()
    trade_through(toy, [100, 99, 98, 97, 96, 98, 101, 99, 95, 90], desk, share="0.5")
    bought, sold = desk.requests
    assert (bought.side, bought.type) == (Side.BUY, OrderType.MARKET)
    assert bought.quantity == D(10_000) * D("0.5") / 101 // D("0.001") * D("0.001")
    assert (sold.side, sold.quantity) == (Side.SELL, bought.quantity)


def test_the_first_side_seen_is_no_cross(toy):
    desk = toy.Desk()
    trade_through(toy, [100 + n for n in range(20)], desk)
    assert desk.requests == []


@settings(max_examples=50)
@given(st.lists(st.integers(50, 150), min_size=4, max_size=60), st.booleans())
def test_orders_come_at_the_crossings_and_nowhere_else(toy, closes, short):
    desk = toy.Desk()
    trade_through(toy, closes, desk, short=short)
    expected = [above for _, above in crossings(closes)]
    while not short and expected and not expected[0]:
        expected.pop(0)  # nothing is held yet that could be sold
    assert [request.side is Side.BUY for request in desk.requests] == expected


def test_selling_short_turns_the_position_around(toy):
    desk = toy.Desk()
    trade_through(toy, [100, 101, 102, 103, 100, 96, 100, 106], desk, short=True)
    sold, bought = desk.requests
    assert sold.side is Side.SELL and bought.quantity > sold.quantity
    desk.fill()
    assert desk.holding[BTC] == bought.quantity - sold.quantity > 0


def test_nothing_is_ordered_twice_while_an_order_is_open(toy):
    desk = toy.Desk()
    strategy = toy.started(SmaCross, desk, fast=2, slow=4)
    closes = [100, 99, 98, 97, 99, 102, 98, 94, 90]
    for n, close in enumerate(closes):
        strategy.take_bar(toy.bar(n, close))
    assert len(desk.requests) == 1
    desk.fill()
    strategy.take_bar(toy.bar(len(closes), 89))
    assert [request.side for request in desk.requests] == [Side.BUY, Side.SELL]


def test_a_cross_while_no_account_trades_is_acted_on_when_one_does(toy):
    desk = toy.Desk()
    desk.names = []
    strategy = trade_through(toy, [100, 99, 98, 97, 99, 102], desk)
    assert desk.requests == []
    desk.names = ["main"]
    strategy.take_bar(toy.bar(6, 103))
    assert [request.side for request in desk.requests] == [Side.BUY]


def test_a_cross_that_a_restart_falls_into_is_not_missed(toy):
    desk = toy.Desk()
    strategy = trade_through(toy, [100, 99, 98, 97, 96], desk)
    again = restarted(strategy, desk)
    again.take_bar(toy.bar(5, 104))
    assert [request.side for request in desk.requests] == [Side.BUY]


def test_a_fast_average_that_is_not_the_faster_is_refused():
    with pytest.raises(ValueError, match="fast = 30: must be below slow = 30"):
        SmaCross("mine", (), {"fast": 30})


# ---- dca --------------------------------------------------------------------------


def buying(toy, **terms):
    desk = toy.Desk(**terms)
    desk.books[BTC] = toy.Book(99.9, 100.1)
    return desk, toy.started(Dca, desk, amount="50", every="1d")


def tick(strategy, desk, now_ns):
    desk.now = now_ns
    strategy.on_timer(now_ns)


def test_every_period_is_one_purchase(toy):
    desk, strategy = buying(toy)
    for hour in range(72):
        tick(strategy, desk, 10 * DAY + hour * HOUR)
        desk.fill()
    assert [request.quantity for request in desk.requests] == [D("0.5")] * 3
    assert {(it.side, it.type) for it in desk.requests} == {(Side.BUY, OrderType.MARKET)}


def test_the_timer_is_due_at_every_periods_beginning(toy):
    for every in ("30s", "1h", "1d", "1w"):
        strategy = toy.started(Dca, toy.Desk(), every=every)
        assert strategy._every_ns % round(strategy.timer_s * SECOND) == 0


def test_a_restart_buys_neither_twice_nor_never(toy):
    desk, strategy = buying(toy)
    tick(strategy, desk, 10 * DAY)
    desk.fill()
    strategy = restarted(strategy, desk)
    tick(strategy, desk, 10 * DAY + 5 * HOUR)
    assert len(desk.requests) == 1
    strategy = restarted(strategy, desk)
    tick(strategy, desk, 11 * DAY + 7 * HOUR)  # the desk was down as the day began
    assert len(desk.requests) == 2


def test_a_kill_between_the_order_and_its_state_buys_no_second_time(toy):
    desk, strategy = buying(toy)
    before = strategy.snapshot()
    tick(strategy, desk, 10 * DAY)
    killed = Dca("mine", strategy.symbols, strategy.params)
    killed.resume(json.loads(json.dumps(before)))
    killed.start(desk)
    desk.fill()
    tick(killed, desk, 10 * DAY + HOUR)
    assert len(desk.requests) == 1


@pytest.mark.parametrize("status", [OrderStatus.REJECTED, OrderStatus.NEVER_ACCEPTED])
def test_a_purchase_that_came_to_nothing_is_tried_again(toy, status):
    desk, strategy = buying(toy)
    tick(strategy, desk, 10 * DAY)
    [order] = desk.fill()
    strategy.on_order(replace(order, status=status, in_doubt=("submit",)))
    tick(strategy, desk, 10 * DAY + HOUR)
    assert len(desk.requests) == 1  # in doubt: it may have been bought
    strategy.on_order(replace(order, status=status))
    tick(strategy, desk, 10 * DAY + 2 * HOUR)
    assert len(desk.requests) == 2


def test_a_purchase_that_was_filled_in_part_is_not_repeated(toy):
    desk, strategy = buying(toy)
    tick(strategy, desk, 10 * DAY)
    [order] = desk.fill()
    canceled = replace(order, status=OrderStatus.CANCELED, cumulative_quantity=D("0.1"))
    strategy.on_order(canceled)
    tick(strategy, desk, 10 * DAY + HOUR)
    assert len(desk.requests) == 1


@pytest.mark.parametrize("obstacle", ["refused", "no price", "no account"])
def test_what_could_not_be_bought_is_bought_when_it_can(toy, obstacle):
    desk, strategy = buying(toy)
    book = desk.books[BTC]
    desk.refuses = obstacle == "refused"
    desk.names = [] if obstacle == "no account" else ["main"]
    if obstacle == "no price":
        desk.books.clear()
    tick(strategy, desk, 10 * DAY)
    assert desk.requests == []
    desk.refuses, desk.names, desk.books[BTC] = False, ["main"], book
    tick(strategy, desk, 10 * DAY + HOUR)
    assert len(desk.requests) == 1


def test_the_cheapest_venue_is_bought_from(toy):
    desk, strategy = buying(toy)
    desk.others = [toy.listed("BTC/USDT@beta")]
    desk.books["BTC/USDT@beta"] = toy.Book(98, 99)
    tick(strategy, desk, 10 * DAY)
    assert [request.instrument for request in desk.requests] == ["BTC/USDT@beta"]


def test_an_amount_below_the_venues_least_is_said_and_not_passed_over(toy):
    desk, strategy = buying(toy, quantity_step=D(1))
    with pytest.raises(ValueError, match="least allowed"):
        tick(strategy, desk, 10 * DAY)


@pytest.mark.parametrize(
    ("symbols", "params", "words"),
    [((), {}, "symbols"), (("A/B",), {"every": "1 day"}, "timeframe")],
)
def test_buying_needs_to_know_what_and_when(symbols, params, words):
    with pytest.raises(ValueError, match=words):
        Dca("mine", symbols, params)


# ---- book_imbalance ---------------------------------------------------------------

HEAVY, LIGHT = [("99.9", "9"), ("99.8", "9")], [("100.1", "1"), ("100.2", "1")]


def leaning(toy, **params):
    desk = toy.Desk()
    return desk, toy.started(BookImbalance, desk, every_s=1, **params)


def test_the_thin_side_is_taken_at_its_exact_price(toy):
    desk, strategy = leaning(toy)
    strategy.on_book(BTC, toy.Book(bids=HEAVY, asks=LIGHT))
    [request] = desk.requests
    assert (request.side, request.limit_price) == (Side.BUY, D("100.1"))
    assert (request.type, request.time_in_force) == (OrderType.LIMIT, TimeInForce.IOC)
    assert request.quantity == D("0.999")


def test_what_is_held_is_sold_into_a_heavy_ask_and_no_more_than_that(toy):
    desk, strategy = leaning(toy, notional="500")
    desk.holding[BTC] = D("2")
    heavy_asks = toy.Book(bids=[("99.9", "1")], asks=[("100.1", "30")])
    strategy.on_book(BTC, heavy_asks)
    assert [(it.side, it.quantity) for it in desk.requests] == [(Side.SELL, D(2))]
    desk.fill()
    desk.now += SECOND
    strategy.on_book(BTC, heavy_asks)
    assert len(desk.requests) == 1


def test_a_position_never_outgrows_its_bound(toy):
    for short, sides in ((False, (HEAVY, LIGHT)), (True, (LIGHT, HEAVY))):
        desk, strategy = leaning(toy, notional="300", most_notional="1000", short=short)
        for _ in range(10):
            strategy.on_book(BTC, toy.Book(bids=sides[0], asks=sides[1]))
            desk.fill()
            desk.now += SECOND
        assert D("9.9") < abs(desk.holding[BTC]) <= D("10.01")


def test_an_even_or_one_sided_book_is_left_alone(toy):
    desk, strategy = leaning(toy, threshold=0.6)
    for bids, asks in ((LIGHT, LIGHT), (HEAVY, [("100.1", "0")])):
        strategy.on_book(BTC, toy.Book(bids=bids, asks=asks))
    strategy.on_book(BTC, toy.Book(ready=False, bids=HEAVY, asks=LIGHT))
    assert desk.requests == []


def test_only_so_many_levels_are_weighed_as_were_asked_for(toy):
    desk, strategy = leaning(toy, depth=1)
    strategy.on_book(BTC, toy.Book(bids=[("99.9", "1"), ("99.8", "99")], asks=LIGHT))
    assert desk.requests == []


def test_orders_of_one_instrument_keep_their_distance_in_time(toy):
    desk, strategy = leaning(toy)
    for _ in range(8):
        strategy.on_book(BTC, toy.Book(bids=HEAVY, asks=LIGHT))
        desk.fill()
        desk.now += SECOND // 4
    assert len(desk.requests) == 2


def test_quotes_serve_where_there_is_no_book(toy):
    quote = Quote(BTC, 99.9, 9.0, 100.1, 1.0, 0, 0)
    desk, strategy = leaning(toy)
    strategy.on_quote(quote)
    assert [request.limit_price for request in desk.requests] == [D("100.1")]
    desk, strategy = leaning(toy)
    strategy.on_book(BTC, toy.Book(bids=LIGHT, asks=LIGHT))
    strategy.on_quote(quote)
    assert desk.requests == []


# ---- rsi_reversion ----------------------------------------------------------------


def reverting(toy, **params):
    desk = toy.Desk()
    values = {"length": 3, "window": 4, **params}
    return desk, toy.started(RsiReversion, desk, **values)


def run_down(toy, strategy, closes):
    for n, close in enumerate(closes):
        strategy.take_bar(toy.bar(n, close))


def test_what_fell_fast_is_bought_with_all_that_sizing_goes_by(toy):
    desk, strategy = reverting(toy)
    run_down(toy, strategy, [100, 101, 99, 97, 94, 90])
    signal = desk.signals[0]
    assert (signal.symbol, signal.direction) == ("BTC/USDT", Direction.LONG)
    assert signal.horizon_s == 180
    assert signal.volatility > 1  # percents a minute are a lot in a year
    assert 0 < signal.stop_distance < 20


@pytest.mark.parametrize(
    ("held", "closes", "direction"),
    [
        ("1", [100, 95, 90, 85, 90, 95, 100], Direction.FLAT),
        ("-1", [100, 105, 110, 115, 110, 105, 100], Direction.FLAT),
        ("0", [100, 105, 110, 115, 120, 126], Direction.SHORT),
    ],
)
def test_it_leaves_when_things_are_normal_and_goes_short_when_told(
    toy, held, closes, direction
):
    desk, strategy = reverting(toy, short=True)
    desk.holding[BTC] = D(held)
    run_down(toy, strategy, closes)
    assert desk.signals[0].direction is direction


def test_what_is_held_already_is_not_asked_for_again(toy):
    desk, strategy = reverting(toy)
    desk.holding[BTC] = D(1)
    run_down(toy, strategy, [100 - n - n % 2 / 2 for n in range(20)])
    assert desk.signals == []


def test_without_leave_to_go_short_a_high_market_is_left_alone(toy):
    desk, strategy = reverting(toy)
    run_down(toy, strategy, [100 + n for n in range(20)])
    assert desk.signals == []


def test_a_market_that_stands_still_has_no_volatility_to_size_by(toy):
    desk, strategy = reverting(toy, short=True)
    run_down(toy, strategy, [100.0] * 12)
    assert all(signal.volatility is None for signal in desk.signals)


@settings(max_examples=25)
@given(st.integers(1, 10_000))
def test_it_is_never_long_and_told_to_go_long(toy, seed):
    desk, strategy = reverting(toy, short=True)
    for n in range(60):
        before = desk.holding.get(BTC, D(0))
        strategy.take_bar(toy.bar(n, 100 + 5 * sin(n * seed) + 3 * sin(n / 7)))
        for signal in desk.signals:
            sign = {"long": 1, "short": -1, "flat": 0}[signal.direction]
            assert sign != (before > 0) - (before < 0)
            desk.holding[BTC] = D(sign)
        desk.signals.clear()


def test_thresholds_that_do_not_rise_are_refused():
    with pytest.raises(ValueError, match="must rise"):
        RsiReversion("mine", (), {"low": 60})
