"""Flags and limits: set by a named person, in force at once, kept over a restart."""

from dataclasses import fields
from decimal import Decimal

import pytest

from crossdock.core import records as r
from crossdock.core.risk import Limits
from crossdock.errors import DeskError, RiskRefused

D = Decimal
BUY = {"side": "buy", "symbol": "BTC/USDT", "quantity": "1", "limit": "99"}


PROGRAMS = ("", "api", "webhook", "API", "some script")
PERSONS = ("cli", "terminal", "dashboard", "python")


def ask(desk, op, **args):
    """Ask as a person does, where no door is given."""
    door = {"door": "cli"} if "by" in args else {}
    return desk.operations.table()[op](**door | args)


def refused(desk, op, **args):
    with pytest.raises(DeskError) as told:
        ask(desk, op, **args)
    return told.value.code


async def test_trading_switched_off_refuses_orders_and_lets_cancels_through(
    clock, venue, open_toy_desk
):
    async with open_toy_desk(venue) as desk:
        placed = desk.operations.place(**BUY)
        await clock.settle()
        assert (
            ask(desk, "set_flag", name="trading", value=False, by="Ann")["trading"] is False
        )
        with pytest.raises(RiskRefused, match="trading is switched off"):
            desk.operations.place(**{**BUY, "quantity": "2"})
        desk.operations.cancel(order=placed["order_id"])
        assert venue.called("cancel")


async def test_what_people_set_holds_at_the_next_start(venue, journal, open_toy_desk):
    async with open_toy_desk(venue, journal=journal) as desk:
        ask(desk, "set_flag", name="max_order_size", value="50", by="Ann", door="cli")
        ask(desk, "set_flag", name="risk_override", value="on", by="Ann")
        ask(desk, "set_limit", name="order_quantity_max", value="0.4", by="Ann", reason="x")
    journal.closed = False
    async with open_toy_desk(venue, journal=journal) as desk:
        assert ask(desk, "flags")["max_order_size"] == "50"
        with pytest.raises(RiskRefused) as refused:
            desk.operations.place(**BUY)
        checks = {check for check, _ in refused.value.reasons}
        assert checks == {"max_order_size", "order_size"}
        assert refused.value.allowed_quantity == "0.40"


async def test_a_limit_is_changed_only_where_the_flag_allows_it(venue, open_toy_desk):
    async with open_toy_desk(venue) as desk:
        change = {"name": "leverage_max", "value": "3", "by": "Ann", "reason": "drill"}
        with pytest.raises(DeskError) as refused:
            ask(desk, "set_limit", **change)
        assert refused.value.code == "flag-off"
        ask(desk, "set_flag", name="risk_override", value=True, by="Ann")
        row = ask(desk, "set_limit", **change)
        assert (row["value"], row["by"], row["reason"]) == ("3", "Ann", "drill")
        assert desk.gate.limits.base.leverage_max == D(3)
        assert desk.settings.limits.base.leverage_max is None
        row = ask(desk, "set_limit", **{**change, "value": None})
        assert (row["value"], row["by"]) == ("none", "settings")


@pytest.mark.parametrize("name", [each.name for each in fields(Limits) if each.init])
async def test_every_limit_is_given_back(venue, open_toy_desk, name):
    async with open_toy_desk(venue) as desk:
        ask(desk, "set_flag", name="risk_override", value=True, by="Ann")
        before = desk.gate.limits
        change = {"name": name, "by": "Ann", "door": "cli", "reason": "drill"}
        other = {"allowed_symbols": "ETH/*", "denied_symbols": "ETH/*"}.get(name, "7")
        if name in ("short_allowed", "paper_only"):
            other = not getattr(before.base, name)
        for scope in ("desk", "account:main"):
            asked = {**change, "scope": scope, "value": other, "confirm": str(other)}
            row = ask(desk, "set_limit", **asked)
            assert row["by"] == "Ann" and desk.gate.limits != before
            ask(desk, "set_limit", **change, scope=scope, value=None)
            assert desk.gate.limits.base == before.base
            assert desk.gate.limits.overrides == before.overrides


async def test_a_program_may_ask_for_a_person_sooner_and_never_later(
    toy, venue, journal, open_toy_desk
):
    risk = toy.RISK + "approval_over = 1000\n"
    async with open_toy_desk(venue, risk=risk, journal=journal) as desk:
        ask(desk, "set_flag", name="risk_override", value=True, by="Ann")
        change = {"name": "approval_over", "by": "bot", "door": "api", "reason": "drill"}
        for scope, value in (
            ("desk", "none"),
            ("desk", "1000.1"),
            ("account:main", "2000"),
            ("symbol:BTC/*", "none"),
        ):
            with pytest.raises(DeskError) as refused:
                ask(desk, "set_limit", **change, scope=scope, value=value)
            assert refused.value.code == "person-needed"
        assert journal.records(r.LimitSet) == []
        row = ask(desk, "set_limit", **change, value="50")
        assert (row["value"], row["by"]) == ("50", "bot")
        with pytest.raises(DeskError) as refused:
            ask(desk, "set_limit", **change, value=None)
        assert refused.value.code == "person-needed"
        for door in ("", "webhook", "API", "some script"):
            with pytest.raises(DeskError) as refused:
                ask(desk, "set_limit", **{**change, "door": door}, value="51")
            assert refused.value.code == "person-needed"
        with pytest.raises(RiskRefused, match="a person approves above 50"):
            desk.operations.place(**BUY)
        person = {**change, "by": "Ann", "door": "dashboard"}
        assert ask(desk, "set_limit", **person, value=None)["value"] == "1000"
        assert ask(desk, "set_limit", **person, value="none")["value"] == "none"


