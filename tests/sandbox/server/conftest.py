"""A sandbox on loopback, in the test's own loop, with a clock the test moves."""

from __future__ import annotations

import asyncio
import hashlib
import heapq
import hmac
import itertools
import json
from decimal import Decimal

import aiohttp
import pytest

from crossdock.sandbox.config import parse
from crossdock.sandbox.server import Sandbox

START_NS = 1_700_000_000 * 10**9
FEES = {"maker_fee": "0.0002", "taker_fee": "0.0005"}
BOUNDS = {"min_quantity": "0.01", "max_quantity": "100", "min_notional": "5"}
CONFIG = {
    "venues": [
        {
            "name": "alpha",
            "market": {"kind": "empty"},
            "markets": [
                {"symbol": symbol, "ticks": [["0", "0.01"]], "quantity_step": "0.001"}
                | FEES
                | BOUNDS
                for symbol in ("BTC/USDT", "BTC/USDT:USDT")
            ],
            "accounts": [
                {
                    "name": name,
                    "key": f"{name}-key",
                    "secret": f"{name}-secret",
                    "balances": {"USDT": "100000", "BTC": "10"},
                }
                for name in ("main", "other")
            ],
        }
    ]
}


class ManualClock:
    """Time that moves only when told to; sleepers wake in order."""

    def __init__(self) -> None:
        self._now_ns = START_NS
        self._sleepers: list[tuple[int, int, asyncio.Future[None]]] = []
        self._numbers = itertools.count()
        self._slept = asyncio.Condition()

    def time_ns(self) -> int:
        return self._now_ns

    async def sleep(self, seconds: float) -> None:
        future = asyncio.get_running_loop().create_future()
        due_ns = self._now_ns + int(seconds * 1e9)
        heapq.heappush(self._sleepers, (due_ns, next(self._numbers), future))
        async with self._slept:
            self._slept.notify_all()
        await future

    async def somebody_sleeps(self) -> None:
        async with self._slept:
            await self._slept.wait_for(
                lambda: any(not future.done() for _, _, future in self._sleepers)
            )

    async def advance(self, seconds: float) -> None:
        until_ns = self._now_ns + int(seconds * 1e9)
        while self._sleepers and self._sleepers[0][0] <= until_ns:
            self._now_ns, _, future = heapq.heappop(self._sleepers)
            if not future.done():
                future.set_result(None)
            for _ in range(5):
                await asyncio.sleep(0)
        self._now_ns = until_ns


class Reply:
    def __init__(self, status, headers, body) -> None:
        self.status = status
        self.headers = headers
        self.text = body

    @property
    def json(self):
        return json.loads(self.text)

    @property
    def code(self):
        return self.json.get("code")


class Client:
    """A plain client of one account: signs, sends, and keeps nothing."""

    def __init__(self, bench, account="main") -> None:
        self.bench = bench
        self.key = f"{account}-key"
        self.secret = f"{account}-secret"

    def sign(self, message: bytes) -> str:
        return hmac.new(self.secret.encode(), message, hashlib.sha256).hexdigest()

    async def call(self, method, path, body=None, *, time_ms=None, window=None, **changed):
        data = b"" if body is None else json.dumps(body).encode()
        time_ms = str(self.bench.time_ms() if time_ms is None else time_ms)
        headers = {
            "X-Key": self.key,
            "X-Time": time_ms,
            "X-Signature": self.sign(f"{time_ms}{method}{path}".encode() + data),
        }
        if window is not None:
            headers["X-Window"] = str(window)
        headers |= {name.replace("_", "-"): value for name, value in changed.items()}
        return await self.bench.request(method, self.bench.url + path, data, headers)

    async def get(self, path):
        return await self.call("GET", path)

    async def submit(self, **changed):
        return await self.call("POST", "/v1/orders", self.bench.order(**changed))

    async def stream(self):
        socket = await self.bench.session.ws_connect(f"{self.bench.url}/v1/stream")
        return Stream(self, socket)


