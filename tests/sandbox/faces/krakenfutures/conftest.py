"""Kraken Futures on loopback: ccxt pointed at it, and calls as documented."""

import base64
import hashlib
import hmac
import json
from urllib.parse import urlencode

import ccxt.pro
import pytest
from yarl import URL

KEY, SECRET = "sandbox-krakenfutures", "c2FuZGJveC1rcmFrZW5mdXR1cmVz"


def answer(secret, text):
    """Sign as the documentation says: SHA-256, then HMAC-SHA512 by the decoded secret."""
    digest = hashlib.sha256(text.encode()).digest()
    made = hmac.new(base64.b64decode(secret), digest, hashlib.sha512)
    return base64.b64encode(made.digest()).decode()


class Caller:
    """Signs and sends, and keeps nothing."""

    def __init__(self, hosted):
        self.hosted = hosted

    async def call(self, method, path, *, secret=SECRET, nonce="", key=KEY, **params):
        query = urlencode(params)
        signed = answer(secret, f"{query}{nonce}/api/v3{path}")
        headers = {"APIKey": key, "Authent": signed} | ({"Nonce": nonce} if nonce else {})
        url = URL(f"{self.hosted.url}/derivatives/api/v3{path}?{query}", encoded=True)
        request = self.hosted.session.request(method, url, headers=headers)
        async with request as reply:
            return reply.status, json.loads(await reply.text())


def pointed(hosted, secret=SECRET):
    """Return ccxt as it is, but for the addresses."""
    exchange = ccxt.pro.krakenfutures({"apiKey": KEY, "secret": secret})
    urls = exchange.urls["api"]
    urls["public"] = urls["private"] = f"{hosted.url}/derivatives/api/"
    urls["charts"] = f"{hosted.url}/api/charts/"
    urls["history"] = f"{hosted.url}/api/history/"
    urls["ws"] = f"{hosted.ws}/ws/v1"
    return exchange


@pytest.fixture
def point():
    return pointed


@pytest.fixture
def sign():
    return answer


@pytest.fixture
async def hosted(host_face):
    return await host_face("krakenfutures")


@pytest.fixture
async def exchange(hosted):
    exchange = pointed(hosted)
    try:
        await exchange.load_markets()
        yield exchange
    finally:
        await exchange.close()


@pytest.fixture
async def still(host_face):
    """Kraken Futures with nobody at the market and a clock that stands still."""
    return Caller(await host_face("krakenfutures", still=True))