LOOSER_LIMITS = [
    ("paper_only = true", "paper_only", "desk", "false"),
    ("first_day_order_max = 100", "first_day_order_max", "desk", "none"),
    ("first_day_total_max = 100", "first_day_total_max", "account:main", "100.01"),
    ("order_notional_max = 100", "order_notional_max", "desk", "101"),
    ("daily_loss_pct = 5", "daily_loss_pct", "desk", "6"),
    ("short_allowed = false", "short_allowed", "symbol:BTC/*", "true"),
    ('denied_symbols = ["ETH/*"]', "denied_symbols", "strategy:manual", "ETH/EUR"),
    ('allowed_symbols = ["BTC/*"]', "allowed_symbols", "desk", "BTC/*, ETH/USDT"),
    ("duplicate_window_s = 2", "duplicate_window_s", "portfolio:main", "1"),
]


@pytest.mark.parametrize(("given", "name", "scope", "value"), LOOSER_LIMITS)
async def test_a_limit_is_loosened_by_a_person_alone(
    toy, venue, journal, open_toy_desk, given, name, scope, value
):
    rows = [row for row in toy.RISK.splitlines() if not row.startswith(f"{name} ")]
    risk = "\n".join([*rows, given, ""])
    async with open_toy_desk(venue, risk=risk, journal=journal) as desk:
        ask(desk, "set_flag", name="risk_override", value=True, by="Ann")
        before = desk.gate.limits
        change = {"name": name, "scope": scope, "value": value, "by": "x", "reason": "why"}
        count = len(journal.entries)
        for door in PROGRAMS:
            assert refused(desk, "set_limit", **change, door=door) == "person-needed"
        assert (desk.gate.limits, len(journal.entries)) == (before, count)
        for door in PERSONS:
            assert ask(desk, "set_limit", **change, door=door)["value"] == value
        assert ask(desk, "set_limit", **change | {"value": None}, door="api")


async def test_a_program_gives_back_what_is_looser_than_the_settings_and_nothing_else(
    toy, venue, open_toy_desk
):
    risk = toy.RISK + "approval_over = 1000\n"
    async with open_toy_desk(venue, risk=risk) as desk:
        ask(desk, "set_flag", name="risk_override", value=True, by="Ann")
        change = {"name": "approval_over", "by": "x", "reason": "why"}
        for value, code in (("2000", None), ("500", "person-needed")):
            ask(desk, "set_limit", **change, value=value)
            back = {**change, "value": None, "door": "api"}
            if code is None:
                assert ask(desk, "set_limit", **back)["value"] == "1000"
            else:
                assert refused(desk, "set_limit", **back) == code


LOOSER_FLAGS = [
    ("trading", "off", "on"),
    ("paper_only", "on", "off"),
    ("max_order_size", "50", "50.1"),
    ("max_order_size", "50", "none"),
    ("risk_override", "off", "on"),
    ("strategy_control", "off", "on"),
    ("notifications", "on", "off"),
]


@pytest.mark.parametrize(("name", "tight", "loose"), LOOSER_FLAGS)
async def test_a_switch_is_loosened_by_a_person_alone_and_tightened_by_anybody(
    venue, journal, open_toy_desk, name, tight, loose
):
    async with open_toy_desk(venue, journal=journal) as desk:
        for person, program in zip(PERSONS, PROGRAMS, strict=False):
            ask(desk, "set_flag", name=name, value=loose, by="Ann", door=person)
            ask(desk, "set_flag", name=name, value=loose, by="x", door=program)
            held = ask(desk, "set_flag", name=name, value=tight, by="x", door=program)
            count = len(journal.entries)
            again = {"name": name, "value": loose, "by": "x", "door": program}
            assert refused(desk, "set_flag", **again) == "person-needed"
            assert (ask(desk, "flags"), len(journal.entries)) == (held, count)


@pytest.mark.parametrize(
    "wrong",
    [
        {"name": "no_such"},
        {"value": "much"},
        {"value": ""},
        {"value": "  "},
        {"name": "denied_symbols", "value": []},
        {"name": "no_such", "value": None},
        {"scope": "moon", "value": None},
        {"scope": "venue:alpha"},
        {"by": "  "},
    ],
)
async def test_a_limit_that_makes_no_sense_is_not_journaled(
    venue, journal, open_toy_desk, wrong
):
    async with open_toy_desk(venue, journal=journal) as desk:
        ask(desk, "set_flag", name="risk_override", value=True, by="Ann")
        change = {"name": "leverage_max", "value": "3", "by": "Ann"}
        with pytest.raises(DeskError) as refused:
            ask(desk, "set_limit", **{**change, **wrong})
        assert refused.value.code == "bad-argument"
        assert journal.records(r.LimitSet) == []


