"""Binance's futures exchanges on loopback: ccxt pointed at them, and calls as documented."""

import hashlib
import hmac
import json
from urllib.parse import urlencode

import ccxt.pro
import pytest
from yarl import URL

HOMES = {"binanceusdm": "fapi", "binancecoinm": "dapi"}


class Futures:
    """Signs and sends as the documentation says, and keeps nothing."""

    def __init__(self, hosted, name):
        self.hosted = hosted
        self.prefix = f"/{HOMES[name]}"
        self.key, self.secret = f"sandbox-{name}", f"sandbox-{name}-secret"

    async def call(self, method, path, *, secret=None, key=None, at_ms=None, **params):
        """Return the status, the body and the headers of a signed call."""
        now_ms = self.hosted.clock.time_ns() // 10**6
        query = urlencode(params | {"timestamp": now_ms if at_ms is None else at_ms})
        made = hmac.new((secret or self.secret).encode(), query.encode(), hashlib.sha256)
        return await self.named(method, f"{path}?{query}&signature={made.hexdigest()}", key)

    async def named(self, method, path, key=None):
        """Send a call that names its key and signs nothing."""
        url = URL(f"{self.hosted.url}{self.prefix}{path}", encoded=True)
        headers = {"X-MBX-APIKEY": self.key if key is None else key}
        request = self.hosted.session.request(method, url, headers=headers)
        async with request as reply:
            return reply.status, json.loads(await reply.text()), reply.headers


def pointed(hosted, name, **given):
    """Return ccxt as it is, but for the addresses."""
    keys = {"apiKey": f"sandbox-{name}", "secret": f"sandbox-{name}-secret"} | given
    exchange = getattr(ccxt.pro, name)(keys)
    urls, home = exchange.urls["api"], HOMES[name]
    for version in ("", "V2", "V3"):
        path = f"{hosted.url}/{home}/{version.lower() or 'v1'}"
        urls[f"{home}Public{version}"] = urls[f"{home}Private{version}"] = path
    urls["sapi"] = f"{hosted.url}/sapi/v1"
    urls["ws"]["linear"] = urls["ws"]["inverse"] = f"{hosted.ws}/ws"
    exchange.options["fetchCurrencies"] = False
    return exchange


@pytest.fixture
def point():
    return pointed


@pytest.fixture
async def usdm(host_face):
    return await host_face("binanceusdm")


@pytest.fixture
async def linear(usdm):
    exchange = pointed(usdm, "binanceusdm")
    try:
        await exchange.load_markets()
        yield exchange
    finally:
        await exchange.close()


@pytest.fixture
async def coinm(host_face):
    return await host_face("binancecoinm")


@pytest.fixture
async def inverse(coinm):
    exchange = pointed(coinm, "binancecoinm")
    try:
        await exchange.load_markets()
        yield exchange
    finally:
        await exchange.close()


@pytest.fixture
async def still_usdm(host_face):
    """USD-M with nobody at the market and a clock that stands still."""
    return Futures(await host_face("binanceusdm", still=True), "binanceusdm")


@pytest.fixture
async def still_coinm(host_face):
    """COIN-M as still."""
    return Futures(await host_face("binancecoinm", still=True), "binancecoinm")
