"""An order that ended is found by our id however many ended since, or it stays in doubt."""

import uuid
from decimal import Decimal

import pytest

from crossdock.model import ClientOrderId, OrderStatus

D = Decimal
MANY = 1_000_000
WIDE = {
    "kraken": dict.fromkeys(("calls_most", "orders_most", "public_most"), MANY),
    "coinbase": dict.fromkeys(("private_per_s", "public_per_s"), MANY),
    "okx": dict.fromkeys(("writes_2s", "reads_2s", "slow_reads_2s", "public_2s"), MANY),
    "bybit": dict.fromkeys(("writes_1s", "reads_1s", "address_5s"), MANY),
}
SYMBOLS = {
    "coinbase": "BTC/USD",
    "kraken": "BTC/USD",
}
OURS = {
    "coinbase": str(uuid.UUID(int=7)),
    "kraken": str(uuid.UUID(int=8)),
}


async def opened(faced, name):
    venue = await faced(name, limits=WIDE[name])
    symbol = SYMBOLS.get(name, "BTC/USDT")
    await venue.instrument(symbol)
    return venue, symbol


async def order_of(venue, name, symbol, **changes):
    ours = ClientOrderId(OURS.get(name, "cd-000000000001"))
    return await venue.order(
        symbol, client_order_id=ours, quantity=D("0.02"), limit_price=D(1000), **changes
    )


async def spend(venue, symbol, count):
    """Have orders of the same account fill, each after the one before."""
    await venue.act(
        "manual_order",
        account="main",
        symbol=symbol,
        side="buy",
        type="limit",
        quantity="0.001",
        limit_price="1000",
        times=count,
    )


@pytest.mark.parametrize(("name", "later"), [("kraken", 60), ("coinbase", 110)])
async def test_a_filled_order_is_found_behind_more_than_a_page_of_later_ones(
    faced, name, later
):
    venue, symbol = await opened(faced, name)
    await venue.trade("sell", 1000, "1", symbol=symbol)
    order = await order_of(venue, name, symbol)
    await venue.adapter.submit(order)
    await spend(venue, symbol, later)
    found = await venue.adapter.order(venue.ref(order))
    assert (found.status, found.cumulative_quantity) == (OrderStatus.FILLED, D("0.02"))


OPEN = {"okx": 105, "bybit": 55, "coinbase": 105}


@pytest.mark.parametrize(("name", "count"), OPEN.items())
async def test_more_open_orders_than_a_page_are_listed_and_cancelled(faced, name, count):
    venue, symbol = await opened(faced, name)
    await venue.act(
        "manual_order",
        account="main",
        symbol=symbol,
        side="buy",
        type="limit",
        quantity="0.01",
        limit_price="900",
        times=count,
    )
    assert len(await venue.adapter.open_orders()) == count
    await venue.adapter.cancel_all()
    held = (await venue.truth())["orders"]
    assert {it["status"] for it in held} == {OrderStatus.CANCELED.value}
    assert len(held) == count
