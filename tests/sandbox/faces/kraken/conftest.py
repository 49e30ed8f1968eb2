"""A venue that speaks Kraken, on loopback, with a clock the test moves."""

from __future__ import annotations

import asyncio
import base64
import hashlib
import heapq
import hmac
import itertools
import json
import time
from urllib.parse import urlencode

import aiohttp
import pytest

from crossdock.sandbox.config import parse
from crossdock.sandbox.server import Sandbox

SECRETS = {
    name: base64.b64encode(f"nobody guesses {name}".encode()).decode()
    for name in ("main", "other", "reader")
}
MARKETS = [
    {
        "symbol": symbol,
        "ticks": [["0", tick]],
        "quantity_step": "0.00000001",
        "min_quantity": "0.0001",
        "max_quantity": "1000",
        "min_notional": "0.5",
        "maker_fee": "0.0025",
        "taker_fee": "0.004",
    }
    for symbol, tick in (("BTC/USD", "0.1"), ("ETH/USD", "0.01"), ("ETH/USDT", "0.01"))
]


def config(market="empty", **limits):
    return {
        "venues": [
            {
                "name": "kraken",
                "face": "kraken",
                "market": {"kind": market},
                "markets": MARKETS,
                "limits": limits,
                "accounts": [
                    {
                        "name": name,
                        "key": f"{name}-key",
                        "secret": secret,
                        "may_trade": name != "reader",
                        "may_withdraw": name == "other",
                        "balances": {"USD": "1000000", "BTC": "100", "ETH": "100"},
                    }
                    for name, secret in SECRETS.items()
                ],
            }
        ]
    }


class ManualClock:
    """Time that moves only when told to; sleepers wake in order."""

    def __init__(self) -> None:
        self._now_ns = time.time_ns() // 10**9 * 10**9
        self._sleepers = []
        self._numbers = itertools.count()

    def time_ns(self) -> int:
        return self._now_ns

    async def sleep(self, seconds: float) -> None:
        future = asyncio.get_running_loop().create_future()
        wake_ns = self._now_ns + int(seconds * 1e9)
        heapq.heappush(self._sleepers, (wake_ns, next(self._numbers), future))
        await future

    async def slept(self) -> None:
        """Wait until somebody sleeps."""
        while not self._sleepers:
            await asyncio.sleep(0)

    async def advance(self, seconds: float) -> None:
        self._now_ns += int(seconds * 1e9)
        while self._sleepers and self._sleepers[0][0] <= self._now_ns:
            future = heapq.heappop(self._sleepers)[2]
            if not future.done():
                future.set_result(None)
            await asyncio.sleep(0)


class Client:
    """A plain client of one account: signs, sends, and keeps nothing but its nonce."""

    def __init__(self, bench, account) -> None:
        self.bench = bench
        self.account = account
        self.key = f"{account}-key"
        self.nonces = itertools.count(1)

    def headers(self, path, nonce, body: bytes, secret=None):
        digest = hashlib.sha256(str(nonce).encode() + body).digest()
        secret = base64.b64decode(secret or SECRETS[self.account])
        signed = hmac.digest(secret, path.encode() + digest, "sha512")
        return {"API-Key": self.key, "API-Sign": base64.b64encode(signed).decode()}

    async def post(self, name, *, nonce=None, as_json=False, headers=None, **fields):
        """Return the reply: a list of errors, and a result where there are none."""
        nonce = next(self.nonces) if nonce is None else nonce
        fields = {"nonce": nonce} | {n: v for n, v in fields.items() if v is not None}
        kind = "application/json" if as_json else "application/x-www-form-urlencoded"
        body = (json.dumps(fields) if as_json else urlencode(fields)).encode()
        path = f"/0/private/{name}"
        signed = self.headers(path, nonce, body) | {"Content-Type": kind}
        url = self.bench.url + path
        async with self.bench.session.post(
            url, data=body, headers=signed | (headers or {})
        ) as reply:
            assert reply.status == 200
            return await reply.json(content_type=None)

    async def ask(self, name, **fields):
        """Return the result of a call that is not refused."""
        reply = await self.post(name, **fields)
        assert reply["error"] == [], reply
        return reply["result"]

    async def refused(self, name, **fields):
        """Return the words of a refusal."""
        reply = await self.post(name, **fields)
        [words] = reply["error"]
        return words

    async def add(self, side="buy", price="100.0", volume="1", **fields):
        """Place a limit order of BTC/USD; return its id."""
        terms = {"pair": "XBTUSD", "type": side, "ordertype": "limit"}
        placed = await self.ask(
            "AddOrder", **(terms | {"price": price, "volume": volume} | fields)
        )
        return placed["txid"][0]

    async def stream(self):
        """Open a WebSocket, and read what it says first."""
        socket = await self.bench.session.ws_connect(f"{self.bench.ws}/v2")
        stream = Stream(socket)
        status = await stream.receive()
        assert status["channel"] == "status"
        return stream

    async def token(self):
        return (await self.ask("GetWebSocketsToken"))["token"]

    async def private(self, channel="executions", **params):
        """Open a WebSocket that hears a private channel; return it and the snapshot."""
        stream = await self.stream()
        stream.token = await self.token()
        reply, _ = await stream.ask("subscribe", channel=channel, **params)
        assert reply["success"], reply
        return stream


