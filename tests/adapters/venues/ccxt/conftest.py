"""A very small Binance on loopback: what the wire-level tests of the ccxt adapter talk to.

It checks signatures, holds orders, and answers once with whatever a test puts in `next`.
"""

from __future__ import annotations

import asyncio
import hashlib
import hmac
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from decimal import Decimal
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl

import pytest
import pytest_asyncio
from aiohttp import web

from crossdock.adapters.venues.ccxt import family
from crossdock.adapters.venues.ccxt.venue import connect
from crossdock.model import (
    AccountId,
    ClientOrderId,
    Instrument,
    OrderType,
    Side,
    VenueOrderId,
)
from crossdock.ports import Manifest, NewOrder, OrderRef
from crossdock.toolkit import (
    AdapterContext,
    HealthRegistry,
    HttpPool,
    LiveClock,
    LiveIds,
    Masker,
    RateBudgets,
    Secret,
)

SECRET = "s3cr3t-that-must-not-be-told"
KEY = "key-of-the-trader"
_SYMBOL = {
    "symbol": "BTCUSDT",
    "status": "TRADING",
    "baseAsset": "BTC",
    "baseAssetPrecision": 8,
    "quoteAsset": "USDT",
    "quotePrecision": 8,
    "quoteAssetPrecision": 8,
    "orderTypes": ["LIMIT", "LIMIT_MAKER", "MARKET", "STOP_LOSS", "STOP_LOSS_LIMIT"],
    "icebergAllowed": True,
    "ocoAllowed": True,
    "isSpotTradingAllowed": True,
    "isMarginTradingAllowed": False,
    "filters": [
        {
            "filterType": "PRICE_FILTER",
            "minPrice": "0.01000000",
            "maxPrice": "1000000.00000000",
            "tickSize": "0.01000000",
        },
        {
            "filterType": "LOT_SIZE",
            "minQty": "0.00001000",
            "maxQty": "9000.00000000",
            "stepSize": "0.00001000",
        },
        {"filterType": "NOTIONAL", "minNotional": "5.00000000"},
    ],
    "permissions": [],
    "permissionSets": [["SPOT"]],
}


@dataclass
class Answer:
    """One reply given in place of the real one. `execute` does the work beforehand."""

    status: int = 200
    body: bytes = b"{}"
    headers: Mapping[str, str] = field(default_factory=dict)
    execute: bool = False
    cut: bool = False  # the connection is closed instead
    hold: bool = False  # nothing is answered until the server ends


