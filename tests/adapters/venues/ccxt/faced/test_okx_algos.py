"""OKX's algo orders are followed from their birth to the order that they become."""

from decimal import Decimal

import pytest

from crossdock.adapters.venues.ccxt.exchanges.okx import QUIRKS
from crossdock.errors import NotSent, Rejected
from crossdock.model import OrderStatus, OrderType, Side

LINEAR = "BTC/USDT:USDT"
MANY = dict.fromkeys(("writes_2s", "reads_2s", "slow_reads_2s", "public_2s"), 10_000)
STOP = {"type": OrderType.STOP, "side": Side.SELL, "stop_price": Decimal(90)}


@pytest.fixture
async def okx(faced):
    it = await faced("okx", limits=MANY)
    await it.trade("sell", 100, 1)
    await it.adapter.submit(await it.order(type=OrderType.MARKET))
    return it


@pytest.mark.parametrize(
    "terms",
    [
        STOP,
        STOP | {"type": OrderType.STOP_LIMIT, "limit_price": Decimal(89)},
        STOP | {"type": OrderType.MARKET_IF_TOUCHED, "stop_price": Decimal(110)},
        {
            "type": OrderType.TRAILING_STOP,
            "side": Side.SELL,
            "trail_percent": Decimal(5),
        },
    ],
    ids=lambda terms: terms["type"],
)
async def test_an_algo_order_is_streamed_from_birth_to_end(okx, terms):
    async with okx.watched() as sink:
        order = await okx.order(**terms)
        report = await okx.adapter.submit(order)
        await sink.until(lambda: sink.of(order))
        assert sink.of(order)[0].venue_order_id == report.venue_order_id
        assert sink.of(order)[0].type is order.type
        await okx.cancel(order, report)
        await sink.until(lambda: sink.of(order)[-1].status is OrderStatus.CANCELED)
        assert {it.venue_order_id for it in sink.of(order)} == {report.venue_order_id}


async def test_what_a_stop_became_is_told_under_our_id_with_its_fill(okx):
    async with okx.watched() as sink:
        order = await okx.order(**STOP)
        report = await okx.adapter.submit(order)
        await sink.until(lambda: sink.of(order))
        await okx.trade("buy", 89, 5)
        seller = await okx.order(
            side=Side.SELL, type=OrderType.MARKET, quantity=Decimal("0.5")
        )
        await okx.adapter.submit(seller)
        await sink.until(lambda: sink.of(order)[-1].status is OrderStatus.FILLED)
        made = sink.of(order)[-1].venue_order_id
        await sink.until(lambda: made in {it.venue_order_id for it in sink.told_fills})
        assert OrderStatus.CANCELED not in {it.status for it in sink.of(order)}
    found = await okx.adapter.order(okx.ref(order, report))
    assert (found.venue_order_id, found.status) == (made, OrderStatus.FILLED)
    assert found.cumulative_quantity == order.quantity
    assert (found.type, found.replaces) == (order.type, report.venue_order_id)
    chain = (await okx.truth())["orders"][1]["chain"]
    assert [report.venue_order_id.removeprefix("algo:"), made] == chain


async def test_what_a_stop_became_and_rests_is_listed_and_cancelled(okx):
    limited = {"type": OrderType.STOP_LIMIT, "limit_price": Decimal(95)}
    order = await okx.order(**STOP | limited)
    report = await okx.adapter.submit(order)
    await okx.trade("buy", 89, 5)
    half = {"side": Side.SELL, "type": OrderType.MARKET, "quantity": Decimal("0.5")}
    await okx.adapter.submit(await okx.order(**half))
    [listed] = await okx.adapter.open_orders()
    assert listed.client_order_id == order.client_order_id
    assert listed.replaces == report.venue_order_id
    ended = await okx.cancel(order, report, listed)
    assert (ended.status, ended.venue_order_id) == (
        OrderStatus.CANCELED,
        listed.venue_order_id,
    )
    assert not await okx.adapter.open_orders()


