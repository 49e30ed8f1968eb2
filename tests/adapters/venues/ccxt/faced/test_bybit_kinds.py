"""Bybit's stops: named by their kind on spot, attached to an order on contracts."""

from decimal import Decimal

import pytest

from crossdock.errors import NotSent, Rejected
from crossdock.model import ContractKind, Leg, OrderStatus, OrderType, Side

SPOT, LINEAR = "BTC/USDT", "BTC/USDT:USDT"
MANY = dict.fromkeys(("writes_1s", "reads_1s", "address_5s"), 10_000)
STOP = {"type": OrderType.STOP, "side": Side.SELL, "stop_price": Decimal(90)}
STOP_LIMIT = STOP | {"type": OrderType.STOP_LIMIT, "limit_price": Decimal(89)}
STOP_AT_90 = (Leg(stop_price=Decimal(90)),)


@pytest.fixture
async def bybit(faced):
    it = await faced("bybit", limits=MANY)
    await it.trade("sell", 100, 1)
    await it.adapter.submit(await it.order(type=OrderType.MARKET))
    return it


@pytest.mark.parametrize("is_named", [True, False], ids=["by its id", "by ours"])
@pytest.mark.parametrize(
    "terms", [STOP, STOP_LIMIT, {}], ids=["stop", "stop limit", "limit"]
)
async def test_every_kind_is_looked_up_and_cancelled_on_spot(bybit, terms, is_named):
    order = await bybit.order(**terms)
    report = await bybit.adapter.submit(order)
    named = [report] if is_named else []
    found = await bybit.adapter.order(bybit.ref(order, *named))
    assert (found.venue_order_id, found.type) == (report.venue_order_id, order.type)
    assert [it.type for it in await bybit.adapter.open_orders()] == [order.type]
    ended = await bybit.cancel(order, *named)
    assert ended.status is OrderStatus.CANCELED
    assert (await bybit.truth())["orders"][-1]["status"] == "Canceled"


async def test_a_stop_that_has_triggered_and_rests_is_cancelled_on_spot(bybit):
    order = await bybit.order(**STOP_LIMIT | {"limit_price": Decimal(95)})
    report = await bybit.adapter.submit(order)
    await bybit.trade("buy", 89, 5)
    half = {"type": OrderType.MARKET, "side": Side.SELL, "quantity": Decimal("0.5")}
    await bybit.adapter.submit(await bybit.order(**half))
    [found] = await bybit.adapter.open_orders()
    assert found.venue_order_id == report.venue_order_id
    ended = await bybit.cancel(order, report)
    assert ended.status is OrderStatus.CANCELED


async def test_cancel_all_ends_stops_on_spot(bybit):
    for terms in (STOP, {}):
        order = await bybit.order(**terms | {"quantity": Decimal("0.5")})
        await bybit.adapter.submit(order)
    await bybit.adapter.cancel_all()
    assert not await bybit.adapter.open_orders()


async def test_a_cancel_of_what_is_done_is_rejected_on_spot(bybit):
    order = await bybit.order()
    report = await bybit.adapter.submit(order)
    await bybit.cancel(order, report)
    with pytest.raises(Rejected, match="170213"):
        await bybit.cancel(order, report)


@pytest.mark.parametrize("limit", [None, Decimal(89)], ids=["at market", "limited"])
async def test_an_attached_stop_names_its_order_and_is_as_large(bybit, limit):
    legs = (Leg(stop_price=Decimal(90), limit_price=limit),)
    async with bybit.watched() as sink:
        order = await bybit.order(LINEAR, attached=legs)
        report = await bybit.adapter.submit(order)
        assert (report.type, report.parent) == (OrderType.LIMIT, None)
        await bybit.trade("sell", 100, 1, LINEAR)
        await sink.until(lambda: any(it.parent for it in sink.reports))
        [leg] = {it.venue_order_id: it for it in sink.reports if it.parent}.values()
    assert leg.parent == report.venue_order_id
    assert leg.type is (OrderType.STOP if limit is None else OrderType.STOP_LIMIT)
    assert (leg.side, leg.quantity) == (Side.SELL, order.quantity)
    assert (leg.stop_price, leg.limit_price) == (Decimal(90), limit)
    assert {it.type for it in sink.of(order)} == {OrderType.LIMIT}
    [listed] = await bybit.adapter.open_orders()
    assert (listed.venue_order_id, listed.parent) == (leg.venue_order_id, leg.parent)


async def test_an_exit_of_an_order_that_never_filled_is_not_told(bybit):
    async with bybit.watched() as sink:
        order = await bybit.order(LINEAR, attached=STOP_AT_90)
        report = await bybit.adapter.submit(order)
        ended = await bybit.cancel(order, report)
        await sink.until(lambda: sink.of(order)[-1].status is ended.status)
        assert {it.venue_order_id for it in sink.reports} == {report.venue_order_id}
    assert not await bybit.adapter.open_orders()


@pytest.mark.parametrize(
    ("symbol", "legs"),
    [(SPOT, STOP_AT_90), (LINEAR, (Leg(limit_price=Decimal(110)),))],
    ids=["a stop on spot", "a take-profit"],
)
async def test_an_exit_that_would_be_another_order_is_not_sent(bybit, symbol, legs):
    sent = len((await bybit.truth())["orders"])
    order = await bybit.order(symbol, attached=legs)
    with pytest.raises(NotSent):
        await bybit.adapter.submit(order)
    assert len((await bybit.truth())["orders"]) == sent


async def test_a_quantity_between_two_steps_is_rejected_on_contracts(bybit):
    order = await bybit.order(LINEAR, quantity=Decimal("0.0005"))
    assert order.instrument.kind is ContractKind.LINEAR
    with pytest.raises(Rejected, match="10001"):
        await bybit.adapter.submit(order)
