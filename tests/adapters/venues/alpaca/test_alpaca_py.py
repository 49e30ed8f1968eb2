"""Alpaca's own client as the judge: for the same order, both ask for the same thing."""

import asyncio
import datetime as dt
import importlib
import json
import warnings
from decimal import Decimal

import msgpack
import pytest

from crossdock.conformance.recording import AccountRecording, MarketRecording
from crossdock.conformance.rig import soon
from crossdock.errors import Unreachable
from crossdock.model import Contingency, Leg, OrderType, Side, TimeInForce

ID = "61e69015-8549-4bfd-b9c3-01e75843f47d"
D = Decimal
BRACKET = (Leg(limit_price=D(301)), Leg(stop_price=D(299), limit_price=D("298.5")))


@pytest.fixture(scope="module")
def judge():
    """Import alpaca-py, whose own imports warn of websockets' old client."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        pytest.importorskip("alpaca")
        return {
            name: importlib.import_module(f"alpaca.{name}")
            for name in (
                "trading.client",
                "trading.requests",
                "trading.enums",
                "data.historical",
                "data.requests",
                "data.timeframe",
                "data.enums",
                "trading.stream",
                "data.live",
            )
        }


def numbers(body):
    """Read what is a number either way as one: theirs are floats, ours exact texts."""
    if isinstance(body, dict):
        return {key: numbers(value) for key, value in body.items()}
    try:
        return D(str(body))
    except ArithmeticError:
        return body


def usual(**more):
    return {"symbol": "AAPL", "side": "buy", "client_order_id": "cd-1", **more}


CASES = {
    "market": (
        "MarketOrderRequest",
        usual(qty=10, time_in_force="day"),
        {"type": OrderType.MARKET},
    ),
    "fractional": (
        "MarketOrderRequest",
        usual(qty=3.654, time_in_force="day"),
        {"type": OrderType.MARKET, "quantity": D("3.654")},
    ),
    "limit": (
        "LimitOrderRequest",
        usual(qty=10, time_in_force="gtc", limit_price=150.25),
        {"time_in_force": TimeInForce.GTC},
    ),
    "stop": (
        "StopOrderRequest",
        usual(qty=10, time_in_force="day", side="sell", stop_price=145.5),
        {"type": OrderType.STOP, "stop_price": D("145.5"), "side": Side.SELL},
    ),
    "stop_limit": (
        "StopLimitOrderRequest",
        usual(qty=10, time_in_force="day", stop_price=149, limit_price=150.25),
        {"type": OrderType.STOP_LIMIT, "stop_price": D(149)},
    ),
    "trail_percent": (
        "TrailingStopOrderRequest",
        usual(qty=10, time_in_force="gtc", trail_percent=1.5),
        {
            "type": OrderType.TRAILING_STOP,
            "trail_percent": D("1.5"),
            "time_in_force": TimeInForce.GTC,
        },
    ),
    "trail_amount": (
        "TrailingStopOrderRequest",
        usual(qty=10, time_in_force="day", trail_price=2.25),
        {"type": OrderType.TRAILING_STOP, "trail_amount": D("2.25")},
    ),
    "bracket": (
        "LimitOrderRequest",
        usual(
            qty=10,
            time_in_force="day",
            limit_price=150.25,
            order_class="bracket",
            take_profit={"limit_price": 301},
            stop_loss={"stop_price": 299, "limit_price": 298.5},
        ),
        {"attached": BRACKET},
    ),
    "oto": (
        "MarketOrderRequest",
        usual(
            qty=10, time_in_force="gtc", order_class="oto", take_profit={"limit_price": 301}
        ),
        {
            "type": OrderType.MARKET,
            "time_in_force": TimeInForce.GTC,
            "attached": BRACKET[:1],
        },
    ),
    "oco": (
        "LimitOrderRequest",
        usual(
            qty=10,
            time_in_force="day",
            side="sell",
            order_class="oco",
            take_profit={"limit_price": 150.25},
            stop_loss={"stop_price": 140},
        ),
        {
            "side": Side.SELL,
            "attached": (Leg(stop_price=D(140)),),
            "contingency": Contingency.OCO,
        },
    ),
    "crypto": (
        "LimitOrderRequest",
        usual(symbol="BTC/USD", qty=0.001, time_in_force="ioc", limit_price=20000),
        {
            "name": "BTC/USD",
            "quantity": D("0.001"),
            "limit_price": D(20000),
            "time_in_force": TimeInForce.IOC,
        },
    ),
}


def trading_client(judge, vendor, make):
    return judge["trading.client"].TradingClient(
        make.key, make.secret, url_override=vendor.url
    )


@pytest.mark.parametrize("name", CASES)
async def test_both_clients_send_the_same_order(judge, alpaca, vendor, make, name):
    request, theirs, ours = CASES[name]
    ours = dict(ours)
    instruments = await make.listed(alpaca)
    traded = instruments[ours.pop("name", "AAPL/USD") + "@alpaca"]
    client = trading_client(judge, vendor, make)
    vendor.say("POST", "/v2/orders", make.order_body(), lasting=True)
    asked = getattr(judge["trading.requests"], request)(**theirs)
    await asyncio.to_thread(client.submit_order, asked)
    await alpaca.submit(make.order(traded, **ours))
    first, second = vendor.requests("POST")
    assert numbers(first.body) == numbers(second.body)
    assert first.path == second.path
    for header in ("APCA-API-KEY-ID", "APCA-API-SECRET-KEY", "Content-Type"):
        assert first.headers[header] == second.headers[header]


async def test_both_clients_cancel_replace_and_look_up_alike(judge, alpaca, vendor, make):
    stock = (await make.listed(alpaca))["AAPL/USD@alpaca"]
    client = trading_client(judge, vendor, make)
    changed = judge["trading.requests"].ReplaceOrderRequest(qty=20, limit_price=151)
    vendor.say("GET", f"/v2/orders/{ID}", make.order_body(), lasting=True)
    vendor.say("PATCH", f"/v2/orders/{ID}", make.order_body(replaces=None), lasting=True)
    vendor.say("DELETE", f"/v2/orders/{ID}", None, status=204, lasting=True)
    vendor.say("DELETE", "/v2/orders", [], status=207, lasting=True)
    vendor.say("GET", "/v2/orders:by_client_order_id", make.order_body(), lasting=True)

    await asyncio.to_thread(client.replace_order_by_id, ID, changed)
    await alpaca.replace(make.replace(stock, ID, quantity="20"))
    await asyncio.to_thread(client.cancel_order_by_id, ID)
    await alpaca.cancel(make.cancel(stock, ID))
    await asyncio.to_thread(client.cancel_orders)
    await alpaca.cancel_all()
    before = len(vendor.requests("GET"))
    await asyncio.to_thread(client.get_order_by_client_id, "cd-1")
    await alpaca.order(make.ref(stock))

    writes = vendor.requests("PATCH", "DELETE")
    theirs, ours = writes[::2], writes[1::2]
    assert [(it.method, it.path) for it in theirs] == [(it.method, it.path) for it in ours]
    assert numbers(theirs[0].body) == numbers(ours[0].body)
    first, second = vendor.requests("GET")[before:]
    assert (first.path, first.query) == (second.path, second.query)


async def test_both_clients_ask_for_the_same_prices(judge, alpaca, vendor, make):
    await make.listed(alpaca)
    requests, historical = judge["data.requests"], judge["data.historical"]
    minute = judge["data.timeframe"].TimeFrame.Minute
    keys = {"api_key": make.key, "secret_key": make.secret, "url_override": vendor.url}
    start_ns = 1_773_000_000_000_000_000
    hour_ns = 3_600_000_000_000

    start = dt.datetime.fromtimestamp(start_ns // 10**9, dt.UTC)
    vendor.say(
        "GET", "/v2/stocks/bars", {"bars": {}, "next_page_token": None}, lasting=True
    )
    client = historical.StockHistoricalDataClient(**keys)
    asked = requests.StockBarsRequest(
        symbol_or_symbols="AAPL",
        timeframe=minute,
        start=start,
        feed=judge["data.enums"].DataFeed.IEX,
        adjustment=judge["data.enums"].Adjustment.RAW,
        sort="asc",
    )
    await asyncio.to_thread(client.get_stock_bars, asked)
    bars = await alpaca.bars(
        "AAPL/USD@alpaca", 60_000_000_000, start_ns=start_ns, end_ns=start_ns + hour_ns
    )
    assert len(bars) == 0
    theirs, ours = [it for it in vendor.requests("GET") if it.path == "/v2/stocks/bars"]
    for name in ("symbols", "timeframe", "feed", "adjustment", "sort", "limit"):
        assert theirs.query[name] == ours.query[name]
    moments = [dt.datetime.fromisoformat(it.query["start"]) for it in (theirs, ours)]
    assert moments[0] == moments[1]

    vendor.say(
        "GET",
        "/v1beta1/options/snapshots/AAPL",
        {"snapshots": {}, "next_page_token": None},
        lasting=True,
    )
    options = historical.OptionHistoricalDataClient(**keys)
    chain = requests.OptionChainRequest(
        underlying_symbol="AAPL",
        feed=judge["data.enums"].OptionsFeed.INDICATIVE,
        expiration_date="2025-12-19",
    )
    await asyncio.to_thread(options.get_option_chain, chain)
    await alpaca.option_chain("AAPL", expiry_time_ns=1_766_178_000_000_000_000)
    theirs, ours = [it for it in vendor.requests("GET") if "snapshots" in it.path]
    assert (theirs.path, theirs.query) == (ours.path, ours.query)


async def test_both_clients_sign_in_to_the_account_stream_alike(
    judge, alpaca, vendor, make
):
    heard = []

    async def script(socket):
        heard.append(json.loads((await socket.receive()).data))
        said = {"stream": "authorization", "data": {"status": "authorized"}}
        await socket.send_bytes(json.dumps(said).encode())
        heard.append(json.loads((await socket.receive()).data))

    for _ in range(2):
        vendor.connect("/stream", script)
    with pytest.raises(Unreachable):
        await soon(alpaca.watch_account(AccountRecording()))
    url = vendor.url.replace("http", "ws") + "/stream"
    stream = judge["trading.stream"].TradingStream(make.key, make.secret, url_override=url)

    async def handler(_):
        """Hear nothing: the script ends."""

    stream.subscribe_trade_updates(handler)
    await soon(stream._start_ws())
    await stream.close()
    ours, theirs = heard[:2], heard[2:]
    assert ours == theirs


async def test_both_clients_speak_to_the_options_stream_alike(judge, alpaca, vendor, make):
    heard, path = [], "/v1beta1/indicative"

    async def script(socket):
        async def say(**said):
            await socket.send_bytes(msgpack.packb([said]))

        await say(T="success", msg="connected")
        heard.append(await socket.receive())
        await say(T="success", msg="authenticated")
        heard.append(await socket.receive())

    for _ in range(2):
        vendor.connect(path, script)
    with pytest.raises(Unreachable):
        await soon(
            alpaca.watch_market(["AAPL/USD:USD-251219-150-C@alpaca"], MarketRecording())
        )
    url = vendor.url.replace("http", "ws") + path
    stream = judge["data.live"].OptionDataStream(make.key, make.secret, url_override=url)

    async def handler(_):
        """Hear nothing: the script ends."""

    stream.subscribe_quotes(handler, "AAPL251219C00150000")
    stream.subscribe_trades(handler, "AAPL251219C00150000")
    await soon(stream._start_ws())
    await soon(stream._send_subscribe_msg())
    await stream.close()
    read = [(it.type, msgpack.unpackb(it.data)) for it in heard]
    assert read[:2] == read[2:]
    ours, theirs = [it.headers for it in vendor.opened if it.path == path]
    assert ours["Content-Type"] == theirs["Content-Type"]
