"""An adapter opened on a loopback server that notes what it is asked and says one thing."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from aiohttp import web

from crossdock.adapters.venues.ccxt import family
from crossdock.adapters.venues.ccxt.instruments import instruments_of
from crossdock.adapters.venues.ccxt.venue import connect
from crossdock.model import AccountId, Instrument
from crossdock.ports import Manifest
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

DATA = Path(__file__).parents[6] / "shared/data/ccxt"
SIGNATURES = Path(__file__).parents[6] / "shared/data/signatures/vectors.json"

# Those of ccxt's own static tests.
_KEYS = {
    "key": "key",
    "key_secret": "secretsecret",
    "passphrase_secret": "password",
    "wallet": "wallet",
    "wallet_key_secret": (
        "0xff3bdd43534543d421f05aec535965b5050ad6ac15345435345435453495e771"
    ),
}


@dataclass(frozen=True)
class Asked:
    """One request as it came."""

    method: str
    path: str
    query: str
    body: str
    headers: Mapping[str, str]


@dataclass
class Exchange:
    """What the server was asked, and what it says to everything."""

    asked: list[Asked] = field(default_factory=list)
    reply: Any = None
    status: int = 503
    fails_at: str = ""  # what stands in the queries that it answers with 503

    async def handle(self, request: web.Request) -> web.Response:
        self.asked.append(
            Asked(
                method=request.method,
                path=request.rel_url.raw_path,
                query=request.rel_url.raw_query_string,
                body=await request.text(),
                headers=dict(request.headers),
            )
        )
        fails = self.fails_at and self.fails_at in request.rel_url.raw_query_string
        return web.Response(
            status=503 if fails else self.status,
            body=b"" if self.reply is None else json.dumps(self.reply).encode(),
            content_type="application/json",
        )


@dataclass
class Opened:
    """One exchange's adapter with its recorded markets."""

    server: Exchange
    context: AdapterContext
    adapter: Any
    instruments: Mapping[str, Instrument]
    manifest: Manifest
    settings: dict[str, Any]

    def deadline(self) -> int:
        return self.context.clock.monotonic_ns() + 10**10


class _NoState:
    def load(self, key: str) -> bytes | None:
        return None

    def save(self, key: str, value: bytes) -> None:
        pass


# What ccxt's file leaves out of a market, as Binance lists options of its kind.
_LACKING: Mapping[str, Mapping[str, Any]] = {
    "ETH/USDT:USDT-231229-800-C": {
        "strike": "800",
        "optionType": "call",
        "expiry": 1703836800000,
        "precision": {"amount": "0.01", "price": "0.1"},
        "limits": {"amount": {"min": "0.01", "max": "1000"}},
    }
}

MANIFESTS = {each.id: each for each in family(Path())}


def loaded(folder: str, exchange: str) -> Any:
    return json.loads((DATA / folder / f"{exchange}.json").read_text())


def markets_of(exchange: str) -> list[dict[str, Any]]:
    text = (DATA / "markets" / f"{exchange}.json").read_text()
    listed = json.loads(text, parse_float=str)
    return [_whole(it | _LACKING.get(it["symbol"], {})) for it in listed.values()]


def _whole(market: dict[str, Any]) -> dict[str, Any]:
    for part in (market.get("precision") or {}, *(market.get("limits") or {}).values()):
        for name, value in part.items():
            if isinstance(value, int) and not isinstance(value, bool):
                part[name] = str(value)
    return market


@asynccontextmanager
async def opened(
    exchange: str,
    *,
    manifest_id: str = "",
    options: Mapping[str, Any] | None = None,
    settings: Mapping[str, str] | None = None,
) -> AsyncIterator[Opened]:
    """Open the adapter of an exchange on a server of its own, markets listed already."""
    manifest = MANIFESTS[manifest_id or exchange]
    server = Exchange()
    app = web.Application()
    app.router.add_route("*", "/{path:.*}", server.handle)
    runner = web.AppRunner(app, shutdown_timeout=0.1)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    host, port = runner.addresses[0][:2]
    clock = LiveClock()
    filled: dict[str, Any] = {
        name: it.default or "" for name, it in manifest.settings.items()
    }
    filled |= {"url": f"http://{host}:{port}"}
    filled |= {name: value for name, value in _KEYS.items() if name in filled}
    filled |= dict(settings or {})
    filled = {
        name: Secret(value) if name.endswith("_secret") else value
        for name, value in filled.items()
    }
    try:
        async with HttpPool() as pool:
            context = AdapterContext(
                account=AccountId("main"),
                venue=manifest.id,
                manifest=manifest,
                settings=filled,
                clock=clock,
                ids=LiveIds(),
                http=pool,
                budgets=RateBudgets(clock),
                health=HealthRegistry(clock),
                state=_NoState(),
                masker=Masker([]),
            )
            async with connect(context) as adapter:
                listed = markets_of(exchange)
                currencies = loaded("currencies", exchange)
                known = {name: it for name, it in currencies.items() if it is not None}
                adapter.driver.set_markets(listed, known)
                adapter.driver.options.update(options or {})
                made, _ = instruments_of(listed, venue=manifest.id)
                yield Opened(
                    server=server,
                    context=context,
                    adapter=adapter,
                    instruments={it.id.partition("@")[0]: it for it in made},
                    manifest=manifest,
                    settings=filled,
                )
    finally:
        await runner.cleanup()
