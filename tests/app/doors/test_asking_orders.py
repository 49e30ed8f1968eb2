"""Orders asked for: the newest first, as many as wanted, while trading goes on."""

import asyncio

import pytest

from crossdock.model import OrderStatus

COUNT = 220
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
