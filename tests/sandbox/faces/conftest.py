"""A face on loopback: its venue, who trades there, and a clock that may stand still."""

import asyncio
import hashlib
import heapq
import hmac
import itertools
import json
from contextlib import AsyncExitStack, asynccontextmanager
from urllib.parse import urlencode

import aiohttp
import pytest
from yarl import URL

from crossdock.sandbox.clock import SystemClock
from crossdock.sandbox.config import parse
from crossdock.sandbox.faces.described import venue_of
from crossdock.sandbox.server import Sandbox

START_NS = 1_700_000_000 * 10**9


class StillClock:
    """Time that moves only when told to; sleepers wake in order."""

    def __init__(self):
        self._now_ns = START_NS
        self._sleepers = []
        self._numbers = itertools.count()

    def time_ns(self):
        return self._now_ns

    async def sleep(self, seconds):
        future = asyncio.get_running_loop().create_future()
        due_ns = self._now_ns + int(seconds * 1e9)
        heapq.heappush(self._sleepers, (due_ns, next(self._numbers), future))
        await future

    async def advance(self, seconds):
        until_ns = self._now_ns + int(seconds * 1e9)
        while self._sleepers and self._sleepers[0][0] <= until_ns:
            self._now_ns, _, future = heapq.heappop(self._sleepers)
            if not future.done():
                future.set_result(None)
            for _ in range(5):
                await asyncio.sleep(0)
        self._now_ns = until_ns


class Reply:
    def __init__(self, status, headers, text):
        self.status = status
        self.headers = headers
        self.text = text

    @property
    def json(self):
        return json.loads(self.text)


class Hosted:
    """One venue with a face, and its admin port. Two accounts: main and other."""

    def __init__(self, sandbox, name, clock, session):
        self.sandbox = sandbox
        self.clock = clock
        self.session = session
        self.site = sandbox.sites[name]
        self.url = sandbox.urls[name]
        self.ws = "ws" + self.url.removeprefix("http")
        self.venue = name

    async def admin(self, method, path, body=None):
        async with self.session.request(
            method, self.sandbox.admin_url + path, json=body
        ) as reply:
            return Reply(reply.status, reply.headers, await reply.text())

    async def arm(self, kind, **fields):
        order = {"venue": self.venue, "kind": kind} | fields
        reply = await self.admin("POST", "/faults", order)
        assert reply.status == 200, reply.text

    async def act(self, action, **fields):
        order = {"venue": self.venue, "action": action} | fields
        reply = await self.admin("POST", "/actions", order)
        assert reply.status == 200, reply.text
        return reply.json

    async def hits(self):
        return (await self.admin("GET", "/faults")).json["hit"]

    async def truth(self, account="main"):
        told = (await self.admin("GET", "/truth")).json
        return told["venues"][self.venue]["accounts"][account]

    def house(self, side, price, quantity, symbol="BTC/USDT"):
        """Let the other account enter a limit order, by hand."""
        return self.act(
            "manual_order",
            account="other",
            symbol=symbol,
            side=side,
            type="limit",
            quantity=quantity,
            limit_price=price,
        )


@asynccontextmanager
async def _hosted(face, *, still, **changes):
    venue = venue_of(face) | {"market": {"kind": "empty"}} | changes
    main = venue["accounts"][0]
    other = main | {"name": "other", "key": "other-key", "secret": "other-secret"}
    sold = {it["symbol"].partition("/")[0]: 1000 for it in venue["markets"]}
    other["balances"] = sold | main.get("balances", {})
    venue["accounts"] = [main, other]
    clock = StillClock() if still else SystemClock()
    sandbox = Sandbox(parse({"venues": [venue]}), clock=clock, is_driven=not still)
    await sandbox.start()
    try:
        connector = aiohttp.TCPConnector(force_close=True)
        async with aiohttp.ClientSession(connector=connector) as session:
            yield Hosted(sandbox, venue["name"], clock, session)
    finally:
        await sandbox.stop()


@pytest.fixture
async def host_face():
    """Host a face: `await host_face("binance")`; `still` hands the clock to the test."""
    async with AsyncExitStack() as stack:

        async def host(face, *, still=False, **changes):
            return await stack.enter_async_context(_hosted(face, still=still, **changes))

        yield host


class BinanceClient:
    """Signs and sends as the documentation says, and keeps nothing."""

    def __init__(self, hosted, key="sandbox-binance", secret="sandbox-binance-secret"):
        self.hosted = hosted
        self.key = key
        self.secret = secret

    def time_ms(self):
        return self.hosted.clock.time_ns() // 10**6

    def sign(self, text):
        return hmac.new(self.secret.encode(), text.encode(), hashlib.sha256).hexdigest()

    def signed(self, params):
        """Return the parameters of a WebSocket request, signed."""
        full = {"apiKey": self.key, "timestamp": self.time_ms()} | params
        text = "&".join(f"{name}={full[name]}" for name in sorted(full))
        return full | {"signature": self.sign(text)}

    async def public(self, path, **params):
        return await self._send("GET", path, urlencode(params), {})

    async def call(self, method, path, *, headers=None, signature=None, **params):
        params = {"timestamp": self.time_ms()} | params
        query = urlencode({name: it for name, it in params.items() if it is not None})
        query += f"&signature={signature or self.sign(query)}"
        named = {"X-MBX-APIKEY": self.key} if headers is None else headers
        return await self._send(method, path, query, named)

    async def place(self, **changed):
        order = {
            "symbol": "BTCUSDT",
            "side": "BUY",
            "type": "LIMIT",
            "timeInForce": "GTC",
            "quantity": "1",
            "price": "100",
        } | changed
        order = {name: value for name, value in order.items() if value is not None}
        return await self.call("POST", "/api/v3/order", **order)

    async def _send(self, method, path, query, headers):
        url = URL(f"{self.hosted.url}{path}?{query}", encoded=True)
        async with self.hosted.session.request(method, url, headers=headers) as reply:
            return Reply(reply.status, reply.headers, await reply.text())


class Requests:
    """One connection to Binance's WebSocket API."""

    def __init__(self, client, socket):
        self.client = client
        self.socket = socket
        self._numbers = itertools.count(1)

    async def receive(self):
        return json.loads((await self.socket.receive()).data)

    async def ask(self, method, params=None, *, signed=False):
        """Return the response, and the events that came before it."""
        number = next(self._numbers)
        params = self.client.signed(params or {}) if signed else params or {}
        await self.socket.send_json({"id": number, "method": method, "params": params})
        events = []
        while True:
            frame = await self.receive()
            if frame.get("id") == number:
                return frame, events
            events.append(frame)

    async def events(self):
        """Return what was pushed until now: the response to a ping comes after it."""
        return [it["event"] for it in (await self.ask("ping"))[1]]


@pytest.fixture
def binance_client():
    return BinanceClient


@pytest.fixture
async def requests_of():
    """Open the WebSocket API for a client."""
    sockets = []

    async def open_for(client):
        url = f"{client.hosted.ws}/ws-api/v3"
        sockets.append(await client.hosted.session.ws_connect(url))
        return Requests(client, sockets[-1])

    yield open_for
    for socket in sockets:
        await socket.close()


@pytest.fixture
async def still(host_face):
    """Binance with nobody at the market and a clock that stands still."""
    return await host_face("binance", still=True)


@pytest.fixture
def main(still):
    return BinanceClient(still)


@pytest.fixture
def other(still):
    return BinanceClient(still, "other-key", "other-secret")