@dataclass
class SmallBinance:
    """What the server holds, and everything it was asked, oldest first."""

    url: str = ""
    orders: dict[str, dict[str, Any]] = field(default_factory=dict)
    trades: list[dict[str, Any]] = field(default_factory=list)
    asked: list[tuple[str, str, dict[str, str]]] = field(default_factory=list)
    next: dict[tuple[str, str], Answer] = field(default_factory=dict)
    released: asyncio.Event = field(default_factory=asyncio.Event)
    arrived: asyncio.Event = field(default_factory=asyncio.Event)
    used_weight: int = 1
    names: int = 0

    def writes(self, method: str = "POST") -> list[dict[str, str]]:
        return [
            params
            for asked, path, params in self.asked
            if asked == method and path == "/api/v3/order"
        ]

    def fill(self, order_id: int, quantity: str, *, time_ms: int, fee: str = "0.1") -> None:
        self.trades.append(
            {
                "symbol": "BTCUSDT",
                "id": len(self.trades) + 1,
                "orderId": order_id,
                "price": "10000.01000000",
                "qty": quantity,
                "quoteQty": "1.00000000",
                "commission": fee,
                "commissionAsset": "USDT",
                "time": time_ms,
                "isBuyer": True,
                "isMaker": False,
                "isBestMatch": True,
            }
        )

    async def handle(self, request: web.Request) -> web.StreamResponse:
        text = request.query_string or await request.text()
        params = dict(parse_qsl(text))
        key = (request.method, request.path)
        self.asked.append((*key, params))
        self.arrived.set()
        answer = self.next.pop(key, None)
        if answer is not None:
            if answer.execute:
                self._reply(*key, params)
            if answer.hold:
                await self.released.wait()
            if answer.cut:
                assert request.transport is not None
                request.transport.close()
                return web.Response()
            return web.Response(
                status=answer.status, body=answer.body, headers=dict(answer.headers)
            )
        if "signature" in params and not _is_signed(text):
            return _refusal(-1022, "Signature for this request is not valid.", 400)
        status, body = self._reply(*key, params)
        headers = {"X-MBX-USED-WEIGHT-1M": str(self.used_weight)}
        return web.json_response(body, status=status, headers=headers)

    def _reply(self, method: str, path: str, params: dict[str, str]) -> tuple[int, Any]:
        match (method, path):
            case ("GET", "/api/v3/exchangeInfo"):
                return 200, {"timezone": "UTC", "rateLimits": [], "symbols": [_SYMBOL]}
            case ("GET", "/api/v3/time"):
                return 200, {"serverTime": 1_700_000_000_123}
            case ("POST", "/api/v3/order"):
                return self._submit(params)
            case ("DELETE", "/api/v3/order"):
                return self._cancel(params)
            case ("GET", "/api/v3/order"):
                held = self._held(params)
                unknown = {"code": -2013, "msg": "Order does not exist."}
                return (400, unknown) if held is None else (200, held)
            case ("GET", "/api/v3/openOrders"):
                return 200, [it for it in self.orders.values() if it["status"] == "NEW"]
            case ("GET", "/api/v3/account"):
                rows = [{"asset": "USDT", "free": "10000.10000000", "locked": "1.00000000"}]
                return 200, {"balances": rows, "updateTime": 1}
            case ("GET", "/api/v3/myTrades"):
                first = int(params.get("fromId", 0))
                since = int(params.get("startTime", 0))
                found = [
                    it for it in self.trades if it["id"] >= first and it["time"] >= since
                ]
                newest = not {"fromId", "startTime"} & params.keys()
                limit = int(params.get("limit", 500))
                return 200, found[-limit:] if newest else found[:limit]
            case ("POST", "/sapi/v1/asset/get-funding-asset"):
                return 200, []
            case ("GET", "/sapi/v1/margin/account"):
                return 200, {"userAssets": []}
            case ("GET", _) if path.startswith("/sapi/"):
                return 200, []  # no currencies and no margin pairs here
            case _:
                return 404, {"code": -1, "msg": f"no {path} here"}

    def _submit(self, params: dict[str, str]) -> tuple[int, Any]:
        name = params["newClientOrderId"]
        if any(it["clientOrderId"] == name for it in self.orders.values()):
            return 400, {"code": -2010, "msg": "Duplicate order sent."}
        order_id = len(self.orders) + 1
        order = {
            "symbol": params["symbol"],
            "orderId": order_id,
            "clientOrderId": name,
            "transactTime": 1_700_000_000_000,
            "price": params.get("price", "0"),
            "origQty": params["quantity"],
            "executedQty": "0.00000000",
            "cummulativeQuoteQty": "0.00000000",
            "status": "NEW",
            "timeInForce": params.get("timeInForce", "GTC"),
            "type": params["type"],
            "side": params["side"],
            "stopPrice": params.get("stopPrice", "0.00000000"),
        }
        self.orders[str(order_id)] = order
        return 200, order

    def _cancel(self, params: dict[str, str]) -> tuple[int, Any]:
        held = self._held(params)
        if held is None or held["status"] != "NEW":
            return 400, {"code": -2011, "msg": "Unknown order sent."}
        held["status"] = "CANCELED"
        name = held["clientOrderId"]
        return 200, {**held, "origClientOrderId": name, "clientOrderId": "of-the-cancel"}

    def _held(self, params: dict[str, str]) -> dict[str, Any] | None:
        if "orderId" in params:
            return self.orders.get(params["orderId"])
        name = params.get("origClientOrderId")
        return next(
            (it for it in self.orders.values() if it["clientOrderId"] == name), None
        )


