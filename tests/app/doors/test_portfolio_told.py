"""What the desk is worth, in the words of its operation."""

from decimal import Decimal

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
    assert told["declared"] == ["main"]
    assert [row["portfolio"] for row in told["portfolios"]] == ["main"]
