"""Coinbase Exchange on loopback: ccxt pointed at it, and calls as documented."""

import base64
import hashlib
import hmac
import json
from urllib.parse import urlencode

import ccxt.pro
import pytest
from yarl import URL

KEY, SECRET = "sandbox-coinbaseexchange", "c2FuZGJveC1jb2luYmFzZWV4Y2hhbmdl"
PASSPHRASE = "sandbox-passphrase"


def answer(text, secret=SECRET):
    made = hmac.new(base64.b64decode(secret), text.encode(), hashlib.sha256)
    return base64.b64encode(made.digest()).decode()


class Caller:
    """Signs and sends, and keeps nothing."""

    def __init__(self, hosted):
        self.hosted = hosted

    async def call(self, method, path, body=None, **changed):
        """Return status and body; `changed` are parts of the proof to send otherwise."""
        text = "" if body is None else json.dumps(body)
        at = changed.get("at", str(self.hosted.clock.time_ns() / 10**9))
        proof = {
            "CB-ACCESS-KEY": changed.get("key", KEY),
            "CB-ACCESS-PASSPHRASE": changed.get("passphrase", PASSPHRASE),
            "CB-ACCESS-TIMESTAMP": at,
            "CB-ACCESS-SIGN": answer(
                f"{at}{method}{path}{text}", changed.get("secret", SECRET)
            ),
        }
        url = URL(f"{self.hosted.url}{path}", encoded=True)
        request = self.hosted.session.request(method, url, headers=proof, data=text)
        async with request as reply:
            return reply.status, json.loads(await reply.text())

    async def public(self, path, **params):
        query = f"?{urlencode(params)}" if params else ""
        async with self.hosted.session.get(f"{self.hosted.url}{path}{query}") as reply:
            return reply.status, json.loads(await reply.text())


def pointed(hosted, secret=SECRET):
    """Return ccxt as it is, but for the addresses."""
    keys = {"apiKey": KEY, "secret": secret, "password": PASSPHRASE}
    exchange = ccxt.pro.coinbaseexchange(keys)
    urls = exchange.urls["api"]
    urls["public"] = urls["private"] = hosted.url
    urls["ws"] = hosted.ws
    return exchange


@pytest.fixture
def point():
    return pointed


@pytest.fixture
def sign():
    return answer


@pytest.fixture
async def hosted(host_face):
    return await host_face("coinbaseexchange")


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
    """Coinbase Exchange with nobody at the market and a clock that stands still."""
    return Caller(await host_face("coinbaseexchange", still=True))
