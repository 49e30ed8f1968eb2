"""What an account of Hyperliquid is told: its orders that wait, and what moved it."""

from decimal import Decimal

import pytest

from crossdock.model import AccountEventKind, ClientOrderId, OrderStatus, OrderType
from crossdock.sandbox.faces.described import venue_of
from crossdock.toolkit import Secret

MANY = {"weight_per_minute": 1_000_000}
SYMBOL = "BTC/USDC:USDC"


@pytest.fixture
async def hyperliquid(faced):
    [main] = venue_of("hyperliquid")["accounts"]
    settings = {"wallet": main["key"], "wallet_key_secret": Secret(main["secret"])}
    return await faced("hyperliquid", limits=MANY, settings=settings)


def named(number):
    return ClientOrderId(f"0x{number:032x}")


async def test_one_write_goes_out_for_one_order(hyperliquid):
    order = await hyperliquid.order(SYMBOL, client_order_id=named(1))
    report = await hyperliquid.adapter.submit(order)
    [held] = (await hyperliquid.truth())["orders"]
    assert (held["client_order_id"], held["id"]) == (named(1), report.venue_order_id)
    assert (await hyperliquid.cancel(order, report)).status is OrderStatus.CANCELED


async def test_a_stop_stays_a_stop_in_every_report(hyperliquid):
    async with hyperliquid.watched() as sink:
        order = await hyperliquid.order(
            SYMBOL,
            client_order_id=named(2),
            type=OrderType.STOP_LIMIT,
            stop_price=Decimal(110),
            limit_price=Decimal(112),
        )
        await hyperliquid.adapter.submit(order)
        await hyperliquid.trade("sell", 110, 2, SYMBOL)
        taker = await hyperliquid.order(
            SYMBOL, client_order_id=named(3), limit_price=Decimal(110)
        )
        await hyperliquid.adapter.submit(taker)
        await sink.until(
            lambda: any(it.status is OrderStatus.FILLED for it in sink.of(order))
        )
        told = {(it.type, it.stop_price, it.limit_price) for it in sink.of(order)}
    assert told == {(OrderType.STOP_LIMIT, Decimal(110), Decimal(112))}
    found = await hyperliquid.adapter.order(hyperliquid.ref(order))
    assert (found.type, found.status) == (OrderType.STOP_LIMIT, OrderStatus.FILLED)


async def test_a_fill_is_the_same_on_the_stream_and_in_the_history(hyperliquid):
    await hyperliquid.trade("sell", 100, 2, SYMBOL)
    async with hyperliquid.watched() as sink:
        order = await hyperliquid.order(SYMBOL, client_order_id=named(4))
        await hyperliquid.adapter.submit(order)
        await sink.until(lambda: sink.told_fills)
    page = await hyperliquid.adapter.fills_after("")
    same = ("execution_id", "price", "quantity", "fee", "fee_asset", "liquidity", "side")
    assert [[getattr(it, name) for name in same] for it in page.fills] == [
        [getattr(it, name) for name in same] for it in sink.told_fills
    ]


async def test_every_movement_is_told_once_in_what_it_was(hyperliquid):
    await hyperliquid.act("deposit", account="main", asset="USDC", amount="25")
    await hyperliquid.act("withdraw", account="main", asset="USDC", amount="5")
    await hyperliquid.act("deposit", account="main", asset="BTC", amount="0.5")
    await hyperliquid.trade("sell", 100, 1, SYMBOL)
    order = await hyperliquid.order(SYMBOL, client_order_id=named(5))
    await hyperliquid.adapter.submit(order)
    for rate in ("0.001", "-0.002"):
        await hyperliquid.act("funding", symbol=SYMBOL, rate=rate)
    events, cursor = [], ""
    while True:
        page = await hyperliquid.adapter.account_events_after(cursor)
        events += page.events
        cursor = page.cursor
        if page.complete:
            break
    assert len({it.event_id for it in events}) == len(events)
    assert sorted((it.kind, it.asset, it.amount) for it in events) == sorted(
        [
            (AccountEventKind.DEPOSIT, "USDC", Decimal(25)),
            (AccountEventKind.WITHDRAWAL, "USDC", Decimal(-5)),
            (AccountEventKind.TRANSFER, "BTC", Decimal("0.5")),
            (AccountEventKind.FUNDING, "USDC", Decimal("-0.1")),
            (AccountEventKind.FUNDING, "USDC", Decimal("0.2")),
        ]
    )
