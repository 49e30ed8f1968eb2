"""What people set stays so: over snapshots, in the order it was set, and nothing wrong gets in."""

import json
from dataclasses import fields
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crossdock.core import records as r
from crossdock.core.person_records import Standing, StrategyPlan
from crossdock.core.projection import describe
from crossdock.core.risk import LimitBook, LimitOverride, Limits, limits_set, read_limit
from crossdock.core.state import State
from crossdock.core.steering import NAMES, Flags
from crossdock.errors import ConfigError

D = Decimal


def flag(name, value):
    return r.FlagSet(at=1, name=name, value=value, by="Ann")


def limit(name="leverage_max", value="2", scope="desk"):
    return r.LimitSet(at=1, name=name, scope=scope, value=value, by="Ann", reason="drill")


def steered(standing, name="dip", plan=None):
    return r.StrategySteered(at=1, strategy=name, standing=standing, by="Ann", plan=plan)


switches = st.sampled_from([name for name in NAMES if name != "max_order_size"])
told = st.one_of(
    st.builds(flag, switches, st.booleans()),
    st.builds(
        flag,
        st.just("max_order_size"),
        st.none() | st.decimals(0, 10**9, allow_nan=False, places=2),
    ),
    st.builds(
        limit,
        st.sampled_from(["leverage_max", "position_pct"]),
        st.sampled_from(["1", "2.5", "none"]) | st.none(),
        st.sampled_from(["desk", "account:main", "symbol:BTC/*"]),
    ),
    st.builds(
        steered,
        st.sampled_from(Standing),
        st.sampled_from(["dip", "trend"]),
        st.none() | st.builds(StrategyPlan, kind=st.sampled_from(["dca", "sma_cross"])),
    ),
)


@settings(max_examples=50)
@given(st.lists(told, max_size=12))
def test_a_snapshot_and_every_record_through_the_journal_restore_what_people_set(records):
    state = State()
    for record in records:
        state.apply(r.decode(r.encode(record)))
    restored = State.restore(r.decode(r.encode(state.snapshot(1, 0))))
    for name in ("flags", "limits", "strategies", "paused"):
        assert getattr(restored.steering, name) == getattr(state.steering, name)
    assert list(restored.steering.limits) == list(state.steering.limits)


def test_a_snapshot_of_a_desk_that_nobody_steered_reads_as_one():
    state = State()
    state.steering.flags = Flags()
    assert State.restore(state.snapshot(1, 0)).steering.flags == Flags()


def test_the_gate_sees_a_flag_in_the_object_it_was_given():
    state = State()
    held = state.steering.flags
    state.apply(flag("trading", False))
    assert held.trading is False


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("no_such_flag", True),
        ("trading", None),
        ("trading", D(1)),
        ("max_order_size", True),
        ("max_order_size", D(-1)),
        ("max_order_size", D("NaN")),
    ],
)
def test_a_flag_takes_no_value_that_is_none_of_its_own(name, value):
    with pytest.raises(ValueError, match=name):
        Flags().set(name, value)


TIGHT_AND_LOOSE = {
    "trading": (False, True),
    "paper_only": (True, False),
    "max_order_size": (D(0), D(50), D("50.1"), None),
    "risk_override": (False, True),
    "strategy_control": (False, True),
    "notifications": (True, False),
}


def test_every_flag_but_the_page_of_history_says_which_way_it_loosens():
    assert {*NAMES} == TIGHT_AND_LOOSE.keys() | {"history"}


@pytest.mark.parametrize("name", TIGHT_AND_LOOSE)
def test_a_flag_loosens_one_way_and_tightens_the_other(name):
    values = TIGHT_AND_LOOSE[name]
    for at, now in enumerate(values):
        flags = Flags(**{name: now})
        assert [flags.loosens(name, it) for it in values] == [
            other > at for other in range(len(values))
        ]


@pytest.mark.parametrize("now", [False, True])
def test_what_hides_a_page_guards_nothing(now):
    assert not Flags(history=now).loosens("history", not now)


def test_a_paused_strategy_is_one_until_it_is_started_or_stopped():
    state = State()
    state.apply(steered(Standing.PAUSED))
    assert state.steering.paused == {"dip"}
    state.apply(steered(Standing.RUNNING))
    assert state.steering.paused == set()


