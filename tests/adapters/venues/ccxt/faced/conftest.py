"""The adapter at a face of the sandbox, in this process: what it made of an order is seen."""

from __future__ import annotations

import asyncio
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import aiohttp
import pytest

from crossdock.adapters.venues.ccxt import family
from crossdock.adapters.venues.ccxt.venue import connect
from crossdock.model import ClientOrderId, OrderType, Side
from crossdock.ports import CancelOrder, NewOrder, OrderRef, ReplaceOrder
from crossdock.sandbox.clock import SystemClock
from crossdock.sandbox.config import parse
from crossdock.sandbox.faces.described import venue_of
from crossdock.sandbox.server import Sandbox
from crossdock.toolkit import Secret

PATIENT_S = 20.0
SPOT = "BTC/USDT"


class Sink:
    """Keeps what an account's stream told."""

    def __init__(self):
        self.reports, self.told_fills, self.gaps = [], [], []
        self._news = asyncio.Event()

    def orders(self, batch):
        self.reports.extend(batch)
        self._news.set()

    def fills(self, batch):
        self.told_fills.extend(batch)
        self._news.set()

    def account_events(self, batch):
        self._news.set()

    def account_gap(self, reason):
        self.gaps.append(reason)
        self._news.set()

    def instruments_changed(self, instruments):
        self._news.set()

    async def until(self, holds):
        async with asyncio.timeout(PATIENT_S):
            while not holds():
                self._news.clear()
                await self._news.wait()

    def of(self, order):
        return [it for it in self.reports if it.client_order_id == order.client_order_id]


class Faced:
    """One adapter, its face, and somebody else who trades there."""

    def __init__(self, adapter, context, sandbox, venue, session):
        self.adapter, self.context = adapter, context
        self.sandbox, self.venue, self.session = sandbox, venue, session
        self._names = 0
        self._instruments = {}

    async def instrument(self, symbol=SPOT):
        if not self._instruments:
            listed = await self.adapter.instruments()
            self._instruments = {it.id.partition("@")[0]: it for it in listed}
        return self._instruments[symbol]

    async def order(self, symbol=SPOT, **changes):
        self._names += 1
        usual = {
            "client_order_id": ClientOrderId(f"cd-{self._names:012d}"),
            "instrument": await self.instrument(symbol),
            "side": Side.BUY,
            "type": OrderType.LIMIT,
            "quantity": Decimal(1),
            "limit_price": Decimal(100),
            "deadline_ns": self.deadline(),
        }
        order = {**usual, **changes}
        if order["type"] not in (OrderType.LIMIT, *_LIMITED) and "limit_price" in usual:
            order["limit_price"] = None
        return NewOrder(**order)

    def deadline(self):
        return self.context.clock.monotonic_ns() + round(PATIENT_S * 1e9)

    def ref(self, order, *reports):
        return OrderRef(
            instrument=order.instrument,
            client_order_id=order.client_order_id,
            venue_order_ids=tuple(it.venue_order_id for it in reports),
        )

    async def cancel(self, order, *reports):
        ref = self.ref(order, *reports)
        return await self.adapter.cancel(CancelOrder(ref=ref, deadline_ns=self.deadline()))

    async def replace(self, order, report, **changes):
        new = {
            "quantity": order.quantity,
            "limit_price": order.limit_price,
            "stop_price": order.stop_price,
            **changes,
        }
        return await self.adapter.replace(
            ReplaceOrder(ref=self.ref(order, report), deadline_ns=self.deadline(), **new)
        )

    @asynccontextmanager
    async def watched(self):
        sink = Sink()
        task = asyncio.create_task(self.adapter.watch_account(sink))
        try:
            await sink.until(lambda: sink.gaps or task.done())
            yield sink
        finally:
            task.cancel()
            with suppress(asyncio.CancelledError):
                await task

    async def trade(self, side, price, quantity, symbol=SPOT):
        """Let somebody else enter a limit order."""
        await self.act(
            "manual_order",
            account="other",
            symbol=symbol,
            side=side,
            type="limit",
            quantity=str(quantity),
            limit_price=str(price),
        )

    async def act(self, action, **fields):
        """Do what an operator of the venue can."""
        body = {"venue": self.venue, "action": action, **fields}
        url = f"{self.sandbox.admin_url}/actions"
        async with self.session.post(url, json=body) as reply:
            assert reply.status == 200, await reply.text()

    async def arm(self, kind, **fields):
        """Let the venue do some harm once."""
        body = {"venue": self.venue, "kind": kind, **fields}
        async with self.session.post(
            f"{self.sandbox.admin_url}/faults", json=body
        ) as reply:
            assert reply.status == 200, await reply.text()

    async def truth(self):
        async with self.session.get(f"{self.sandbox.admin_url}/truth") as reply:
            told = await reply.json()
        return told["venues"][self.venue]["accounts"]["main"]


_LIMITED = (OrderType.STOP_LIMIT, OrderType.LIMIT_IF_TOUCHED)


@asynccontextmanager
async def _faced(
    make_context, name, limits, seed=0, clock=None, settings=None, hurry=1, **changes
):
    venue = venue_of(name) | {"market": {"kind": "empty"}, "limits": limits} | changes
    main = venue["accounts"][0]
    assets = {it["symbol"].partition("/")[0]: 1000 for it in venue["markets"]}
    other = main | {"name": "other", "key": "other-key", "secret": "other-secret"}
    other["balances"] = assets | main.get("balances", {})
    venue["accounts"] = [main, other]
    manifest = next(it for it in family(Path()) if it.id == name)
    wide = tuple(replace(it, calls=it.calls * hurry) for it in manifest.rate_limits)
    manifest = replace(manifest, rate_limits=wide)
    keys = settings or {"key": main["key"], "key_secret": Secret(main["secret"])}
    if "passphrase" in main:
        keys["passphrase_secret"] = Secret(main["passphrase"])
    sandbox = Sandbox(parse({"seed": seed, "venues": [venue]}), clock=SystemClock())
    await sandbox.start()
    try:
        url = sandbox.urls[venue["name"]]
        connector = aiohttp.TCPConnector(force_close=True)
        async with (
            aiohttp.ClientSession(connector=connector) as session,
            make_context(manifest, url, clock=clock, **keys) as context,
            connect(context) as adapter,
        ):
            yield Faced(adapter, context, sandbox, venue["name"], session)
    finally:
        await sandbox.stop()


@pytest.fixture
async def faced(make_context):
    """Open the adapter at a face: `await faced("okx", limits={…})`."""
    async with AsyncExitStack() as stack:

        async def opened(name, *, limits, **changes):
            made = _faced(make_context, name, limits, **changes)
            return await stack.enter_async_context(made)

        yield opened
