"""Alpaca's face on loopback, and clients that nobody here wrote: alpaca-py's."""

import asyncio
import importlib
import json
import warnings
from contextlib import asynccontextmanager
from types import SimpleNamespace

import pytest

KEY, SECRET = "PKJUDGE", "not-to-be-seen"
BALANCES = {"USD": "100000", "AAPL": "100", "BTC": "5", "TRY": "50"}
WHOLE = {
    "symbol": "TRY/USD",
    "ticks": [["0", "0.0001"], ["1", "0.01"]],
    "quantity_step": "1",
    "min_quantity": "1",
}
FRACTIONAL = WHOLE | {
    "symbol": "AAPL/USD",
    "quantity_step": "0.000000001",
    "min_quantity": "0.000000001",
}
COIN = {
    "symbol": "BTC/USD",
    "ticks": [["0", "0.001"]],
    "quantity_step": "0.000000001",
    "min_quantity": "0.000000001",
    "min_notional": "10",
}
ACCOUNT = {"name": "main", "key": KEY, "secret": SECRET, "balances": BALANCES}
_PATIENT_S = 20


@pytest.fixture(scope="session")
def judge():
    """Import alpaca-py, whose own imports warn of websockets' old client."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        pytest.importorskip("alpaca")
        modules = {
            name: importlib.import_module(f"alpaca.{path}")
            for name, path in (
                ("client", "trading.client"),
                ("requests", "trading.requests"),
                ("enums", "trading.enums"),
                ("stream", "trading.stream"),
                ("history", "data.historical"),
                ("asks", "data.requests"),
                ("frames", "data.timeframe"),
                ("live", "data.live"),
                ("errors", "common.exceptions"),
            )
        }
    return SimpleNamespace(**modules)


class Heard:
    """What a stream's handler was told, to wait for."""

    def __init__(self):
        self.all = []
        self._news = asyncio.Event()

    async def take(self, said):
        self.all.append(said)
        self._news.set()

    async def until(self, holds):
        async with asyncio.timeout(_PATIENT_S):
            while not holds(self.all):
                self._news.clear()
                await self._news.wait()


class Desk:
    """alpaca-py's clients of one venue. The synchronous ones run beside the loop."""

    def __init__(self, judge, hosted):
        self.judge = judge
        self.hosted = hosted
        self._trading = judge.client.TradingClient(KEY, SECRET, url_override=hosted.url)

    async def ask(self, name, *given, **more):
        return await asyncio.to_thread(getattr(self._trading, name), *given, **more)

    async def submit(self, kind, side="buy", tif="day", symbol="AAPL", **fields):
        """Submit a request of alpaca-py: `Market`, `Limit`, `StopLimit`, …"""
        form = getattr(self.judge.requests, f"{kind}OrderRequest")
        request = form(symbol=symbol, side=side, time_in_force=tif, **fields)
        return await self.ask("submit_order", request)

    async def order(self, order_id, *, nested=False):
        asked = self.judge.requests.GetOrderByIdRequest(nested=nested)
        return await self.ask("get_order_by_id", order_id, asked)

    async def refused(self, call):
        """Return status and body of a call that alpaca-py says was refused."""
        with pytest.raises(self.judge.errors.APIError) as refusal:
            await call
        return refusal.value.status_code, json.loads(str(refusal.value))

    async def read(self, call, *given):
        return await asyncio.to_thread(call, *given)

    def prices(self, name="Stock"):
        client = getattr(self.judge.history, f"{name}HistoricalDataClient")
        return client(KEY, SECRET, url_override=self.hosted.url)

    @asynccontextmanager
    async def updates(self):
        """Hear what befalls the account's orders."""
        url = f"{self.hosted.ws}/stream"
        stream = self.judge.stream.TradingStream(KEY, SECRET, url_override=url)
        heard = Heard()
        stream.subscribe_trade_updates(heard.take)
        async with self._running(stream):
            async with asyncio.timeout(_PATIENT_S):
                while not self.hosted.site.host.feed._accounts:
                    await asyncio.sleep(0)
            yield heard

    @asynccontextmanager
    async def live(self, name, path, **channels):
        """Hear prices: `live("Stock", "/v2/iex", quotes="AAPL")`."""
        url = self.hosted.ws + path
        client = getattr(self.judge.live, f"{name}DataStream")
        stream, heard = client(KEY, SECRET, url_override=url), Heard()
        for channel, symbol in channels.items():
            getattr(stream, f"subscribe_{channel}")(heard.take, symbol)
        async with self._running(stream):
            async with asyncio.timeout(_PATIENT_S):
                while not self.hosted.site.host.feed._market:
                    await asyncio.sleep(0)
            yield heard

    @asynccontextmanager
    async def _running(self, stream):
        task = asyncio.create_task(stream._run_forever())
        try:
            yield
        finally:
            # Its wait for a message may swallow a cancel that comes with one.
            while not task.done():
                task.cancel()
                await asyncio.wait({task}, timeout=0.1)
            await stream.close()


@pytest.fixture
async def desk(judge, host_face):
    hosted = await host_face(
        "alpaca",
        accounts=[ACCOUNT],
        markets=[WHOLE, FRACTIONAL, COIN],
        limits={"trading_per_minute": 10_000},
    )
    return Desk(judge, hosted)


class Caller:
    """Calls the face by plain HTTP."""

    def __init__(self, hosted, key=KEY, secret=SECRET):
        self.hosted = hosted
        self.headers = {"APCA-API-KEY-ID": key, "APCA-API-SECRET-KEY": secret}

    async def __call__(self, method, path, body=None, **query):
        """Return (status, body, headers)."""
        async with self.hosted.session.request(
            method, self.hosted.url + path, json=body, params=query, headers=self.headers
        ) as reply:
            text = await reply.text()
            return reply.status, json.loads(text) if text else None, reply.headers

    async def submit(self, **fields):
        usual = {"symbol": "AAPL", "side": "buy", "type": "limit", "time_in_force": "gtc"}
        return await self("POST", "/v2/orders", usual | fields)

    async def made(self, **fields):
        status, order, _ = await self.submit(**fields)
        assert status == 200, order
        return order


@pytest.fixture
def call_face(host_face):
    """Host the face and call it: `call, hosted = await call_face()`."""

    async def host(**changes):
        usual = {"accounts": [ACCOUNT], "markets": [WHOLE, FRACTIONAL, COIN]}
        hosted = await host_face("alpaca", **(usual | changes))
        return Caller(hosted), hosted

    return host
