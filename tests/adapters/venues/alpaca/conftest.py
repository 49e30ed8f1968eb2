"""A vendor on loopback that answers recorded and documented bodies, and notes what it is asked."""

import asyncio
import json
from collections import defaultdict
from contextlib import asynccontextmanager
from decimal import Decimal
from pathlib import Path
from types import SimpleNamespace

import pytest
import pytest_asyncio
from aiohttp import web
from aiohttp.test_utils import TestServer

from crossdock.adapters.venues.alpaca import MANIFEST
from crossdock.adapters.venues.alpaca.venue import Alpaca
from crossdock.model import AccountId, ClientOrderId, OrderType, Side, TimeInForce
from crossdock.ports import CancelOrder, NewOrder, OrderRef, ReplaceOrder
from crossdock.toolkit import (
    AdapterContext,
    CountedIds,
    HealthRegistry,
    HttpPool,
    LiveClock,
    Masker,
    RateBudgets,
    read_settings,
)

SHARED = Path(__file__).parents[5] / "shared" / "data"
KEY, SECRET = "PKTESTKEY", "not-to-be-seen-anywhere"
FAR_NS = 20_000_000_000

ASSETS = [
    {
        "id": "904837e3-3b76-47ec-b432-046db621571b",
        "class": "us_equity",
        "exchange": "NASDAQ",
        "symbol": "AAPL",
        "status": "active",
        "tradable": True,
        "marginable": True,
        "shortable": True,
        "easy_to_borrow": True,
        "fractionable": True,
        "attributes": ["options_enabled"],
    },
    {
        "id": "11111111-3b76-47ec-b432-046db621571b",
        "class": "us_equity",
        "exchange": "NYSE",
        "symbol": "LTC",
        "status": "active",
        "tradable": True,
        "marginable": True,
        "shortable": False,
        "easy_to_borrow": False,
        "fractionable": False,
        "attributes": [],
    },
]
COINS = [
    {
        "id": "276e2673-764b-4ab6-a611-caf665ca6340",
        "class": "crypto",
        "exchange": "CRYPTO",
        "symbol": "BTC/USD",
        "status": "active",
        "tradable": True,
        "marginable": False,
        "shortable": False,
        "easy_to_borrow": False,
        "fractionable": True,
        "attributes": [],
        "min_order_size": "0.000028257",
        "min_trade_increment": "0.000000001",
        "price_increment": "1",
    },
    {
        "id": "19c466e7-e8f7-43e0-a8c5-f17ec9f5de8d",
        "class": "crypto",
        "exchange": "CRYPTO",
        "symbol": "LTC/USD",
        "status": "active",
        "tradable": True,
        "fractionable": True,
        "min_order_size": "0.013623978",
        "min_trade_increment": "0.000000001",
        "price_increment": "0.005",
    },
]
CONTRACT = {
    "id": "6e58f870-fe73-4583-81e4-b9a37892c36f",
    "symbol": "AAPL251219C00150000",
    "name": "AAPL Dec 19 2025 150 Call",
    "status": "active",
    "tradable": True,
    "expiration_date": "2025-12-19",
    "root_symbol": "AAPL",
    "underlying_symbol": "AAPL",
    "type": "call",
    "style": "american",
    "strike_price": "150",
    "size": "100",
}


def order_body(**changes):
    """An order as the documentation shows one."""
    return {
        "id": "61e69015-8549-4bfd-b9c3-01e75843f47d",
        "client_order_id": "cd-1",
        "created_at": "2026-03-16T18:38:01.942282Z",
        "updated_at": "2026-03-16T18:38:01.942282Z",
        "submitted_at": "2026-03-16T18:38:01.937734Z",
        "filled_at": None,
        "expired_at": None,
        "canceled_at": None,
        "failed_at": None,
        "replaced_at": None,
        "replaced_by": None,
        "replaces": None,
        "asset_id": "904837e3-3b76-47ec-b432-046db621571b",
        "symbol": "AAPL",
        "asset_class": "us_equity",
        "notional": None,
        "qty": "10",
        "filled_qty": "0",
        "filled_avg_price": None,
        "order_class": "",
        "order_type": "limit",
        "type": "limit",
        "side": "buy",
        "time_in_force": "day",
        "limit_price": "150.25",
        "stop_price": None,
        "status": "new",
        "extended_hours": False,
        "legs": None,
        "trail_percent": None,
        "trail_price": None,
        "hwm": None,
        **changes,
    }


def fill_body(number, order_id="o-1", **changes):
    """A fill as the history tells it; each a second after the one before."""
    return {
        "id": f"20260316143801{number:03d}::{number:08x}-0000-4000-8000-000000000000",
        "activity_type": "FILL",
        "transaction_time": f"2026-03-16T18:{number // 60:02d}:{number % 60:02d}.5Z",
        "type": "partial_fill",
        "price": "150.25",
        "qty": "1",
        "side": "buy",
        "symbol": "AAPL",
        "leaves_qty": "1",
        "order_id": order_id,
        "cum_qty": str(number),
        "order_status": "partially_filled",
        **changes,
    }