def _is_signed(text: str) -> bool:
    signed, _, signature = text.rpartition("&signature=")
    expected = hmac.new(SECRET.encode(), signed.encode(), hashlib.sha256).hexdigest()
    return hmac.compare_digest(signature, expected)


def _refusal(code: int, words: str, status: int) -> web.Response:
    return web.json_response({"code": code, "msg": words}, status=status)


@asynccontextmanager
async def small_binance() -> AsyncIterator[SmallBinance]:
    held = SmallBinance()
    app = web.Application()
    app.router.add_route("*", "/{path:.*}", held.handle)
    runner = web.AppRunner(app, shutdown_timeout=0.1)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    host, port = runner.addresses[0][:2]
    held.url = f"http://{host}:{port}"
    try:
        yield held
    finally:
        held.released.set()
        await runner.cleanup()


class MemoryState:
    def __init__(self) -> None:
        self.kept: dict[str, bytes] = {}

    def load(self, key: str) -> bytes | None:
        return self.kept.get(key)

    def save(self, key: str, value: bytes) -> None:
        self.kept[key] = value


@asynccontextmanager
async def context_of(
    manifest: Any, url: str, *, clock: Any = None, state: Any = None, **settings: str
) -> AsyncIterator[AdapterContext]:
    """Make what an adapter is handed, with keys and every other setting at its default."""
    clock = clock or LiveClock()
    filled: dict[str, Any] = {
        name: Secret(it.default or "") if name.endswith("_secret") else it.default or ""
        for name, it in manifest.settings.items()
    }
    filled |= {"key": KEY, "key_secret": Secret(SECRET), "url": url, **settings}
    async with HttpPool() as pool:
        yield AdapterContext(
            account=AccountId("main"),
            venue=manifest.id,
            manifest=manifest,
            settings=filled,
            clock=clock,
            ids=LiveIds(),
            http=pool,
            budgets=RateBudgets(clock),
            health=HealthRegistry(clock),
            state=state or MemoryState(),
            masker=Masker([Secret(SECRET)]),
        )


@dataclass
class Small:
    """The small Binance, an adapter opened on it, and an order to try them with."""

    server: SmallBinance
    context: AdapterContext
    adapter: Any
    instrument: Instrument
    answer: type[Answer] = Answer

    def order(self, seconds: float = 10.0, **more: Any) -> NewOrder:
        self.server.names += 1
        return NewOrder(
            **{
                "client_order_id": ClientOrderId(f"cd-{self.server.names}"),
                "instrument": self.instrument,
                "side": Side.BUY,
                "type": OrderType.LIMIT,
                "quantity": Decimal("0.01"),
                "limit_price": Decimal("10000.10"),
                "deadline_ns": self.deadline(seconds),
                **more,
            }
        )

    def deadline(self, seconds: float = 10.0) -> int:
        return self.context.clock.monotonic_ns() + round(seconds * 1e9)

    def ref(self, order: NewOrder, *venue_order_ids: str) -> OrderRef:
        return OrderRef(
            instrument=self.instrument,
            client_order_id=order.client_order_id,
            venue_order_ids=tuple(map(VenueOrderId, venue_order_ids)),
        )


@asynccontextmanager
async def _opened(**more: Any) -> AsyncIterator[Small]:
    manifest = replace(manifest_of("binance"), **more.pop("manifest", {}))
    async with (
        small_binance() as server,
        context_of(manifest, server.url, **more) as context,
        connect(context) as adapter,
    ):
        [instrument] = await adapter.instruments()
        server.asked.clear()
        yield Small(server, context, adapter, instrument)


def manifest_of(exchange: str) -> Manifest:
    return next(it for it in family(Path()) if it.id == exchange)


@pytest.fixture
def opened():
    """Return what opens a small Binance, for tests with settings of their own."""
    return _opened


@pytest.fixture
def make_context():
    return context_of


@pytest_asyncio.fixture
async def small() -> AsyncIterator[Small]:
    async with _opened() as it:
        yield it
