"""An account of dYdX through the adapter: what it is refused for, and what is told of it."""

from decimal import Decimal

import pytest

from crossdock.errors import AuthFailed, RateLimited, Rejected
from crossdock.model import ClientOrderId, OrderStatus, Side, TimeInForce
from crossdock.sandbox.faces.described import venue_of
from crossdock.toolkit import LiveClock, Secret

pytest.importorskip("google.protobuf", reason="ccxt signs for dYdX by way of protobuf")

D = Decimal
MANY = {"stateful_per_block": 1000, "stateful_per_100_blocks": 1000, "reads_10s": 10_000}
SYMBOL = "BTC/USDC:USDC"


class Trader:
    """The adapter at dYdX's face."""

    def __init__(self, faced):
        self.faced = faced
        self.adapter = faced.adapter

    async def order(self, number, **terms):
        ours = ClientOrderId(str(number))
        return await self.faced.order(SYMBOL, client_order_id=ours, **terms)

    async def now(self, number, **terms):
        return await self.order(number, time_in_force=TimeInForce.IOC, **terms)

    async def trade(self, side, price, quantity):
        await self.faced.trade(side, price, quantity, SYMBOL)


async def opened(faced, *, secret=None, limits=MANY, clock=None):
    [main] = venue_of("dydx")["accounts"]
    key = Secret(secret or main["secret"])
    settings = {"wallet": main["key"], "wallet_key_secret": key}
    return Trader(await faced("dydx", limits=limits, settings=settings, clock=clock))


@pytest.fixture
async def trader(faced):
    return await opened(faced)


async def test_the_largest_and_the_least_of_our_ids_are_kept(trader):
    for number in (0, 1, 2**32 - 1):
        order = await trader.order(number)
        report = await trader.adapter.submit(order)
        found = await trader.adapter.order(trader.faced.ref(order))
        assert found.venue_order_id == report.venue_order_id
        assert found.client_order_id == str(number)
        canceled = await trader.faced.cancel(order, report)
        assert canceled.status is OrderStatus.CANCELED


async def test_a_key_that_is_not_the_wallets_is_refused_and_nothing_is_placed(faced):
    stranger = await opened(faced, secret="11" * 32)
    with pytest.raises(AuthFailed):
        await stranger.adapter.submit(await stranger.order(1))
    assert (await stranger.faced.truth())["orders"] == []


async def test_more_orders_than_a_block_takes_are_too_many(faced):
    limits = MANY | {"stateful_per_100_blocks": 1}
    trader = await opened(faced, limits=limits)
    await trader.adapter.submit(await trader.order(1))
    with pytest.raises(RateLimited):
        await trader.adapter.submit(await trader.order(2))
    assert len((await trader.faced.truth())["orders"]) == 1


async def test_an_indexer_that_is_asked_too_often_says_when_in_milliseconds(faced):
    trader = await opened(faced, limits=MANY | {"reads_10s": 2})
    await trader.adapter.instruments()
    with pytest.raises(RateLimited) as caught:
        for _ in range(3):
            await trader.adapter.balances()
    assert 0 < caught.value.retry_after_s <= 10


REFUSED = [
    ({"quantity": D(2000), "limit_price": D(60_000)}, "clob:3007"),
    ({"post_only": True}, "clob:2003"),
    ({"reduce_only": True}, "clob:9003"),
]


@pytest.mark.parametrize(("terms", "code"), REFUSED, ids=lambda it: str(it))
async def test_an_order_is_rejected_by_the_code_of_its_codespace(trader, terms, code):
    await trader.trade("sell", 100, 1)
    with pytest.raises(Rejected) as caught:
        await trader.adapter.submit(await trader.order(1, **terms))
    assert caught.value.venue_code == code


async def test_an_immediate_order_is_found_by_our_id_however_it_ended(trader):
    await trader.trade("sell", 99, D("0.25"))
    partly, unfilled = await trader.now(1), await trader.now(2)
    for order, filled in ((partly, D("0.25")), (unfilled, D(0))):
        await trader.adapter.submit(order)
        found = await trader.adapter.order(trader.faced.ref(order))
        assert found.status is OrderStatus.CANCELED
        assert found.cumulative_quantity == filled
        assert found.average_price is None, "the limit is not the price"


async def test_fills_cost_what_the_venue_took(trader):
    await trader.trade("sell", 99, 1)
    async with trader.faced.watched() as sink:
        await trader.adapter.submit(await trader.now(1))
        await sink.until(lambda: sink.told_fills)
    [truth] = (await trader.faced.truth())["fills"]
    [streamed] = sink.told_fills
    [read] = (await trader.adapter.fills_after("")).fills
    for fill in (streamed, read):
        assert (fill.price, fill.fee) == (D(99), D(truth["fee"]))
        assert (fill.fee_asset, fill.client_order_id) == ("USDC", "1")


async def test_a_balance_does_not_move_with_the_price(trader):
    await trader.trade("sell", 100, 1)
    await trader.adapter.submit(await trader.now(1))
    await trader.trade("sell", 130, 1)
    await trader.trade("buy", 130, 1)
    [balance] = await trader.adapter.balances()
    truth = await trader.faced.truth()
    assert balance.total == D(truth["cash"]["USDC"])
    [position] = await trader.adapter.positions()
    assert (position.quantity, position.entry_price) == (D(1), D(100))


async def test_a_short_position_is_below_nothing(trader):
    await trader.trade("buy", 100, 1)
    await trader.adapter.submit(await trader.now(1, side=Side.SELL))
    [position] = await trader.adapter.positions()
    assert position.quantity == D(-1)


async def test_everything_is_cancelled_whoever_placed_it(trader):
    await trader.adapter.submit(await trader.order(1))
    await trader.faced.act(
        "manual_order",
        account="main",
        symbol=SYMBOL,
        side="buy",
        type="limit",
        quantity="1",
        limit_price="90",
    )
    assert len(await trader.adapter.open_orders()) == 2
    await trader.adapter.cancel_all()
    assert await trader.adapter.open_orders() == []


class Moment(LiveClock):
    """A clock that stands still, but for waiting."""

    def __init__(self):
        self._now_ns = LiveClock().time_ns()

    def time_ns(self):
        return self._now_ns


async def test_two_orders_of_one_moment_have_numbers_of_their_own(faced):
    trader = await opened(faced, clock=Moment())
    for number in (1, 2):
        await trader.adapter.submit(await trader.order(number))
    assert len(await trader.adapter.open_orders()) == 2
