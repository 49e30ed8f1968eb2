"""Binance options: what is asked on the wire, and what replies in its words become.

The replies are those of the documentation, as Binance's own client keeps them:
https://github.com/binance/binance-connector-python, derivatives_trading_options 8.2.0.
"""

from decimal import Decimal as D
from urllib.parse import parse_qs

import pytest
from tests.adapters.venues.ccxt.recorded.exchange import DATA, opened

from crossdock.errors import AuthFailed, NotSent, OutcomeUnknown, Rejected
from crossdock.model import (
    Asset,
    ClientOrderId,
    ContractKind,
    Liquidity,
    MarginMode,
    OptionRight,
    OrderStatus,
    OrderType,
    Side,
    TimeInForce,
)
from crossdock.ports import CancelOrder, NewOrder, OrderRef

pytestmark = pytest.mark.skipif(
    not DATA.is_dir(), reason="the recorded collection is not here (../shared/data/ccxt)"
)

SYMBOL = "BTC/USDT:USDT-300726-9000-C"
LISTED = {
    "timezone": "UTC",
    "serverTime": 1592387337630,
    "optionContracts": [
        {
            "baseAsset": "BTC",
            "quoteAsset": "USDT",
            "underlying": "BTCUSDT",
            "settleAsset": "USDT",
        }
    ],
    "optionAssets": [{"name": "USDT"}],
    "optionSymbols": [
        {
            "expiryDate": 1911283200000,
            "filters": [
                {
                    "filterType": "PRICE_FILTER",
                    "minPrice": "0.02",
                    "maxPrice": "80000.01",
                    "tickSize": "0.01",
                },
                {
                    "filterType": "LOT_SIZE",
                    "minQty": "0.01",
                    "maxQty": "100",
                    "stepSize": "0.01",
                },
            ],
            "symbol": "BTC-300726-9000-C",
            "side": "CALL",
            "strikePrice": "9000.00000000",
            "underlying": "BTCUSDT",
            "unit": 1,
            "minQty": "0.01",
            "maxQty": "100",
            "priceScale": 2,
            "quantityScale": 2,
            "quoteAsset": "USDT",
            "contractType": "CRYPTO_OPTIONS",
            "nakedSell": False,
            "status": "TRADING",
        }
    ],
    "rateLimits": [],
}
ORDER = {
    "orderId": 4611875134427365377,
    "symbol": "BTC-300726-9000-C",
    "price": "100",
    "quantity": "1",
    "executedQty": "0",
    "side": "BUY",
    "type": "LIMIT",
    "timeInForce": "GTC",
    "reduceOnly": False,
    "postOnly": False,
    "createTime": 1592465880683,
    "updateTime": 1592465880683,
    "status": "NEW",
    "avgPrice": "0",
    "clientOrderId": "cd-1",
    "priceScale": 2,
    "quantityScale": 2,
    "optionSide": "CALL",
    "quoteAsset": "USDT",
    "mmp": False,
}


@pytest.fixture
async def options():
    async with opened("binance", manifest_id="binanceoptions") as it:
        say(it, LISTED)
        [it.listed] = await it.adapter.instruments()
        it.server.asked.clear()
        yield it


def say(it, reply, status=200):
    it.server.reply, it.server.status = reply, status


def asked(it):
    [request] = it.server.asked
    form = parse_qs(request.query) | parse_qs(request.body)
    told = {name: value for name, [value] in form.items()}
    for name in ("timestamp", "signature", "recvWindow"):
        assert told.pop(name)
    return request.method, request.path, told


def order(it, **changes):
    usual = {
        "client_order_id": ClientOrderId("cd-1"),
        "instrument": it.listed,
        "side": Side.BUY,
        "type": OrderType.LIMIT,
        "quantity": D(1),
        "limit_price": D(100),
        "deadline_ns": it.deadline(),
    }
    return NewOrder(**usual | changes)


def ref(it):
    return OrderRef(
        instrument=it.listed, client_order_id=ClientOrderId("cd-1"), venue_order_ids=()
    )


async def test_an_option_is_listed_with_its_strike_its_end_and_its_unit(options):
    listed = options.listed
    assert listed.id == f"{SYMBOL}@binanceoptions"
    assert listed.kind is ContractKind.OPTION
    assert (listed.strike, listed.right) == (D(9000), OptionRight.CALL)
    assert listed.expiry_time_ns == 1911283200000 * 10**6
    assert (listed.settle, listed.multiplier) == ("USDT", D(1))
    assert listed.tick_table[0].tick == listed.quantity_step == D("0.01")
    assert listed.order_types == (OrderType.LIMIT,)


