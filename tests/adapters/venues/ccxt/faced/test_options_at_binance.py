"""Binance's options at its face: what premiums, positions and chains come to."""

from decimal import Decimal

import pytest

from crossdock.errors import OutcomeUnknown
from crossdock.model import ContractKind, OptionRight, OrderStatus, Side

CALL, PUT = "BTC/USDT:USDT-300726-60000-C", "ETH/USDT:USDT-300726-3000-P"
MANY = dict.fromkeys(("request_weight_1m", "orders_10s", "orders_1m"), 100_000)


@pytest.fixture
async def options(faced):
    return await faced("binanceoptions", limits=MANY, hurry=50)


async def usdt(options):
    [balance] = [it for it in await options.adapter.balances() if it.asset == "USDT"]
    return balance.total


async def test_options_are_listed_with_strike_right_and_expiry(options):
    call, put = await options.instrument(CALL), await options.instrument(PUT)
    assert {call.kind, put.kind} == {ContractKind.OPTION}
    assert (call.strike, call.right) == (60000, OptionRight.CALL)
    assert (put.strike, put.right) == (3000, OptionRight.PUT)
    assert call.expiry_time_ns == put.expiry_time_ns == 1911283200 * 10**9
    assert (call.quote, call.settle, call.multiplier) == ("USDT", "USDT", 1)


async def test_a_premium_is_paid_and_the_option_held(options):
    await options.trade("sell", 5000, "0.5", CALL)
    before = await usdt(options)
    order = await options.order(CALL, quantity=Decimal("0.2"), limit_price=Decimal(5000))
    cursor = await options.adapter.fill_cursor()
    report = await options.adapter.submit(order)
    assert report.client_order_id == order.client_order_id
    found = await options.adapter.order(options.ref(order))
    assert (found.status, found.cumulative_quantity) == (OrderStatus.FILLED, Decimal("0.2"))
    [fill] = (await options.adapter.fills_after(cursor)).fills
    assert (fill.quantity, fill.price, fill.side) == (Decimal("0.2"), 5000, Side.BUY)
    assert fill.fee > 0
    assert await usdt(options) == before - 1000 - fill.fee
    [position] = await options.adapter.positions()
    assert (position.quantity, position.entry_price) == (Decimal("0.2"), 5000)


async def test_an_option_that_was_written_is_a_short_position(options):
    await options.trade("buy", 200, "3", PUT)
    before = await usdt(options)
    order = await options.order(
        PUT, side=Side.SELL, quantity=Decimal(2), limit_price=Decimal(200)
    )
    cursor = await options.adapter.fill_cursor()
    await options.adapter.submit(order)
    found = await options.adapter.order(options.ref(order))
    assert (found.quantity, found.cumulative_quantity) == (2, 2)
    [fill] = (await options.adapter.fills_after(cursor)).fills
    assert (fill.quantity, fill.side) == (2, Side.SELL)
    assert await usdt(options) == before + 400 - fill.fee
    [position] = await options.adapter.positions()
    assert position.quantity == -2


async def test_the_chain_of_an_asset_has_prices_and_greeks(options):
    await options.trade("buy", 4900, 1, CALL)
    await options.trade("sell", 5100, 1, CALL)
    [quote] = await options.adapter.option_chain("BTC")
    assert quote.instrument.startswith(f"{CALL}@")
    assert (quote.bid, quote.ask) == (4900, 5100)
    assert quote.greeks is not None
    assert 0 <= quote.greeks.delta <= 1


async def test_open_orders_of_every_option_are_listed_at_once(options):
    first = await options.order(CALL, quantity=Decimal(1))
    second = await options.order(PUT, quantity=Decimal(1), limit_price=Decimal(10))
    for order in (first, second):
        await options.adapter.submit(order)
    listed = {it.client_order_id for it in await options.adapter.open_orders()}
    assert listed == {first.client_order_id, second.client_order_id}


async def test_an_id_an_open_order_has_is_not_taken_twice(options):
    order = await options.order(CALL)
    await options.adapter.submit(order)
    with pytest.raises(OutcomeUnknown, match="-6044"):
        await options.adapter.submit(order)
    assert len((await options.truth())["orders"]) == 1