class Vendor:
    """Answers by method and path; what is not scripted is not found."""

    def __init__(self):
        self.asked = []
        self.answers = defaultdict(list)
        self.sockets = defaultdict(list)
        self.opened = []
        self.ended = asyncio.Event()
        self.say("GET", "/v2/assets", self._assets, lasting=True)
        self.say("GET", "/v2/positions", [], lasting=True)
        self.say("GET", "/v2/orders", [], lasting=True)

    def _assets(self, request):
        return COINS if request.query.get("asset_class") == "crypto" else ASSETS

    def say(self, method, path, body, *, status=200, headers=None, lasting=False):
        """Answer once, in the order told; `lasting` answers stand behind them."""
        scripted = self.answers[method, path]
        at = 0 if lasting else len([it for it in scripted if not it.lasting])
        scripted.insert(
            len(scripted) if lasting else at,
            SimpleNamespace(
                body=body, status=status, headers=headers or {}, lasting=lasting
            ),
        )

    def connect(self, path, script):
        """Serve the next connection to a stream by a script."""
        self.sockets[path].append(script)

    def requests(self, *methods):
        return [it for it in self.asked if it.method in methods]

    async def handle(self, request):
        if request.headers.get("Upgrade", "").lower() == "websocket":
            return await self._socket(request)
        body = await request.read()
        self.asked.append(
            SimpleNamespace(
                method=request.method,
                path=request.path,
                target=str(request.rel_url),
                query=dict(request.query),
                headers=dict(request.headers),
                body=json.loads(body) if body else None,
            )
        )
        scripted = self.answers[request.method, request.path]
        if not scripted:
            return web.json_response({"code": 40410000, "message": "not found"}, status=404)
        answer = scripted[0] if scripted[0].lasting else scripted.pop(0)
        said = answer.body
        if said is HANG:
            await self.ended.wait()
        if callable(said):
            said = said(request)
        if isinstance(said, bytes):
            return web.Response(body=said, status=answer.status, headers=answer.headers)
        if said is None:
            return web.Response(status=answer.status, headers=answer.headers)
        return web.json_response(said, status=answer.status, headers=answer.headers)

    async def _socket(self, request):
        socket = web.WebSocketResponse()
        await socket.prepare(request)
        self.opened.append(SimpleNamespace(path=request.path, headers=request.headers))
        script = self.sockets[request.path].pop(0)
        await script(socket)
        await socket.close()
        return socket


HANG = object()


@pytest_asyncio.fixture
async def vendor():
    made = Vendor()
    app = web.Application()
    app.router.add_route("*", "/{tail:.*}", made.handle)
    server = TestServer(app)
    await server.start_server()
    made.url = str(server.make_url("")).rstrip("/")
    yield made
    made.ended.set()
    await server.close()


@asynccontextmanager
async def opened(vendor, **more):
    clock, masker = LiveClock(), Masker()
    given = {
        "key": KEY,
        "key_secret": SECRET,
        "url": vendor.url,
        "data_url": vendor.url,
        "stream_url": vendor.url,
        **more,
    }
    settings = read_settings(
        MANIFEST,
        given,
        account=AccountId("main"),
        environ={},
        base_path=Path(),
        masker=masker,
    )
    async with HttpPool() as pool:
        context = AdapterContext(
            account=AccountId("main"),
            venue="alpaca",
            manifest=MANIFEST,
            settings=settings,
            clock=clock,
            ids=CountedIds(),
            http=pool,
            budgets=RateBudgets(clock),
            health=HealthRegistry(clock),
            state=None,
            masker=masker,
        )
        async with Alpaca(context) as adapter:
            yield adapter


@pytest_asyncio.fixture
async def alpaca(vendor):
    async with opened(vendor) as adapter:
        yield adapter


@pytest.fixture
def open_alpaca(vendor):
    return lambda **more: opened(vendor, **more)


@pytest.fixture
def bodies():
    """What alpaca-py's own tests were recorded from, by the end of its URL."""
    path = SHARED / "alpaca" / "alpaca_bodies.json"
    if not path.exists():
        pytest.skip(f"{path} is not here")
    return json.loads(path.read_text("utf-8"))


@pytest.fixture
def ccxt_cases():
    def read(kind):
        path = SHARED / "ccxt" / kind / "alpaca.json"
        if not path.exists():
            pytest.skip(f"{path} is not here")
        return json.loads(path.read_text("utf-8"))["methods"]

    return read


async def listed(adapter):
    return {it.id: it for it in await adapter.instruments()}


def new_order(instrument, **changes):
    fields = {
        "client_order_id": ClientOrderId("cd-1"),
        "instrument": instrument,
        "side": Side.BUY,
        "type": OrderType.LIMIT,
        "quantity": Decimal(10),
        "limit_price": Decimal("150.25"),
        "time_in_force": TimeInForce.DAY,
        "deadline_ns": LiveClock().monotonic_ns() + FAR_NS,
        **changes,
    }
    if fields["type"] not in (OrderType.LIMIT, OrderType.STOP_LIMIT):
        fields["limit_price"] = changes.get("limit_price")
    return NewOrder(**fields)


def ref(instrument, *ids, client="cd-1"):
    return OrderRef(
        instrument=instrument, client_order_id=ClientOrderId(client), venue_order_ids=ids
    )


def cancel_of(instrument, *ids, left_ns=FAR_NS):
    return CancelOrder(
        ref=ref(instrument, *ids), deadline_ns=LiveClock().monotonic_ns() + left_ns
    )


def replace_of(instrument, *ids, quantity="20", limit_price="151", left_ns=FAR_NS):
    return ReplaceOrder(
        ref=ref(instrument, *ids),
        quantity=Decimal(quantity),
        limit_price=None if limit_price is None else Decimal(limit_price),
        stop_price=None,
        deadline_ns=LiveClock().monotonic_ns() + left_ns,
    )


@pytest.fixture
def make():
    """Makers of bodies and of what the ports take."""
    return SimpleNamespace(
        order_body=order_body,
        fill_body=fill_body,
        order=new_order,
        ref=ref,
        cancel=cancel_of,
        replace=replace_of,
        listed=listed,
        contract=CONTRACT,
        hang=HANG,
        key=KEY,
        secret=SECRET,
    )