async def test_no_fee_is_told_as_a_rate_of_the_premium(options):
    assert options.listed.maker_fee_rate is None
    assert options.listed.taker_fee_rate is None


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({}, {"timeInForce": "GTC"}),
        ({"time_in_force": TimeInForce.IOC}, {"timeInForce": "IOC"}),
        ({"time_in_force": TimeInForce.FOK}, {"timeInForce": "FOK"}),
        ({"post_only": True}, {"timeInForce": "GTX"}),
        ({"side": Side.SELL, "reduce_only": True}, {"side": "SELL", "reduceOnly": "true"}),
    ],
)
async def test_an_order_is_one_request_in_the_exchanges_words(options, changes, said):
    say(options, ORDER)
    report = await options.adapter.submit(order(options, **changes))
    method, path, told = asked(options)
    assert (method, path) == ("POST", "/eapi/v1/order")
    told = {
        name: value.lower() if name == "reduceOnly" else value
        for name, value in told.items()
    }
    assert told == {
        "symbol": "BTC-300726-9000-C",
        "side": "BUY",
        "type": "LIMIT",
        "quantity": "1",
        "price": "100",
        "clientOrderId": "cd-1",
        "newOrderRespType": "RESULT",
        "timeInForce": "GTC",
        **said,
    }
    assert report.venue_order_id == "4611875134427365377"
    assert report.status is OrderStatus.NEW


@pytest.mark.parametrize(
    "changes",
    [
        {"type": OrderType.MARKET, "limit_price": None},
        {"type": OrderType.STOP_LIMIT, "stop_price": D(90)},
    ],
)
async def test_what_the_exchange_does_not_take_is_not_sent(options, changes):
    with pytest.raises(NotSent):
        await options.adapter.submit(order(options, **changes))
    assert not options.server.asked


@pytest.mark.parametrize(
    ("code", "status", "kind"),
    [
        (-2018, 400, Rejected),
        (-2027, 400, Rejected),
        (-6047, 400, Rejected),
        (-6057, 400, Rejected),
        (-6044, 400, OutcomeUnknown),  # the id is taken: evidence of an order
        (-4078, 400, OutcomeUnknown),  # "options internal error"
        (-1000, 400, OutcomeUnknown),
        (-2018, 503, OutcomeUnknown),
        (-1022, 400, AuthFailed),
        (-2015, 401, AuthFailed),
    ],
)
async def test_only_listed_codes_prove_a_refusal(options, code, status, kind):
    say(options, {"code": code, "msg": "in the exchange's words"}, status)
    with pytest.raises(kind):
        await options.adapter.submit(order(options))
    assert len(options.server.asked) == 1


async def test_a_silent_submit_is_looked_up_by_our_id_though_it_is_done(options):
    say(options, {**ORDER, "status": "FILLED", "executedQty": "1", "avgPrice": "99"})
    found = await options.adapter.order(ref(options))
    method, path, told = asked(options)
    assert (method, path) == ("GET", "/eapi/v1/order")
    assert told == {"symbol": "BTC-300726-9000-C", "clientOrderId": "cd-1"}
    assert (found.status, found.cumulative_quantity) == (OrderStatus.FILLED, D(1))
    assert found.average_price == D(99)


async def test_an_order_that_is_not_there_is_absent(options):
    say(options, {"code": -2013, "msg": "Order does not exist"}, 400)
    assert await options.adapter.order(ref(options)) is None


async def test_a_cancel_names_the_order_by_our_id(options):
    say(options, {**ORDER, "status": "CANCELLED"})
    cancel = CancelOrder(ref=ref(options), deadline_ns=options.deadline())
    assert (await options.adapter.cancel(cancel)).status is OrderStatus.CANCELED
    method, path, told = asked(options)
    assert (method, path) == ("DELETE", "/eapi/v1/order")
    assert told == {"symbol": "BTC-300726-9000-C", "clientOrderId": "cd-1"}


async def test_a_sale_told_below_zero_is_read_as_a_sale_of_so_much(options):
    sold = {"side": "SELL", "quantity": "-0.5", "executedQty": "-0.2"}
    say(options, [{**ORDER, **sold, "status": "PARTIALLY_FILLED", "avgPrice": "100"}])
    [report] = await options.adapter.open_orders()
    assert (report.side, report.quantity) == (Side.SELL, D("0.5"))
    assert report.cumulative_quantity == D("0.2")
    assert report.status is OrderStatus.PARTIALLY_FILLED


TRADE = {
    "id": 4611875134427365376,
    "tradeId": 239,
    "orderId": 4611875134427365377,
    "symbol": "BTC-300726-9000-C",
    "price": "100",
    "quantity": "1",
    "fee": "-1.04378629",
    "realizedProfit": "0.00000000",
    "side": "BUY",
    "type": "LIMIT",
    "liquidity": "TAKER",
    "time": 1592465880683,
    "priceScale": 2,
    "quantityScale": 2,
    "optionSide": "CALL",
    "quoteAsset": "USDT",
}


