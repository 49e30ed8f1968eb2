"""What names a portfolio names one that there is: limits of a name hold for that name alone."""

from decimal import Decimal

import pytest

from crossdock.core import records as r
from crossdock.errors import DeskError, RiskRefused

D = Decimal
BUY = {"side": "buy", "symbol": "BTC/USDT", "quantity": "2", "limit": "99"}
SIGNAL = {
    "symbol": "BTC/USDT",
    "direction": "long",
    "strategy": "charts",
    "correlation": "w1",
    "by": "ann",
    "door": "webhook",
}
DECLARED = "[portfolios.swing]\ncapital = 1000\n"
LIMITED = "\n[risk.portfolios.main]\norder_notional_max = 100\n"


def ask(desk, op, **args):
    return desk.operations.table()[op](**args)


@pytest.mark.parametrize(
    ("name", "hint"),
    [
        ("Main", "did you mean main?"),
        ("main ", "did you mean main?"),
        ("swings", "did you mean swing?"),
        ("zzz", "known: main, swing"),
        ("", "known: main, swing"),
    ],
)
async def test_a_name_that_is_nearly_one_does_not_walk_around_its_limits(
    toy, venue, journal, open_toy_desk, name, hint
):
    text = DECLARED + "[portfolios.main]\n"
    async with open_toy_desk(
        venue, text=text, risk=toy.RISK + LIMITED, journal=journal
    ) as desk:
        with pytest.raises(RiskRefused, match="order_size"):
            ask(desk, "place", **BUY)
        before = len(journal.entries)
        for op, args in (
            ("place", BUY),
            ("dry_run", BUY),
            ("take_signal", SIGNAL),
            ("take_signal", {**SIGNAL, "quantity": "2", "limit": "99"}),
        ):
            with pytest.raises(DeskError) as refused:
                ask(desk, op, **args, portfolio=name)
            assert (refused.value.code, refused.value.hint) == ("unknown-portfolio", hint)
        assert len(journal.entries) == before
        assert not desk.kernel.state.orders


@pytest.mark.parametrize("name", ["main", "swing"])
async def test_the_main_portfolio_is_there_beside_those_of_the_settings(
    venue, open_toy_desk, name
):
    async with open_toy_desk(venue, text=DECLARED) as desk:
        assert ask(desk, "place", **BUY, portfolio=name)["portfolio"] == name
        told = ask(desk, "take_signal", **SIGNAL, quantity="1", portfolio=name)
        assert told["order"]["portfolio"] == name


@pytest.fixture
async def leftover(toy, clock, venue, open_toy_desk):
    """A desk with 2 BTC of a portfolio that its settings have no more."""
    async with open_toy_desk(venue) as desk:
        for strategy in ("charts", "manual"):
            desk.dealing.place(toy.order(quantity=D(1), strategy=strategy, portfolio="old"))
        await desk.gateways["main"].writes.settle()
        await clock.settle()
        venue.fill("v1", "1", "99")
        venue.fill("v2", "1", "99")
        await clock.settle()
        yield desk


async def test_what_an_undeclared_portfolio_holds_can_be_closed_and_not_enlarged(leftover):
    sell = {**BUY, "side": "sell", "limit": "101", "portfolio": "old"}
    for wrong in ({"side": "buy", "limit": "99"}, {"quantity": "2.01"}):
        with pytest.raises(DeskError, match="no portfolio 'old'"):
            ask(leftover, "place", **{**sell, **wrong})
    assert ask(leftover, "place", **{**sell, "quantity": "1.5"})["portfolio"] == "old"
    with pytest.raises(DeskError, match="no portfolio 'old'"):
        ask(leftover, "place", **{**sell, "quantity": "0.6"})  # 1.5 of it is under way


async def test_an_order_that_closes_an_undeclared_portfolio_is_not_amended_to_open(
    clock, leftover
):
    sell = {**BUY, "side": "sell", "limit": "101", "portfolio": "old", "quantity": "1"}
    order = ask(leftover, "place", **sell)["order_id"]
    await leftover.gateways["main"].writes.settle()
    await clock.settle()
    with pytest.raises(DeskError, match="no portfolio 'old'"):
        ask(leftover, "amend", order=order, quantity="2.01")
    assert ask(leftover, "amend", order=order, quantity="2")["portfolio"] == "old"


async def test_a_signal_still_leaves_what_an_undeclared_portfolio_holds(leftover):
    told = ask(
        leftover, "take_signal", **{**SIGNAL, "direction": "flat", "portfolio": "old"}
    )
    assert told["outcome"] == "ordered"
    assert (told["order"]["side"], told["order"]["quantity"]) == ("sell", "1")


@pytest.mark.parametrize(("scope", "passes"), [("main", True), ("Main", False)])
async def test_a_limit_is_set_for_a_portfolio_that_there_is(
    venue, journal, open_toy_desk, scope, passes
):
    async with open_toy_desk(venue, journal=journal) as desk:
        person = {"by": "Ann", "door": "cli"}
        ask(desk, "set_flag", name="risk_override", value=True, **person)
        change = {"name": "order_notional_max", "scope": f"portfolio:{scope}", **person}
        if passes:
            assert ask(desk, "set_limit", **change, value="100")["value"] == "100"
            return
        with pytest.raises(DeskError) as refused:
            ask(desk, "set_limit", **change, value="100")
        assert refused.value.code == "unknown-portfolio"
        assert journal.records(r.LimitSet) == []