@pytest.mark.parametrize(
    ("terms", "changes"),
    [
        (STOP, {"stop_price": Decimal(85)}),
        (STOP, {"quantity": Decimal("0.5")}),
        (
            STOP | {"type": OrderType.STOP_LIMIT, "limit_price": Decimal(89)},
            {"stop_price": Decimal(85), "limit_price": Decimal(84)},
        ),
        (
            STOP
            | {"type": OrderType.LIMIT_IF_TOUCHED, "stop_price": Decimal(110)}
            | {"limit_price": Decimal(109)},
            {"limit_price": Decimal(108)},
        ),
    ],
)
async def test_an_algo_order_is_amended_where_it_lives(okx, terms, changes):
    order = await okx.order(**terms)
    report = await okx.adapter.submit(order)
    amended = await okx.replace(order, report, **changes)
    assert amended.venue_order_id == report.venue_order_id
    held = (await okx.truth())["orders"][-1]
    for name, value in changes.items():
        assert Decimal(held[name]) == getattr(amended, name) == value
    assert held["status"] == "New"


async def test_a_trailing_stop_is_not_amended(okx):
    terms = {"side": Side.SELL, "trail_percent": Decimal(5)}
    order = await okx.order(type=OrderType.TRAILING_STOP, **terms)
    report = await okx.adapter.submit(order)
    with pytest.raises(NotSent):
        await okx.replace(order, report, quantity=Decimal("0.5"))


async def test_open_orders_behind_the_first_hundred_are_listed(okx):
    sent = set()
    for number in range(103):
        order = await okx.order(
            quantity=Decimal("0.01"), limit_price=Decimal(50 + number % 9)
        )
        sent.add((await okx.adapter.submit(order)).venue_order_id)
    assert {it.venue_order_id for it in await okx.adapter.open_orders()} == sent


async def test_algo_orders_behind_the_first_hundred_are_listed(okx):
    sent = set()
    for _ in range(101):
        order = await okx.order(**STOP | {"quantity": Decimal("0.001")})
        sent.add((await okx.adapter.submit(order)).venue_order_id)
    assert {it.venue_order_id for it in await okx.adapter.open_orders()} == sent


async def test_an_order_that_may_only_reduce_reduces(okx):
    await okx.trade("sell", 100, 5, LINEAR)
    await okx.trade("buy", 99, 5, LINEAR)
    market = {"symbol": LINEAR, "type": OrderType.MARKET}
    await okx.adapter.submit(await okx.order(**market, quantity=Decimal(2)))
    less = await okx.order(**market, side=Side.SELL, reduce_only=True, quantity=Decimal(1))
    await okx.adapter.submit(less)
    [position] = await okx.adapter.positions()
    assert position.quantity == 1
    more = await okx.order(**market, side=Side.BUY, reduce_only=True)
    with pytest.raises(Rejected):
        await okx.adapter.submit(more)


async def test_no_order_of_options_is_said_to_reduce_only(okx):
    order = await okx.order(LINEAR, reduce_only=True)
    with pytest.raises(NotSent, match="options"):
        QUIRKS.said(order, {}, {"type": "option", "option": True})


class Account:
    """As much of ccxt's object as an order that may only reduce touches."""

    watch_orders = handle_message = edit_order = privateGetTradeOrderAlgo = None
    privateGetTradeOrdersPending = privateGetTradeOrdersAlgoPending = None
    privateGetAccountBills = privateGetAccountBillsArchive = None

    def __init__(self, level):
        self.level = level
        self.sent, self.asked = [], 0

    async def privateGetAccountConfig(self):
        self.asked += 1
        return {"data": [{"acctLv": self.level}]}

    async def privatePostTradeOrder(self, params):
        self.sent.append(params)

    privatePostTradeBatchOrders = privatePostTradeOrderAlgo = privatePostTradeOrder


@pytest.mark.parametrize(
    ("level", "trims"), [("1", False), ("2", True), ("3", True), ("4", False)]
)
@pytest.mark.parametrize("method", ["BatchOrders", "OrderAlgo"])
async def test_reduce_only_is_sent_where_okx_heeds_it_alone(level, trims, method):
    account = Account(level)
    QUIRKS.tune(account)
    place = getattr(account, f"privatePostTrade{method}")
    row = {"instId": "BTC-USDT-SWAP", "reduceOnly": True}
    order = [row] if method == "BatchOrders" else row
    for _ in range(2):
        if trims:
            await place(order)
        else:
            with pytest.raises(NotSent, match=f"level {level}"):
                await place(order)
    assert account.sent == [order, order] * trims
    assert account.asked == 1


async def test_the_account_is_not_asked_for_an_order_that_may_do_more():
    account = Account("4")
    QUIRKS.tune(account)
    await account.privatePostTradeOrderAlgo({"instId": "BTC-USDT"})
    assert (len(account.sent), account.asked) == (1, 0)
