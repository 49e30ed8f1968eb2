"""dYdX on loopback: ccxt pointed at it, and transactions written by hand."""

import functools
import hashlib
import importlib
import json

import ccxt.pro
import pytest

from crossdock.sandbox.faces.described import venue_of

[_ACCOUNT] = venue_of("dydx")["accounts"]
OWNER, SECRET = _ACCOUNT["key"], _ACCOUNT["secret"]
FIRST_BLOCK_S = 1_600_000_000


def field(number, value):
    """Write one field as protobuf does: an int as a varint, (int,) as four bytes."""
    if isinstance(value, tuple):
        return varint(number << 3 | 5) + value[0].to_bytes(4, "little")
    if isinstance(value, int):
        return varint(number << 3) + varint(value)
    return varint(number << 3 | 2) + varint(len(value)) + value


def varint(number):
    made = b""
    while number > 0x7F:
        made += bytes([number & 0x7F | 0x80])
        number >>= 7
    return made + bytes([number])


def message(*fields):
    return b"".join(field(number, value) for number, value in fields if value is not None)


class Wallet:
    """Signs and sends transactions as the documentation says, and keeps nothing."""

    def __init__(self, hosted, *, secret=SECRET, owner=OWNER, chain="dydx-mainnet-1"):
        self.hosted = hosted
        self.owner = owner
        self.chain = chain
        self.key = importlib.import_module("coincurve").PrivateKey(bytes.fromhex(secret))

    @property
    def now_ms(self):
        return self.hosted.site.host.now_ns() // 10**6

    @property
    def height(self):
        return self.now_ms // 1000 - FIRST_BLOCK_S

    def order_id(self, client_id, flags=64, *, subaccount=None, pair=None):
        owned = message((1, self.owner.encode()), (2, subaccount))
        return message((1, owned), (2, (client_id,)), (3, flags or None), (4, pair))

    async def place(self, client_id, *, flags=64, until=None, number=None, **changed):
        """Buy one coin at 100; `until` is a block or a second, `changed` by number."""
        if until is None:
            until = self.height + 20 if flags == 0 else self.now_ms // 1000 + 600
        order = {
            1: self.order_id(client_id, flags),
            2: 1,
            3: 10**10,
            4: 100 * 10**3,
            5 if flags == 0 else 6: until if flags == 0 else (until,),
            7: 1 if flags == 0 else None,
        } | {int(name[1:]): value for name, value in changed.items()}
        placed = message((1, message(*order.items())))
        return await self.send("/dydxprotocol.clob.MsgPlaceOrder", placed, number)

    async def cancel(self, client_id, *, flags=64, until=None, number=None):
        until = until or (self.height + 20 if flags == 0 else self.now_ms // 1000 + 600)
        good = (2, until) if flags == 0 else (3, (until,))
        told = message((1, self.order_id(client_id, flags)), good)
        return await self.send("/dydxprotocol.clob.MsgCancelOrder", told, number)

    def batch(self, client_ids, *, until, is_packed):
        numbers = [(2, it) for it in client_ids]
        if is_packed:
            numbers = [(2, b"".join(varint(it) for it in client_ids))]
        owned = message((1, self.owner.encode()))
        return message((1, owned), (2, message(*numbers)), (3, until))

    async def send(self, kind, told, number=None):
        return await self.broadcast(self.signed(kind, told, number))

    def signed(self, kind, told, number=None, account_number=1):
        body = message((1, message((1, kind.encode()), (2, told))))
        public = message((1, self.key.public_key.format()))
        name = b"/cosmos.crypto.secp256k1.PubKey"
        signer = message(
            (1, message((1, name), (2, public))),
            (2, message((1, message((1, 1))))),
            (3, self.now_ms if number is None else number),
        )
        auth = message((1, signer), (2, message((2, 1_000_000))))
        chain = (3, self.chain.encode())
        signed = message((1, body), (2, auth), chain, (4, account_number))
        digest = hashlib.sha256(signed).digest()
        signature = self.key.sign_recoverable(digest, hasher=None)[:64]
        return message((1, body), (2, auth), (3, signature))

    async def broadcast(self, raw):
        """Return what the check found: codespace and code, ("", 0) where all is well."""
        url = f"{self.hosted.url}/broadcast_tx_sync"
        async with self.hosted.session.get(url, params={"tx": f"0x{raw.hex()}"}) as reply:
            told = json.loads(await reply.text())["result"]
            return told["codespace"], told["code"]

    async def read(self, path, **params):
        async with self.hosted.session.get(
            f"{self.hosted.url}{path}", params=params
        ) as reply:
            return reply.status, json.loads(await reply.text())


def pointed(hosted, secret=SECRET):
    """Return ccxt as it is, but for the addresses and how it reads numbers.

    In Python it leaves whole numbers of JSON alone, and then fails at those of dYdX's
    markets before it sends an order; in its other languages they are text.
    """
    exchange = ccxt.pro.dydx({"walletAddress": OWNER, "options": {"privateKey": secret}})
    exchange.on_json_response = functools.partial(
        json.loads, parse_int=str, parse_float=str
    )
    urls = exchange.urls["api"]
    urls["indexer"], urls["ws"] = f"{hosted.url}/v4", f"{hosted.ws}/v4/ws"
    urls["nodeRpc"] = urls["nodeRest"] = hosted.url
    return exchange


@pytest.fixture
def point():
    return pointed


@pytest.fixture
def wallet_of():
    return Wallet


@pytest.fixture
async def hosted(host_face):
    wide = {"stateful_per_block": 100, "stateful_per_100_blocks": 100}
    return await host_face("dydx", limits=wide)


@pytest.fixture
async def exchange(hosted):
    exchange = pointed(hosted)
    try:
        await exchange.load_markets()
        yield exchange
    finally:
        await exchange.close()


@pytest.fixture
async def wallet(host_face):
    """dYdX with nobody at the market and a clock that stands still."""
    return Wallet(await host_face("dydx", still=True))
