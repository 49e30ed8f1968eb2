"""Orders asked for: the newest first, as many as wanted, while trading goes on."""

import asyncio
from decimal import Decimal

import pytest

from crossdock.app.doors.watching.topics import DONE_ORDERS, Fills, Orders
from crossdock.model import OrderStatus

D = Decimal
COUNT = 220
MANY = DONE_ORDERS + 20
WORKING = [each for each in range(COUNT) if each % 2]


@pytest.fixture
async def desk(venue, open_toy_desk):
    async with open_toy_desk(venue) as desk:
        for each in range(COUNT):
            told = venue.place(f"c{each}")
            if each not in WORKING:
                venue.report(venue.orders[told.venue_order_id], status=OrderStatus.CANCELED)
        yield desk


def newest(numbers, limit):
    return [f"c{each}" for each in reversed(numbers)][:limit]


@pytest.mark.parametrize("limit", [0, 1, 49, 50, 51, COUNT, 5_000])
@pytest.mark.parametrize("every", [False, True])
async def test_orders_are_told_newest_first_and_no_more_than_were_asked_for(
    desk, every, limit
):
    rows = await desk.operations.orders(all=every, limit=limit)
    wanted = newest(range(COUNT) if every else WORKING, limit)
    assert [row["client_order_id"] for row in rows] == wanted


async def test_trading_goes_on_while_many_orders_are_told(desk):
    turns = 0

    async def trade():
        nonlocal turns
        while True:
            turns += 1
            await asyncio.sleep(0)

    trading = asyncio.create_task(trade())
    rows = await desk.operations.orders(all=True, limit=5_000)
    trading.cancel()
    assert len(rows) == COUNT and turns >= COUNT // 50


async def test_an_order_that_ends_while_others_are_told_is_told_as_it_is_then(desk, venue):
    asked = asyncio.create_task(desk.operations.orders(all=True, limit=5_000))
    await asyncio.sleep(0)
    venue.report(venue.orders["v2"], status=OrderStatus.CANCELED)
    rows = {row["client_order_id"]: row for row in await asked}
    assert len(rows) == COUNT and rows["c1"]["status"] == "Canceled"


@pytest.fixture
async def busy(toy, clock, venue, open_toy_desk):
    """A desk on which one order by hand came before very many of a strategy."""
    async with open_toy_desk(venue) as desk:
        for number in range(MANY + 1):
            name = "manual" if not number else "maker"
            desk.dealing.place(toy.order(strategy=name, quantity=D("0.01") * (number + 1)))
        await desk.gateways["main"].writes.settle()
        await clock.settle()
        for number in range(MANY + 1):
            venue.fill(f"v{number + 1}", D("0.01") * (number + 1), "99")
        await clock.settle()
        yield desk


@pytest.mark.parametrize("op", ["orders", "fills"])
@pytest.mark.parametrize(
    ("asked", "count"),
    [
        ({"strategy": "manual"}, 1),
        ({"strategy": "maker"}, MANY),
        ({"strategy": "maker", "limit": 3}, 3),
        ({"strategy": "nobody"}, 0),
        ({"symbol": "BTC/USDT"}, MANY + 1),
        ({"symbol": "BTC/USDT@alpha"}, MANY + 1),
        ({"symbol": "BTC/USDT@beta"}, 0),
        ({"symbol": "BTC"}, 0),
        ({"symbol": "BTC/USDT", "strategy": "manual"}, 1),
    ],
)
async def test_what_is_asked_of_one_strategy_or_symbol_is_found_behind_all_others(
    busy, op, asked, count
):
    all_of_them = {"all": True} if op == "orders" else {}
    told = await busy.operations.table()[op](**{"limit": 5_000, **all_of_them, **asked})
    assert len(told) == count
    strategies = {row["strategy"] for row in told}
    assert strategies <= {asked.get("strategy", "manual"), asked.get("strategy", "maker")}


@pytest.mark.parametrize("topic", ["orders", "fills"])
async def test_a_snapshot_has_the_newest_of_each_strategy_newest_first(busy, topic):
    if topic == "orders":
        news = Orders(busy).news()
    else:
        news = await Fills(busy, busy.operations.fills_of_each).news()
    rows = news.data
    assert news.is_snapshot
    assert [row["strategy"] for row in rows] == ["maker"] * DONE_ORDERS + ["manual"]
    order = [D(row["quantity"]) for row in rows]
    assert order == sorted(order, reverse=True)


async def test_a_working_order_stands_before_older_ones_that_are_done(toy, clock, busy):
    await clock.advance(1)
    fresh = busy.dealing.place(toy.order(strategy="maker"))
    rows = Orders(busy).news().data
    assert rows[0]["order_id"] == fresh.order_id
