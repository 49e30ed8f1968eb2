"""What the desk is worth, in the words of its operation."""

from decimal import Decimal

import pytest

from crossdock.app.showing import show_positions
from crossdock.model import ContractKind

D = Decimal
DECLARED = '[portfolios.main]\n[portfolios.swing]\ncapital = "1000"\n'


async def test_a_portfolio_is_told_as_soon_as_it_is_declared(venue, open_toy_desk):
    async with open_toy_desk(venue, text=DECLARED) as desk:
        told = desk.operations.portfolio()
    assert told["declared"] == ["main", "swing"]
    assert told["portfolios"] == []


async def test_a_desk_that_declares_none_has_the_main_one(toy, clock, venue, open_toy_desk):
    async with open_toy_desk(venue) as desk:
        bought = desk.dealing.place(toy.order(limit_price=Decimal(101)))
        await clock.settle()
        venue.fill(bought.venue_order_ids[-1])
        await clock.settle()
        told = desk.operations.portfolio()
        now = desk.kernel.now()
    assert told["declared"] == ["main"]
    [account] = told["accounts"]
    assert now - 60 * 10**9 < account["day_since_ns"] <= now
    assert [row["portfolio"] for row in told["portfolios"]] == ["main"]


@pytest.mark.parametrize(
    ("terms", "mark", "expected"),
    [
        ({}, ("109.9", "110.1"), "10"),
        (
            {"kind": ContractKind.LINEAR, "multiplier": D("0.01")},
            ("109.9", "110.1"),
            "0.1",
        ),
        (
            {"kind": ContractKind.INVERSE, "multiplier": D(100), "settle": "BTC"},
            ("124.9", "125.1"),
            "0.2",  # 100/100 - 100/125
        ),
    ],
)
async def test_a_position_tells_what_closing_it_now_would_make(
    toy, clock, open_toy_desk, terms, mark, expected
):
    venue = toy.Venue(clock, id="BTC/USDT:X@alpha", **terms)
    async with open_toy_desk(venue) as desk:
        venue.fill(venue.place(price="100").venue_order_id)
        await clock.settle()
        venue.quote(*mark)
        await clock.advance(1)
        [row] = [it for it in desk.operations.positions() if "instrument" in it]
        assert (row["unrealized_pnl"], row["unvalued"]) == (expected, "")
        assert row["currency"] == venue.instrument.settle
        [offline] = [
            it for it in show_positions(desk.kernel.state, "main", {}) if "instrument" in it
        ]
        assert offline["unrealized_pnl"] is None
        assert offline["unvalued"] == "there is no price of BTC/USDT:X@alpha"
