"""Receivers on loopback that keep what reached them, and notifiers that send to them."""

import asyncio
from contextlib import asynccontextmanager
from types import SimpleNamespace

import pytest
from aiohttp import web

from crossdock.model import AccountId
from crossdock.ports import Alert, AlertEvent, AlertKind, AlertLevel
from crossdock.toolkit import (
    AdapterContext,
    CountedIds,
    HealthRegistry,
    HttpPool,
    ManualClock,
    Masker,
    RateBudgets,
    Secret,
)


class Receiver:
    """Answers by `answer`, which may wait for ever."""

    def __init__(self):
        self.seen = []
        self.url = ""
        self.answer = lambda request, body: web.Response(status=204)
        self.silence = asyncio.Event()

    async def handle(self, request):
        body = await request.read()
        self.seen.append(
            SimpleNamespace(path=request.path_qs, headers=request.headers, body=body)
        )
        answer = self.answer(request, body)
        if answer is None:
            await self.silence.wait()
            return web.Response()
        return answer


@pytest.fixture
async def receiver():
    made = Receiver()
    application = web.Application()
    application.router.add_route("*", "/{path:.*}", made.handle)
    runner = web.AppRunner(application, access_log=None, shutdown_timeout=0.1)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    made.url = f"http://127.0.0.1:{site._server.sockets[0].getsockname()[1]}"
    yield made
    made.silence.set()
    await runner.cleanup()


@pytest.fixture
def clock():
    return ManualClock()


@pytest.fixture
def notifier_of(clock):
    """Open a notifier by its manifest and settings, defaults filled in."""

    @asynccontextmanager
    async def open_(manifest, factory, **given):
        settings = {}
        for name, declared in manifest.settings.items():
            value = given.get(name, declared.default)
            settings[name] = Secret(value) if name.endswith("_secret") else value
        async with HttpPool() as pool:
            context = AdapterContext(
                account=AccountId("phone"),
                venue="",
                manifest=manifest,
                settings=settings,
                clock=clock,
                ids=CountedIds(),
                http=pool,
                budgets=RateBudgets(clock),
                health=HealthRegistry(clock),
                state=None,
                masker=Masker(),
            )
            async with factory(context) as notifier:
                yield notifier

    return open_


@pytest.fixture(scope="session")
def alert_of():
    def make(*lines, title="PAPER main: Filled: buy 1 BTC/USDT@alpha", **more):
        event = AlertEvent(
            id="fill-1",
            at=1_700_000_000_000_000_000,
            kind=AlertKind.FILL,
            level=AlertLevel.NOTE,
            title="Filled",
            facts={"quantity": "1.10", "instrument": "BTC/USDT@alpha"},
        )
        return Alert(
            **{
                "id": "msg-1",
                "at": event.at,
                "kind": event.kind,
                "level": event.level,
                "title": title,
                "lines": tuple(lines),
                "events": (event,),
                "desk": "main",
                "mode": "paper",
                **more,
            }
        )

    return make