class Stream:
    """A WebSocket of an account."""

    def __init__(self, client, socket) -> None:
        self.client = client
        self.socket = socket
        self._numbers = itertools.count(1)

    async def send(self, op, **fields):
        number = next(self._numbers)
        await self.socket.send_json({"op": op, "id": number} | fields)
        return number

    async def receive(self):
        message = await self.socket.receive()
        if message.type is not aiohttp.WSMsgType.TEXT:
            raise ConnectionError(message.type.name)
        return json.loads(message.data)

    async def ask(self, op, **fields):
        """Return the reply, and what was pushed before it."""
        number = await self.send(op, **fields)
        pushed = []
        while True:
            frame = await self.receive()
            if frame["type"] == "reply" and frame["id"] == number:
                return frame, pushed
            pushed.append(frame)

    async def pushed(self):
        """Return all that was pushed until now: a ping's reply comes after it."""
        return (await self.ask("ping"))[1]

    async def sign_in(self):
        time_ms = self.client.bench.time_ms()
        signature = self.client.sign(f"{time_ms}AUTH/v1/stream".encode())
        reply, _ = await self.ask(
            "auth", key=self.client.key, time=time_ms, signature=signature
        )
        return reply

    async def account(self):
        """Sign in and subscribe to the account."""
        await self.sign_in()
        reply, _ = await self.ask("subscribe", channels=["account"])
        return reply["result"]

    async def submit(self, **changed):
        timing = {"time": self.client.bench.time_ms()}
        return await self.ask(
            "order.submit", **(timing | self.client.bench.order(**changed))
        )


class Bench:
    """The sandbox, its clock, its admin, and clients of its venue alpha."""

    def __init__(self, sandbox, clock, session) -> None:
        self.sandbox = sandbox
        self.clock = clock
        self.session = session
        self.main = Client(self, "main")
        self.other = Client(self, "other")
        self._numbers = itertools.count(1)

    @property
    def url(self):
        return self.sandbox.urls["alpha"]

    @property
    def site(self):
        return self.sandbox.sites["alpha"]

    def time_ms(self):
        return self.clock.time_ns() // 10**6

    def order(self, **changed):
        order = {
            "client_order_id": f"c-{next(self._numbers)}",
            "symbol": "BTC/USDT",
            "side": "buy",
            "type": "limit",
            "quantity": "1",
            "limit_price": "100.00",
        } | changed
        return {name: value for name, value in order.items() if value is not None}

    def market(self, **changed):
        return self.order(**({"type": "market", "limit_price": None} | changed))

    async def request(self, method, url, data=b"", headers=None):
        async with self.session.request(
            method, url, data=data or None, headers=headers
        ) as reply:
            return Reply(reply.status, reply.headers, await reply.text())

    async def admin(self, method, path, body=None):
        data = b"" if body is None else json.dumps(body).encode()
        return await self.request(method, self.sandbox.admin_url + path, data)

    async def arm(self, kind, **fields):
        reply = await self.admin(
            "POST", "/faults", {"venue": "alpha", "kind": kind} | fields
        )
        assert reply.status == 200, reply.text
        return reply.json

    async def act(self, action, **fields):
        body = {"venue": "alpha", "action": action} | fields
        return await self.admin("POST", "/actions", body)

    async def hits(self):
        return (await self.admin("GET", "/faults")).json["hit"]

    async def armed(self):
        return [it["kind"] for it in (await self.admin("GET", "/faults")).json["armed"]]

    async def truth(self, account="main"):
        truth = (await self.admin("GET", "/truth")).json
        return truth["venues"]["alpha"]["accounts"][account]

    async def trade(self, price="100.00", quantity="1", symbol="BTC/USDT"):
        """Let main buy from other; returns main's order."""
        wanted = {"symbol": symbol, "quantity": quantity, "limit_price": price}
        resting = await self.other.submit(side="sell", **wanted)
        assert resting.status == 200, resting.text
        taken = await self.main.submit(side="buy", **wanted)
        assert Decimal(taken.json["cumulative_quantity"]) == Decimal(quantity)
        return taken.json


@pytest.fixture
async def bench():
    clock = ManualClock()
    sandbox = Sandbox(parse(CONFIG), clock=clock, is_driven=False)
    await sandbox.start()
    connector = aiohttp.TCPConnector(force_close=True)
    try:
        async with aiohttp.ClientSession(connector=connector) as session:
            yield Bench(sandbox, clock, session)
    finally:
        await sandbox.stop()
