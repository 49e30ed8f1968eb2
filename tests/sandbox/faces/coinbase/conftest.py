"""Coinbase on loopback: who signs calls there, its WebSocket, and TLS before it."""

import asyncio
import contextlib
import json
import ssl
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from secrets import token_hex
from urllib.parse import urlencode

import jwt
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from yarl import URL

from crossdock.sandbox.faces.described import venue_of

ACCOUNT = venue_of("coinbase")["accounts"][0]
KEY, SECRET = ACCOUNT["key"], ACCOUNT["secret"]
ADVANCED = "/api/v3/brokerage"
RICH = ACCOUNT | {"balances": {"USD": "100000", "BTC": "100", "ETH": "20"}}


class CoinbaseReply:
    def __init__(self, status, headers, text):
        self.status = status
        self.headers = headers
        self.text = text

    @property
    def json(self):
        return json.loads(self.text)


class CoinbaseClient:
    """Signs and sends as the documentation says, and keeps nothing."""

    def __init__(self, hosted, key=KEY, secret=SECRET, algorithm="ES256"):
        self.hosted = hosted
        self.key = key
        self.secret = secret
        self.algorithm = algorithm

    def token(self, uri=None, *, headers=None, **claims):
        now_s = self.hosted.clock.time_ns() // 10**9
        claims = {
            "sub": self.key,
            "iss": "cdp",
            "nbf": now_s,
            "exp": now_s + 120,
        } | claims
        if uri is not None:
            claims["uri"] = uri
        head = {"kid": self.key, "nonce": token_hex()} | (headers or {})
        return jwt.encode(claims, self.secret, algorithm=self.algorithm, headers=head)

    async def get(self, path, *, base=ADVANCED, token=None, **params):
        return await self._send("GET", base + path, params, None, token)

    async def post(self, path, body, *, token=None):
        return await self._send("POST", ADVANCED + path, {}, body, token)

    async def place(self, configuration=None, **changed):
        order = {
            "client_order_id": token_hex(8),
            "product_id": "BTC-USD",
            "side": "BUY",
            "order_configuration": configuration
            or {"limit_limit_gtc": {"base_size": "1", "limit_price": "100"}},
        } | changed
        return (await self.post("/orders", order)).json

    async def placed(self, configuration=None, **changed):
        """Place an order that is taken; returns its id."""
        told = await self.place(configuration, **changed)
        assert told["success"], told
        return told["success_response"]["order_id"]

    async def order(self, order_id):
        return (await self.get(f"/orders/historical/{order_id}")).json["order"]

    async def _send(self, method, path, params, body, token):
        query = urlencode(params, doseq=True)
        url = URL(f"{self.hosted.url}{path}{'?' if query else ''}{query}", encoded=True)
        if token is None:
            token = self.token(f"{method} {url.host}:{url.port}{url.path}")
        async with self.hosted.session.request(
            method, url, headers={"Authorization": f"Bearer {token}"}, json=body
        ) as reply:
            return CoinbaseReply(reply.status, reply.headers, await reply.text())


class Feed:
    """One WebSocket. Messages come in the order they were written."""

    def __init__(self, client, socket):
        self.client = client
        self.socket = socket
        self.heard = []

    async def next(self):
        self.heard.append(json.loads((await self.socket.receive()).data))
        return self.heard[-1]

    async def send(self, kind, channel, *products, token=None):
        frame = {"type": kind, "channel": channel, "product_ids": list(products)}
        if token is not None:
            frame["jwt"] = token
        await self.socket.send_json(frame)

    async def subscribe(self, channel, *products, signed=False):
        """Return what is said until the subscription is confirmed."""
        token = self.client.token() if signed else None
        await self.send("subscribe", channel, *products, token=token)
        return await self.until_confirmed()

    async def until_confirmed(self):
        said = []
        while True:
            frame = await self.next()
            if frame.get("channel") == "subscriptions":
                return said
            said.append(frame)

    async def until_now(self):
        """Return what was pushed so far: the answer to a frame comes after it."""
        await self.send("unsubscribe", "status", token=self.client.token())
        return await self.until_confirmed()


@pytest.fixture
async def coinbase(host_face):
    """Coinbase with nobody at the market and a clock that stands still."""
    return await host_face("coinbase", still=True, accounts=[RICH])


@pytest.fixture
async def live(host_face):
    """Coinbase with nobody at the market, on the machine's time."""
    return await host_face("coinbase", accounts=[RICH])


@pytest.fixture
def trader(coinbase):
    return CoinbaseClient(coinbase)


@pytest.fixture
def client_of():
    return CoinbaseClient


@pytest.fixture
def sandbox_keys():
    """The name and the private key every sandbox that speaks Coinbase starts with."""
    return KEY, SECRET


@pytest.fixture
async def feed_of():
    """Open a WebSocket for a client."""
    sockets = []

    async def open_for(client):
        sockets.append(await client.hosted.session.ws_connect(client.hosted.ws))
        return Feed(client, sockets[-1])

    yield open_for
    for socket in sockets:
        await socket.close()


def _certificate(folder):
    """Make a certificate for loopback that lives an hour; returns its file."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "127.0.0.1")])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(hours=1))
        .not_valid_after(now + timedelta(hours=1))
        .add_extension(
            x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))]),
            critical=False,
        )
        .sign(key, hashes.SHA256())
    )
    path = folder / "loopback.pem"
    path.write_bytes(
        made.public_bytes(serialization.Encoding.PEM)
        + key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
    )
    return path


class TlsProxy:
    """TLS before a plain port, as a venue's own load balancer ends it."""

    def __init__(self, hosted, certificate):
        self._plain = URL(hosted.url)
        self._context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self._context.load_cert_chain(certificate)
        self._writers = []
        self._pipes = []

    async def __aenter__(self):
        self._server = await asyncio.start_server(
            self._serve, "127.0.0.1", 0, ssl=self._context
        )
        return f"127.0.0.1:{self._server.sockets[0].getsockname()[1]}"

    async def __aexit__(self, *_):
        self._server.close()
        for writer in self._writers:
            writer.transport.abort()
        await asyncio.gather(*self._pipes)

    async def _serve(self, reader, writer):
        onward_reader, onward = await asyncio.open_connection(
            self._plain.host, self._plain.port
        )
        self._writers += [writer, onward]
        for pipe in (self._pipe(reader, onward), self._pipe(onward_reader, writer)):
            self._pipes.append(asyncio.create_task(pipe))

    async def _pipe(self, reader, writer):
        with contextlib.suppress(ConnectionError, ssl.SSLError):
            while data := await reader.read(65536):
                writer.write(data)
                await writer.drain()
        writer.close()
        with contextlib.suppress(ConnectionError, ssl.SSLError):
            await writer.wait_closed()


@pytest.fixture
async def tls(live, tmp_path):
    """The address of `live` behind TLS, and the certificate's file."""
    certificate = _certificate(tmp_path)
    async with TlsProxy(live, certificate) as address:
        yield address, str(certificate)
