"""Binance's stops are followed to the orders that they become, and money is what is owned."""

from decimal import Decimal

import pytest

from crossdock.adapters.venues.ccxt.abilities.account_stream import WatchesAccounts
from crossdock.model import OrderStatus, OrderType, PositionSide, Side

D = Decimal
S = OrderStatus
MANY = {
    "request_weight_1m": 1_000_000,
    "orders_10s": 100_000,
    "orders_1m": 100_000,
    "stream_messages_1s": 1000,
}
STOP = {"type": OrderType.STOP, "side": Side.SELL, "stop_price": D(90)}
STOP_LIMIT = STOP | {"type": OrderType.STOP_LIMIT, "limit_price": D(95)}
TOUCHED = STOP | {"type": OrderType.MARKET_IF_TOUCHED, "stop_price": D(110)}
SYMBOLS = {"binanceusdm": "BTC/USDT:USDT", "binancecoinm": "BTC/USD:BTC"}


class Futures:
    """A futures face with a position of 10 at 100, and its only symbol taken for granted."""

    def __init__(self, faced, symbol):
        self.faced, self.symbol = faced, symbol
        self.adapter = faced.adapter

    async def order(self, **terms):
        return await self.faced.order(self.symbol, **{"quantity": D(5), **terms})

    async def trade(self, side, price, quantity):
        await self.faced.trade(side, price, quantity, self.symbol)

    async def trigger(self, price, wanted=0):
        """Trade one contract at a price with somebody who, below, may want more."""
        falls = price < 100
        if wanted:
            await self.trade("buy", 80, wanted)
        await self.trade("buy" if falls else "sell", price, 1)
        side = Side.SELL if falls else Side.BUY
        one = await self.order(type=OrderType.MARKET, side=side, quantity=D(1))
        await self.adapter.submit(one)


@pytest.fixture(params=SYMBOLS)
async def futures(faced, request):
    it = Futures(await faced(request.param, limits=MANY), SYMBOLS[request.param])
    await it.trade("sell", 100, 10)
    await it.adapter.submit(await it.order(type=OrderType.MARKET, quantity=D(10)))
    return it


async def test_a_lookup_of_a_triggered_stop_tells_what_it_became(futures):
    order = await futures.order(**STOP)
    waiting = await futures.adapter.submit(order)
    await futures.trigger(90, wanted=10)
    found = await futures.adapter.order(futures.faced.ref(order, waiting))
    assert (found.status, found.cumulative_quantity) == (S.FILLED, 5)
    assert found.replaces == waiting.venue_order_id
    assert found.venue_order_id != waiting.venue_order_id
    assert found.client_order_id == order.client_order_id
    assert (found.type, found.stop_price) == (OrderType.STOP, 90)


async def test_a_stop_is_looked_up_by_the_id_it_had_or_by_ours_alone(futures):
    order = await futures.order(**STOP_LIMIT)
    waiting = await futures.adapter.submit(order)
    await futures.trigger(90)
    by_venue = futures.faced.ref(order, waiting)
    by_client = futures.faced.ref(order)
    for ref in (by_venue, by_client):
        found = await futures.adapter.order(ref)
        assert (found.status, found.limit_price) == (S.NEW, 95)
        assert found.replaces == waiting.venue_order_id


async def test_a_triggered_stop_is_open_as_what_it_became(futures):
    order = await futures.order(**STOP_LIMIT)
    waiting = await futures.adapter.submit(order)
    [listed] = await futures.adapter.open_orders()
    assert listed.venue_order_id == waiting.venue_order_id
    await futures.trigger(90)
    [listed] = await futures.adapter.open_orders()
    assert listed.replaces == waiting.venue_order_id
    assert (listed.status, listed.type) == (S.NEW, OrderType.STOP_LIMIT)
    canceled = await futures.faced.cancel(order, waiting, listed)
    assert (canceled.status, canceled.replaces) == (S.CANCELED, waiting.venue_order_id)


async def test_an_adapter_that_was_away_asks_what_a_triggered_stop_was(futures):
    order = await futures.order(**STOP_LIMIT)
    waiting = await futures.adapter.submit(order)
    await futures.trigger(90)
    translation = futures.adapter.translation
    for memory in (translation._apart, translation._gone_on, translation._seen):
        memory.clear()
    [listed] = await futures.adapter.open_orders()
    assert listed.replaces == waiting.venue_order_id
    assert listed.stop_price == order.stop_price


@pytest.mark.parametrize("terms", [STOP, TOUCHED], ids=lambda terms: terms["type"])
async def test_a_stop_is_streamed_as_one_order_to_its_last_fill(futures, terms):
    async with futures.faced.watched() as sink:
        order = await futures.order(**terms)
        waiting = await futures.adapter.submit(order)
        await sink.until(lambda: sink.of(order))
        await futures.trigger(int(order.stop_price), wanted=10)
        await sink.until(lambda: sink.of(order)[-1].status is S.FILLED)
        last = sink.of(order)[-1].venue_order_id
        await sink.until(lambda: last in {it.venue_order_id for it in sink.told_fills})
    ends = sink.of(order)
    assert {it.status for it in ends} <= {S.NEW, S.PARTIALLY_FILLED, S.FILLED}
    became = [it for it in ends if it.venue_order_id != waiting.venue_order_id]
    assert {it.replaces for it in became} == {waiting.venue_order_id}
    assert {it.type for it in ends} == {order.type}


async def test_a_stop_that_is_cancelled_as_it_waits_became_nothing(futures):
    order = await futures.order(**STOP)
    waiting = await futures.adapter.submit(order)
    canceled = await futures.faced.cancel(order, waiting)
    assert (canceled.status, canceled.replaces) == (S.CANCELED, None)
    assert canceled.venue_order_id == waiting.venue_order_id


async def test_a_balance_is_the_wallets_whatever_a_position_is_worth(futures):
    asset = "USDT" if futures.symbol.endswith("USDT") else "BTC"
    await futures.trigger(120)
    [balance] = [it for it in await futures.adapter.balances() if it.asset == asset]
    [position] = await futures.adapter.positions()
    assert (position.quantity, position.entry_price < 120) == (11, True)
    assert balance.total == D((await futures.faced.truth())["cash"][asset])


async def test_a_streamed_fill_is_of_the_side_of_its_position(futures):
    assert isinstance(futures.adapter, WatchesAccounts)
    driver = futures.adapter.driver
    row = {
        "s": driver.market(futures.symbol)["id"],
        "S": "SELL",
        "x": "TRADE",
        "i": 1,
        "t": 2,
        "l": "1",
        "L": "100",
        "n": "0.1",
        "N": "USDT",
        "T": 1_700_000_000_000,
        "m": False,
    }
    for told, side in (
        ("LONG", PositionSide.LONG),
        ("SHORT", PositionSide.SHORT),
        ("BOTH", PositionSide.NET),
    ):
        fill = futures.adapter.translation.fill(driver.parse_ws_trade(row | {"ps": told}))
        assert fill.position_side is side
