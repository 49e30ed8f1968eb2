"""Whether a change of limits lets any order pass that the limits before would have refused."""

from dataclasses import fields
from decimal import Decimal
from itertools import product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crossdock.core import records as r
from crossdock.core.risk import LimitBook, LimitOverride, Limits, is_looser, limits_set

D = Decimal
NAME = "approval_over"


def layer(value, **scope):
    return LimitOverride(**scope, values={NAME: None if value is None else D(value)})


def book(base, *layers):
    return LimitBook(Limits(approval_over=None if base is None else D(base)), layers)


def setting(scope, value):
    return r.LimitSet(at=1, name=NAME, scope=scope, value=value, by="key", reason="why")


TIGHT, LOOSE = False, True


@pytest.mark.parametrize(
    ("base", "layers", "scope", "value", "expected"),
    [
        (1000, [], "desk", "999", TIGHT),
        (1000, [], "desk", "1000", TIGHT),
        (1000, [], "desk", "1000.01", LOOSE),
        (1000, [], "desk", "none", LOOSE),
        (None, [], "desk", "1000", TIGHT),
        (None, [], "account:a", "1000", TIGHT),
        (1000, [], "account:a", "1001", LOOSE),
        (1000, [], "symbol:BTC/*", "none", LOOSE),
        (1000, [layer(5000, account="a")], "account:a", "3000", TIGHT),
        (1000, [layer(5000, account="a")], "account:a", "6000", LOOSE),
        (1000, [layer(5000, account="a")], "account:b", "3000", LOOSE),
        (5000, [layer(1000, account="a")], "strategy:s", "2000", LOOSE),
        (5000, [layer(1000, account="a")], "account:b", "2000", TIGHT),
        (5000, [layer(1000, strategy="s")], "account:a", "2000", TIGHT),
        (5000, [layer(1000, symbol="BTC/*")], "symbol:BTC/USDT", "2000", LOOSE),
        (5000, [layer(1000, symbol="BTC/USDT")], "symbol:ETH/USDT", "2000", TIGHT),
        (5000, [layer(1000, symbol="BTC/USDT@v")], "symbol:BTC/USDT", "2000", TIGHT),
        (5000, [layer(1000, symbol="BTC/USDT")], "symbol:BTC/USDT@v", "2000", LOOSE),
    ],
)
def test_a_limit_set_on_top_is_looser_where_an_order_may_be_larger(
    base, layers, scope, value, expected
):
    before = book(base, *layers)
    assert is_looser(before, limits_set(before, [setting(scope, value)]), NAME) is expected


@pytest.mark.parametrize(
    ("base", "layers", "scope", "value", "expected"),
    [
        (1000, [], "desk", "500", LOOSE),
        (1000, [], "desk", "2000", TIGHT),
        (None, [], "account:a", "2000", LOOSE),
        (1000, [], "account:a", "2000", TIGHT),
        (1000, [layer(3000, account="a")], "account:a", "2000", LOOSE),
        (9000, [layer(1000, account="a")], "account:a", "2000", TIGHT),
    ],
)
def test_a_limit_given_back_is_looser_where_what_stands_beneath_it_is(
    base, layers, scope, value, expected
):
    beneath = book(base, *layers)
    before = limits_set(beneath, [setting(scope, value)])
    assert is_looser(before, beneath, NAME) is expected


TIGHT_TO_LOOSE = {
    "daily_loss_pct": ("2", "2.01", "none"),
    "position_pct": ("0", "10", "none"),
    "correlation_max": ("0.5", "0.7", "none"),
    "leverage_max": ("1", "1.5", "none"),
    "order_notional_max": ("999", "1000", "none"),
    "order_quantity_max": ("1", "1.1", "none"),
    "orders_per_s": ("9", "10", "none"),
    "orders_per_minute": ("0", "1", "none"),
    "price_collar_bps": ("50", "51", "none"),
    "fat_finger_multiple": ("2", "20", "none"),
    "fat_finger_equity_pct": ("5", "25", "none"),
    "duplicate_window_s": ("2", "1", "none"),
    "stale_after_s": ("1", "10", "none"),
    "max_open_orders": ("7", "8", "none"),
    "max_open_orders_total": ("7", "8", "none"),
    "day_trades_max": ("2", "3", "none"),
    "day_trade_equity": ("25000", "24999"),
    "allowed_symbols": ("BTC/USDT", "BTC/*", "BTC/*, ETH/USDT", "*"),
    "denied_symbols": ("*", "BTC/*, ETH/*", "BTC/*", "BTC/USDT", "BTC/USDT@v"),
    "short_allowed": ("false", "true"),
    "paper_only": ("true", "false"),
    "approval_over": ("5", "50", "none"),
    "first_day_order_max": ("50", "100", "none"),
    "first_day_total_max": ("500", "1000", "none"),
}