class Stream:
    """A WebSocket; requests are numbered."""

    def __init__(self, socket) -> None:
        self.socket = socket
        self.token = None
        self._numbers = itertools.count(1)

    async def raw(self) -> bytes:
        message = await self.socket.receive()
        if message.type is not aiohttp.WSMsgType.TEXT:
            raise ConnectionError(message.type.name)
        return message.data.encode()

    async def receive(self):
        return json.loads(await self.raw())

    async def send(self, method, **params):
        number = next(self._numbers)
        if self.token is not None:
            params = {"token": self.token} | params
        frame = {"method": method, "req_id": number, "params": params}
        await self.socket.send_json(frame)
        return number

    async def ask(self, method, **params):
        """Return the reply, and what was pushed before it."""
        number = await self.send(method, **params)
        pushed = []
        while True:
            frame = await self.receive()
            if frame.get("req_id") == number:
                return frame, pushed
            pushed.append(frame)

    async def pushed(self):
        """Return all that was pushed until now: a ping's reply comes after it."""
        return (await self.ask("ping"))[1]


class Bench:
    """The sandbox, its clock and admin, and clients of three accounts."""

    def __init__(self, sandbox, clock, session) -> None:
        self.sandbox, self.clock, self.session = sandbox, clock, session
        self.main = Client(self, "main")
        self.other = Client(self, "other")
        self.reader = Client(self, "reader")

    @property
    def url(self):
        return self.sandbox.urls["kraken"]

    @property
    def ws(self):
        return "ws" + self.url.removeprefix("http")

    @property
    def site(self):
        return self.sandbox.sites["kraken"]

    async def public(self, name, **query):
        url = f"{self.url}/0/public/{name}"
        async with self.session.get(url, params=query) as reply:
            assert reply.status == 200
            return await reply.json()

    async def admin(self, method, path, body=None):
        url = self.sandbox.admin_url + path
        async with self.session.request(method, url, json=body) as reply:
            answer = await reply.json()
            assert reply.status == 200, answer
            return answer

    async def arm(self, kind, **fields):
        return await self.admin(
            "POST", "/faults", {"venue": "kraken", "kind": kind} | fields
        )

    async def act(self, action, **fields):
        body = {"venue": "kraken", "action": action} | fields
        return await self.admin("POST", "/actions", body)

    async def hits(self):
        return (await self.admin("GET", "/faults"))["hit"]

    async def truth(self, account="main"):
        truth = await self.admin("GET", "/truth")
        return truth["venues"]["kraken"]["accounts"][account]

    async def trade(self, price="100.0", volume="1"):
        """Let main buy from other; return main's order id."""
        await self.other.add("sell", price, volume)
        return await self.main.add("buy", price, volume)

    async def tick(self, seconds: float) -> None:
        await self.clock.advance(seconds)
        self.site.tick()

    def rfc_3339(self, seconds_from_now: float) -> str:
        at = self.clock.time_ns() / 1e9 + seconds_from_now
        whole = time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(at))
        return f"{whole}.{int(at % 1 * 1000):03d}Z"


@pytest.fixture
def limits():
    """What a test's venue allows besides: much, unless it says otherwise."""
    return {"calls_most": 10_000, "public_most": 10_000, "orders_most": 100_000}


@pytest.fixture
def market():
    return "empty"


@pytest.fixture
async def bench(limits, market):
    clock = ManualClock()
    sandbox = Sandbox(parse(config(market, **limits)), clock=clock, is_driven=False)
    await sandbox.start()
    connector = aiohttp.TCPConnector(force_close=True)
    try:
        async with aiohttp.ClientSession(connector=connector) as session:
            yield Bench(sandbox, clock, session)
    finally:
        await sandbox.stop()
