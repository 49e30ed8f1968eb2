"""Which limits hold for whom, and which values a limit may have."""

from dataclasses import fields
from decimal import Decimal
from itertools import pairwise, permutations

import pytest

from crossdock.core.risk import LimitBook, LimitOverride, Limits
from crossdock.errors import ConfigError

D = Decimal
BTC = "BTC/USDT@alpha"


def resolved(overrides, instrument=BTC, base=None):
    book = LimitBook(base, overrides)
    return book.resolve("main", "growth", "trend", instrument)


LADDER = [
    LimitOverride(account="main", values={"max_open_orders": 1}),
    LimitOverride(portfolio="growth", values={"max_open_orders": 2}),
    LimitOverride(portfolio="growth", account="main", values={"max_open_orders": 3}),
    LimitOverride(strategy="trend", values={"max_open_orders": 4}),
    LimitOverride(strategy="trend", account="main", values={"max_open_orders": 5}),
    LimitOverride(symbol="BTC/*", values={"max_open_orders": 6}),
    LimitOverride(symbol="BTC/*", strategy="trend", values={"max_open_orders": 7}),
    LimitOverride(symbol="BTC/USDT", values={"max_open_orders": 8}),
    LimitOverride(symbol="BTC/USDT@alpha", values={"max_open_orders": 9}),
]


@pytest.mark.parametrize(("lower", "upper"), list(pairwise(LADDER)))
def test_the_more_specific_override_wins_in_any_order(lower, upper):
    expected = upper.values["max_open_orders"]
    for order in permutations([lower, upper]):
        assert resolved(order).limits.max_open_orders == expected


def test_each_limit_comes_from_the_most_specific_override_that_sets_it():
    overrides = [
        LimitOverride(symbol="BTC/*", values={"position_pct": D(3)}),
        LimitOverride(account="main", values={"position_pct": D(7), "leverage_max": D(4)}),
    ]
    limits = resolved(overrides, base=Limits(daily_loss_pct=D(2))).limits
    assert (limits.position_pct, limits.leverage_max, limits.daily_loss_pct) == (3, 4, 2)


def test_of_two_equally_specific_overrides_the_later_wins():
    first, second = (
        LimitOverride(account="main", values={"orders_per_s": n}) for n in (1, 2)
    )
    assert resolved([first, second]).limits.orders_per_s == 2
    assert resolved([second, first]).limits.orders_per_s == 1


@pytest.mark.parametrize(
    "scope",
    [
        {"account": "other"},
        {"portfolio": "other"},
        {"strategy": "other"},
        {"symbol": "ETH/*"},
        {"symbol": "BTC/USDT@beta"},
        {"symbol": "BTC/USDT", "account": "other"},
    ],
)
def test_an_override_leaves_others_alone(scope):
    override = LimitOverride(**scope, values={"max_open_orders": 1})
    assert resolved([override]).limits == Limits()


def test_an_override_can_lift_a_limit():
    override = LimitOverride(strategy="trend", values={"daily_loss_pct": None})
    assert resolved([override]).limits.daily_loss_pct is None


def test_a_resolved_answer_is_kept():
    book = LimitBook()
    one = book.resolve("main", "growth", "trend", BTC)
    assert book.resolve("main", "growth", "trend", BTC) is one


@pytest.mark.parametrize(
    ("values", "refused"),
    [
        ({}, False),
        ({"allowed_symbols": ("BTC/*",)}, False),
        ({"allowed_symbols": ("ETH/*",)}, True),
        ({"allowed_symbols": ()}, True),
        ({"allowed_symbols": ("*@alpha",)}, False),
        ({"allowed_symbols": ("*@beta",)}, True),
        ({"allowed_symbols": ("BTC/*",), "denied_symbols": ("*/USDT",)}, True),
        ({"denied_symbols": ("*@beta",)}, False),
    ],
)
def test_symbols_are_globs_and_a_denial_wins(values, refused):
    override = LimitOverride(account="main", values=values)
    assert bool(resolved([override]).symbol_refusal) is refused


@pytest.mark.parametrize(
    "values",
    [
        {"position_pct": 0.1},
        {"position_pct": D("-1")},
        {"position_pct": D("NaN")},
        {"orders_per_s": D(1)},
        {"orders_per_s": True},
        {"max_open_orders": -1},
        {"allowed_symbols": "BTC/*"},
        {"allowed_symbols": None},
        {"paper_only": None},
        {"short_allowed": 1},
        {"day_trade_equity": None},
    ],
)
def test_a_wrong_value_is_named(values):
    [name] = values
    with pytest.raises(ConfigError, match=f"risk limit {name} must be"):
        Limits(**values)
    with pytest.raises(ConfigError, match=f"risk limit {name} must be"):
        LimitOverride(values=values)


def test_a_limit_that_is_none_of_ours_is_named():
    with pytest.raises(ConfigError, match="no risk limit called position_percent"):
        LimitOverride(values={"position_percent": D(1)})
    with pytest.raises(ConfigError, match="no risk limit called stale_after_ns"):
        LimitOverride(values={"stale_after_ns": 1})


def test_a_duplicate_window_is_remembered_for_a_minute_at_most():
    with pytest.raises(ConfigError, match="at most 60"):
        Limits(duplicate_window_s=D(61))


def test_seconds_are_kept_as_nanoseconds_too():
    limits = Limits(duplicate_window_s=D("0.25"), stale_after_s=None)
    assert (limits.duplicate_window_ns, limits.stale_after_ns) == (250_000_000, 0)


def test_no_limit_is_a_float():
    assert not any(isinstance(getattr(Limits(), f.name), float) for f in fields(Limits))