def of(name, value, scope="desk"):
    return r.LimitSet(at=1, name=name, scope=scope, value=value, by="key", reason="why")


def test_every_limit_says_which_way_it_loosens():
    assert TIGHT_TO_LOOSE.keys() == {each.name for each in fields(Limits) if each.init}


@pytest.mark.parametrize("scope", ["desk", "account:a", "symbol:BTC/*"])
@pytest.mark.parametrize("name", TIGHT_TO_LOOSE)
def test_a_limit_loosens_one_way_and_tightens_the_other(name, scope):
    steps = [limits_set(LimitBook(), [of(name, it, scope)]) for it in TIGHT_TO_LOOSE[name]]
    for at, before in enumerate(steps):
        assert [is_looser(before, after, name) for after in steps] == [
            other > at for other in range(len(steps))
        ]


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        ("BTC/*", "BTC/EUR, BTC/USDT@v", TIGHT),
        ("BTC/*", "BTC/EUR, ETH/EUR", LOOSE),
        ("BTC/*, ETH/*", "ETH/*, BTC/*", TIGHT),
        ("BTC/USDT@v", "BTC/USDT", LOOSE),
        ("BTC/USDT", "BTC/USDT@v", TIGHT),
        ("*@v", "BTC/USDT@v", TIGHT),
        ("*@v", "BTC/USDT@w", LOOSE),
        ("[!@]*USDT", "BTC/USDT", LOOSE),  # it stands for whole ids, none of which end so
        ("B*", "BT*", LOOSE),  # patterns are not compared with patterns
    ],
)
def test_symbols_that_may_be_traded_are_looser_where_one_is_new(before, after, expected):
    book_of = [
        limits_set(LimitBook(), [of("allowed_symbols", it)]) for it in (before, after)
    ]
    assert is_looser(*book_of, "allowed_symbols") is expected
    book_of = [
        limits_set(LimitBook(), [of("denied_symbols", it)]) for it in (after, before)
    ]
    assert is_looser(*book_of, "denied_symbols") is expected


def one_of(*names):
    return st.sampled_from((None, *names))


scopes = st.builds(
    dict,
    account=one_of("a", "b"),
    portfolio=one_of("p"),
    strategy=one_of("s", "t"),
    symbol=one_of("BTC/USDT", "BTC/*", "*/USDT", "ETH/USDT@v", "*@v"),
)
values = st.sampled_from((None, 1, 2, 3, 4))
layers = st.builds(lambda scope, value: layer(value, **scope), scopes, values)
books = st.builds(
    lambda base, them: book(base, *them), values, st.lists(layers, max_size=5)
)
ORDERS = list(
    product("abc", "pq", "stu", ("BTC/USDT@v", "BTC/USDT@w", "ETH/USDT@v", "SOL/EUR@w"))
)


def most(limits, order):
    value = limits.resolve(*order).limits.approval_over
    return D("Infinity") if value is None else value


def grows(before, after):
    return any(most(before, it) < most(after, it) for it in ORDERS)


@settings(max_examples=200)
@given(books, books)
def test_no_order_grows_under_limits_that_are_not_looser(before, after):
    if grows(before, after):
        assert is_looser(before, after, NAME)


PATTERNS = (
    "*",
    "BTC/*",
    "*/USDT",
    "BTC/USDT",
    "ETH/USDT@v",
    "*@v",
    "[!@]*USDT",
    "SOL/EUR@w",
)
patterns = st.lists(st.sampled_from(PATTERNS), max_size=3).map(tuple)


@settings(max_examples=300)
@given(patterns, patterns, patterns, patterns)
def test_no_symbol_is_let_in_by_limits_that_are_not_looser(
    allowed, denied, then_allowed, then_denied
):
    before, after = (
        LimitBook(Limits(allowed_symbols=a, denied_symbols=d))
        for a, d in ((allowed, denied), (then_allowed, then_denied))
    )
    lets_in = any(
        before.resolve(*it).symbol_refusal and not after.resolve(*it).symbol_refusal
        for it in ORDERS
    )
    names = ("allowed_symbols", "denied_symbols")
    if lets_in:
        assert any(is_looser(before, after, name) for name in names)


@settings(max_examples=100)
@given(books, layers)
def test_the_same_limits_again_are_not_looser(before, more):
    assert not is_looser(before, before, NAME)
    other = LimitOverride(account=more.account, values={"order_notional_max": D(9)})
    after = LimitBook(before.base, [*before.overrides, other])
    assert not is_looser(before, after, NAME)