@pytest.mark.parametrize(
    ("changes", "side", "quantity", "fee"),
    [
        ({}, Side.BUY, "1", "1.04378629"),
        ({"side": "SELL", "quantity": "-0.57"}, Side.SELL, "0.57", "1.04378629"),
        ({"side": "SELL", "quantity": "0.57"}, Side.SELL, "0.57", "1.04378629"),
        ({"fee": "0.02"}, Side.BUY, "1", "-0.02"),
        ({"fee": "0"}, Side.BUY, "1", "0"),
    ],
)
async def test_a_fill_costs_what_is_told_below_zero(options, changes, side, quantity, fee):
    raw = options.adapter.driver.parse_trade({**TRADE, **changes})
    fill = options.adapter.translation.fill(raw)
    assert (fill.side, fill.quantity, fill.price) == (side, D(quantity), D(100))
    assert (fill.fee, fill.fee_asset) == (D(fee), "USDT")
    assert (fill.execution_id, fill.venue_order_id) == ("239", "4611875134427365377")
    assert fill.liquidity is Liquidity.TAKER


async def test_money_is_the_cash_of_the_options_account(options):
    row = {
        "asset": "USDT",
        "marginBalance": "10099.448",
        "equity": "10094.44662",
        "available": "8725.92524",
        "initialMargin": "1084.52138",
        "maintMargin": "151.00138",
        "unrealizedPNL": "-5.00138",
        "adjustedEquity": "34.13282285",
    }
    say(options, {"asset": [row], "greek": [], "time": 1762843368098, "canTrade": True})
    [balance] = await options.adapter.balances()
    assert asked(options)[:2] == ("GET", "/eapi/v1/marginAccount")
    assert (balance.asset, balance.total) == ("USDT", D("10099.448"))
    assert balance.held == D("10099.448") - D("8725.92524")


async def test_an_account_without_money_has_no_balance_and_one_without_a_list_is_no_account(
    options,
):
    say(options, {"asset": [], "greek": [], "time": 1762843368098})
    assert await options.adapter.balances() == []


@pytest.mark.parametrize(("side", "quantity"), [("LONG", "0.1"), ("SHORT", "-0.1")])
async def test_positions_are_listed_whole_and_signed(options, side, quantity):
    row = {
        "entryPrice": "1000",
        "symbol": "BTC-300726-9000-C",
        "side": side,
        "quantity": quantity,
        "markValue": "105.00138",
        "unrealizedPNL": "-5.00138",
        "markPrice": "1050.0138",
        "strikePrice": "9000",
        "expiryDate": 1911283200000,
        "optionSide": "CALL",
        "quoteAsset": "USDT",
        "time": 1762872654561,
    }
    say(options, [row])
    [position] = await options.adapter.positions()
    assert asked(options) == ("GET", "/eapi/v1/position", {})
    assert (position.quantity, position.entry_price) == (D(quantity), D(1000))
    assert position.key.settle == "USDT"
    assert position.key.margin_mode is MarginMode.NONE


async def test_a_chain_has_the_options_of_one_asset_with_their_greeks(options):
    class Replies:
        """Says one thing to each path."""

        def __init__(self, server, replies):
            self.server, self.replies = server, replies

        def append(self, request):
            self.server.reply = self.replies[request.path]

    ticker = {
        "symbol": "BTC-300726-9000-C",
        "lastPrice": "1000",
        "bidPrice": "999.34",
        "askPrice": "1000.23",
        "strikePrice": "9000",
        "exercisePrice": "3000.3356",
    }
    mark = {
        "symbol": "BTC-300726-9000-C",
        "markPrice": "1343.2883",
        "bidIV": "1.40000077",
        "askIV": "1.50000153",
        "markIV": "1.45000000",
        "delta": "0.55937056",
        "theta": "3739.82509871",
        "gamma": "0.00010969",
        "vega": "978.58874732",
    }
    other = {**ticker, "symbol": "ETH-300726-900-C"}
    replies = {"/eapi/v1/ticker": [ticker, other], "/eapi/v1/mark": [mark]}
    options.server.status = 200
    options.server.asked = Replies(options.server, replies)
    [quote] = await options.adapter.option_chain(Asset("BTC"))
    assert quote.instrument == f"{SYMBOL}@binanceoptions"
    assert (quote.bid, quote.ask) == (D("999.34"), D("1000.23"))
    assert quote.mark == D("1343.2883")
    assert quote.underlying_price == D("3000.3356")
    assert (quote.bid_volatility, quote.ask_volatility) == (1.40000077, 1.50000153)
    assert (quote.greeks.delta, quote.greeks.vega) == (0.55937056, 978.58874732)
    assert await options.adapter.option_chain(Asset("SOL")) == []


async def test_the_clock_is_that_of_the_options_exchange(options):
    say(options, {"serverTime": 1592387337630})
    assert await options.adapter.server_time_ns() == 1592387337630 * 10**6
    [request] = options.server.asked
    assert request.path == "/eapi/v1/time"