def test_a_plan_stays_when_only_the_standing_changes():
    state = State()
    plan = StrategyPlan(kind="dca", symbols=("BTC/USDT",))
    state.apply(steered(Standing.RUNNING, plan=plan))
    state.apply(steered(Standing.STOPPED))
    assert state.steering.strategies["dip"].plan == plan
    assert state.steering.strategies["dip"].standing is Standing.STOPPED


@pytest.mark.parametrize(
    ("name", "text", "value"),
    [
        ("leverage_max", "2.50", D("2.50")),
        ("leverage_max", "none", None),
        ("max_open_orders", "7", 7),
        ("denied_symbols", "BTC/*, ETH/*", ("BTC/*", "ETH/*")),
        ("short_allowed", "false", False),
    ],
)
def test_a_limit_is_read_as_settings_write_it(name, text, value):
    assert read_limit(name, text) == value


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("no_such_limit", "1"),
        ("leverage_max", "much"),
        ("leverage_max", "-1"),
        ("max_open_orders", "1.5"),
        ("short_allowed", "none"),
        ("short_allowed", "maybe"),
    ],
)
def test_what_is_no_limit_is_refused(name, text):
    with pytest.raises(ConfigError):
        read_limit(name, text)


@pytest.mark.parametrize("scope", ["", "everything", "account:", "venue:alpha"])
def test_a_limit_for_nobody_is_refused(scope):
    with pytest.raises(ConfigError, match="a limit is set for desk"):
        limits_set(LimitBook(), [limit(scope=scope)])


def test_what_a_person_sets_beats_the_settings_of_the_same_scope_and_leaves_the_others():
    settings_ = LimitBook(
        Limits(leverage_max=D(1)),
        [
            LimitOverride(account="main", values={"leverage_max": D(3)}),
            LimitOverride(account="main", values={"position_pct": D(4)}),
        ],
    )
    book = limits_set(settings_, [limit(value="2"), limit(value="5", scope="account:main")])
    mine = book.resolve("main", "main", "manual", "BTC/USDT@alpha").limits
    other = book.resolve("second", "main", "manual", "BTC/USDT@alpha").limits
    assert (mine.leverage_max, mine.position_pct) == (D(5), D(4))
    assert other.leverage_max == D(2)
    assert settings_.base.leverage_max == D(1)


@pytest.mark.parametrize("scope", ["desk", "account:main"])
@pytest.mark.parametrize("name", [each.name for each in fields(Limits) if each.init])
def test_a_limit_given_back_is_the_settings_own_again(name, scope):
    state = State()
    state.apply(limit(name, "1", scope))
    state.apply(limit(name, None, scope))
    assert not state.steering.limits
    book = limits_set(LimitBook(Limits(leverage_max=D(3))), [limit(name, None, scope)])
    assert (book.base, book.overrides) == (Limits(leverage_max=D(3)), ())


@pytest.mark.parametrize(("name", "scope"), [("no_such", "desk"), ("paper_only", "moon")])
def test_what_is_no_limit_of_anybody_is_not_given_back(name, scope):
    with pytest.raises(ConfigError):
        limits_set(LimitBook(), [limit(name, None, scope)])


def test_an_empty_text_of_an_old_journal_lifts_the_limit_as_it_did_then():
    state = State()
    state.apply(r.decode(r.encode(limit(value=""))))
    before = LimitBook(Limits(leverage_max=D(3)))
    book = limits_set(before, state.steering.limits.values())
    assert book.base.leverage_max is None


@pytest.mark.parametrize(
    ("record", "words"),
    [
        (flag("trading", False), "flag trading = false, by Ann"),
        (flag("max_order_size", None), "flag max_order_size = none, by Ann"),
        (limit(), "limit leverage_max of desk = 2, by Ann: drill"),
        (limit(value="none"), "limit leverage_max of desk = none, by Ann: drill"),
        (limit(value=""), "limit leverage_max of desk = none, by Ann: drill"),
        (
            limit(value=None),
            "limit leverage_max of desk = as in the settings, by Ann: drill",
        ),
        (steered(Standing.PAUSED), "strategy dip is to be paused, by Ann"),
        (
            r.PersonActed(
                at=1,
                by="Ann",
                action="set_flag",
                subject="trading",
                door="api",
                words="off",
            ),
            "Ann asks by api: set flag trading: off",
        ),
    ],
)
def test_each_reads_as_a_line_of_the_story(record, words):

    assert describe(json.loads(r.encode(record))) == words
