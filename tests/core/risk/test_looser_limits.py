"""Whether a change of limits lets any order be larger than it might have been before."""

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


@settings(max_examples=100)
@given(books, layers)
def test_the_same_limits_again_are_not_looser(before, more):
    assert not is_looser(before, before, NAME)
    other = LimitOverride(account=more.account, values={"order_notional_max": D(9)})
    after = LimitBook(before.base, [*before.overrides, other])
    assert not is_looser(before, after, NAME)
