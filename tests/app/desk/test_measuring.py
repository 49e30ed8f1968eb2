"""What strategies made is measured in full, and rounded only where it is told."""

from decimal import Decimal

from crossdock.app.desk.worth.measuring import measured
from crossdock.core.amounts import money

D = Decimal
PRICE = "99.12345678901234567891"  # more digits than are told, or than a float has


async def _bought(toy, clock, venue, desk, **owner):
    order = desk.dealing.place(toy.order(limit_price=D(101), **owner))
    await clock.settle()
    venue.fill(order.venue_order_ids[-1], price=PRICE)
    await clock.settle()


async def test_a_strategy_of_two_portfolios_made_the_exact_sum_of_its_shares(
    toy, clock, venue, open_toy_desk
):
    async with open_toy_desk(venue) as desk:
        await _bought(toy, clock, venue, desk, strategy="dip")
        await _bought(toy, clock, venue, desk, strategy="dip", portfolio="swing")
        first, second = desk.figures.shares()
        readings = measured(desk)
        told = desk.operations.portfolio()["portfolios"]
    assert (first.portfolio, second.portfolio) == ("main", "swing")
    assert first.pnl.total == D(100) - D(PRICE) - D("0.1")
    assert readings["strategy:dip"].pnl == float(first.pnl.total + second.pnl.total)
    assert readings["portfolio:swing"].pnl == float(second.pnl.total)
    assert [row["pnl"] for row in told] == [money(first.pnl.total)] * 2
    assert D(told[0]["pnl"]) != first.pnl.total


async def test_a_status_tells_each_share_as_the_portfolio_does(
    toy, clock, venue, open_toy_desk
):
    async with open_toy_desk(venue) as desk:
        await _bought(toy, clock, venue, desk, strategy="dip")
        told = desk.operations.status()["portfolios"]
        assert told == desk.operations.portfolio()["portfolios"] != []