@pytest.mark.parametrize(
    ("name", "value", "code"),
    [
        ("tradign", True, "unknown-flag"),
        ("trading", "perhaps", "bad-argument"),
        ("trading", 3, "bad-argument"),
        ("max_order_size", "a lot", "bad-argument"),
        ("max_order_size", "-1", "bad-argument"),
    ],
)
async def test_a_flag_that_makes_no_sense_is_not_journaled(
    venue, journal, open_toy_desk, name, value, code
):
    async with open_toy_desk(venue, journal=journal) as desk:
        with pytest.raises(DeskError) as refused:
            ask(desk, "set_flag", name=name, value=value, by="Ann")
        assert refused.value.code == code
        assert journal.records(r.FlagSet) == []


async def test_the_person_is_journaled_before_the_flag(venue, journal, open_toy_desk):
    async with open_toy_desk(venue, journal=journal) as desk:
        ask(desk, "set_flag", name="history", value="off", by="Ann", door="api")
        acted, flag = journal.records()[-2:]
        assert (acted.by, acted.door, acted.action) == ("Ann", "api", "set_flag")
        assert (flag.name, flag.value, flag.by) == ("history", False, "Ann")


async def test_risk_tells_what_is_used_of_each_limit(toy, clock, venue, open_toy_desk):
    risk = toy.RISK.replace('leverage_max = "none"', "leverage_max = 2").replace(
        'position_pct = "none"', "position_pct = 0.5"
    )
    async with open_toy_desk(venue, risk=risk) as desk:
        told = ask(desk, "risk")
        rows = {row["name"]: row for row in told["limits"]}
        # 10 BTC at 100 and 100,000 USDT
        assert D(told["exposure"]["gross"]) == 1_000
        assert told["exposure"]["by_symbol"] == {"BTC": "1000"}
        assert round(D(rows["leverage_max"]["used"]), 4) == D("0.0099")
        assert not rows["leverage_max"]["breached"]
        assert rows["position_pct"]["breached"]
        assert round(D(rows["position_pct"]["used"]), 2) == D("0.99")
        assert rows["max_open_orders"]["used"] == "0"
        assert rows["allowed_symbols"]["value"] == "*"
        [account] = told["accounts"]
        assert (account["equity"], account["day_pnl"]) == ("101000", "0")


@pytest.mark.parametrize(
    ("limit", "breached"),
    [("0.99009901", False), (f"{D(100_000) / D(101_000)}", True), ("0.9900990099", True)],
)
async def test_what_is_used_reads_as_the_limit_only_where_it_is_reached(
    toy, venue, open_toy_desk, limit, breached
):
    risk = toy.RISK.replace('position_pct = "none"', f'position_pct = "{limit}"')
    async with open_toy_desk(venue, risk=risk) as desk:
        rows = {row["name"]: row for row in ask(desk, "risk")["limits"]}
        row = rows["position_pct"]
        assert (D(row["used"]) >= D(row["value"])) is row["breached"] is breached


async def test_limits_of_narrower_scopes_are_rows_of_their_own(toy, venue, open_toy_desk):
    risk = toy.RISK + '[risk.symbols."BTC/*"]\norder_quantity_max = 3\n'
    async with open_toy_desk(venue, risk=risk) as desk:
        rows = {(it["name"], it["scope"]): it for it in ask(desk, "risk")["limits"]}
        assert rows["order_quantity_max", "symbol:BTC/*"]["value"] == "3"
        assert rows["order_quantity_max", "desk"]["value"] == "none"


async def test_a_rate_is_told_per_time_and_a_time_in_seconds(venue, open_toy_desk):
    given = {
        "orders_per_s": ("9", "orders/s"),
        "orders_per_minute": ("90", "orders/min"),
        "duplicate_window_s": ("2", "s"),
        "stale_after_s": ("5", "s"),
        "max_open_orders": ("7", "count"),
        "price_collar_bps": ("50", "bps"),
        "position_pct": ("20", "%"),
        "order_notional_max": ("500", "USDT"),
    }
    async with open_toy_desk(venue) as desk:
        ask(desk, "set_flag", name="risk_override", value=True, by="Ann")
        for name, (value, unit) in given.items():
            row = ask(desk, "set_limit", name=name, value=value, by="Ann")
            assert (row["value"], row["unit"]) == (value, unit)
        row = ask(desk, "set_limit", name="orders_per_s", value="none", by="Ann")
        assert (row["value"], row["unit"]) == ("none", "")


async def test_whoever_stops_the_desk_is_journaled(venue, journal, open_toy_desk):
    async with open_toy_desk(venue, journal=journal) as desk:
        assert ask(desk, "stop", on_exit="keep", by="Ann", door="api") == {"stopping": True}
    [acted] = journal.records(r.PersonActed)
    assert (acted.by, acted.action, acted.words, acted.door) == (
        "Ann",
        "stop",
        "keep",
        "api",
    )
