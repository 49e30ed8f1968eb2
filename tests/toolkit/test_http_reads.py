"""What a read returns, exactly, and what its failures mean."""

from __future__ import annotations

import asyncio
import socket
import ssl
from decimal import Decimal
from typing import Any

import msgspec
import pytest

from crossdock.errors import (
    AuthFailed,
    BadPayload,
    ConfigError,
    RateLimited,
    Rejected,
    Unreachable,
)
from crossdock.ports import RateLimit
from crossdock.toolkit import (
    CircuitBreaker,
    HttpClient,
    HttpPool,
    HttpReply,
    LiveClock,
    ManualClock,
    Masker,
    RateLimiter,
    Secret,
)

CLOCK = LiveClock()


class Ticker(msgspec.Struct):
    bid: Decimal
    extra: Any = None


@pytest.fixture
def client(pool, wire) -> HttpClient:
    return HttpClient(pool, wire.url, clock=CLOCK, masker=Masker())


async def read(client: HttpClient, **more) -> Ticker:
    return await client.read("GET", "/ticker", into=Ticker, **more)


@pytest.mark.parametrize(
    "text", ["0.1", "1e-8", "123456789012345678901.123456789", "-0.30"]
)
@pytest.mark.parametrize("quoted", [False, True])
async def test_numbers_arrive_as_exact_decimals(client, wire, make_reply, text, quoted):
    number = f'"{text}"' if quoted else text
    wire.answer = lambda seen: make_reply(f'{{"bid":{number},"extra":[{text}]}}'.encode())
    ticker = await read(client)
    assert ticker.bid == Decimal(text)
    assert ticker.extra == [Decimal(text)]
    assert type(ticker.extra[0]) is Decimal


async def test_the_whole_reply_can_be_had(client, wire, make_reply):
    wire.answer = lambda seen: make_reply(b"plain", headers="X-Rate-Remaining: 7\r\n")
    reply = await client.read("GET", "/text", into=HttpReply)
    assert (reply.status, reply.body) == (200, b"plain")
    assert reply.headers["x-rate-remaining"] == "7"


async def test_queries_are_encoded_once(client, wire, make_reply):
    wire.answer = lambda seen: make_reply(b'{"bid":"1"}')
    await read(client, query={"symbol": "BTC/USDT", "depth": 5, "note": "a b+c"})
    assert wire.seen[0].target == "/ticker?symbol=BTC%2FUSDT&depth=5&note=a%20b%2Bc"


@pytest.mark.parametrize(
    ("status", "body", "expected"),
    [
        (200, b"", BadPayload),
        (200, b"{", BadPayload),
        (200, b'{"ask":"1"}', BadPayload),
        (200, b'{"bid":"NaNs"}', BadPayload),
        (200, b"\xff", BadPayload),
        (200, b"<!DOCTYPE html><html></html>", BadPayload),
        (204, b"", BadPayload),
        (302, b"", BadPayload),
        (400, b"<html></html>", BadPayload),
        (400, b"{}", Rejected),
        (404, b"{}", Rejected),
        (401, b"{}", AuthFailed),
        (403, b"{}", AuthFailed),
        (408, b"{}", Unreachable),
        (418, b"{}", RateLimited),
        (429, b"{}", RateLimited),
        (500, b"{}", Unreachable),
        (502, b"<html></html>", Unreachable),
        (503, b"", Unreachable),
    ],
)
async def test_each_reply_has_its_error(client, wire, make_reply, status, body, expected):
    wire.answer = lambda seen: make_reply(body, status)
    with pytest.raises(expected) as caught:
        await read(client)
    assert type(caught.value) is expected
    words = str(caught.value)
    assert words.startswith("GET 127.0.0.1:") and "/ticker" in words


async def test_words_say_that_a_page_came_instead_of_json(client, wire, make_reply):
    wire.answer = lambda seen: make_reply(b"<html><title>Log in</title></html>")
    with pytest.raises(BadPayload, match="HTML page instead of JSON"):
        await read(client)


async def test_an_unlisted_refusal_carries_its_status_as_code(client, wire, make_reply):
    wire.answer = lambda seen: make_reply(b"{}", 404)
    with pytest.raises(Rejected) as caught:
        await read(client)
    assert caught.value.venue_code == "404"


@pytest.mark.parametrize("cut", [1, 20, -1])
async def test_a_cut_reply_is_unreachable(client, wire, make_reply, cut):
    wire.answer = lambda seen: make_reply(b'{"bid":"1"}')[:cut]
    wire.closes_after = lambda seen: True
    with pytest.raises(Unreachable):
        await read(client)


async def test_silence_is_unreachable(client, wire):
    wire.answer = lambda seen: ...
    with pytest.raises(Unreachable, match="no whole reply in time"):
        await read(client, timeout_s=0.15)


async def test_a_refused_connection_is_unreachable(pool):
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{free.getsockname()[1]}"
        with pytest.raises(Unreachable, match="cannot connect to 127"):
            await read(HttpClient(pool, url, clock=CLOCK, masker=Masker()))


async def test_plain_http_where_tls_is_spoken_says_so(pool):
    async def alert(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read(1)
        writer.write(bytes.fromhex("15030100020246"))  # a TLS alert: protocol version
        writer.close()

    server = await asyncio.start_server(alert, "127.0.0.1", 0)
    url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    with pytest.raises(Unreachable, match="https, not http"):
        await read(HttpClient(pool, url, clock=CLOCK, masker=Masker()))
    server.close()
    await server.wait_closed()


async def test_a_name_that_does_not_resolve_says_so(pool):
    client = HttpClient(pool, "http://venue.invalid", clock=CLOCK, masker=Masker())
    with pytest.raises(Unreachable, match=r"venue\.invalid"):
        await read(client)


@pytest.mark.parametrize("method", ["PUT", "DELETE", "PATCH", "delete"])
async def test_a_method_that_writes_is_not_read_with(client, wire, method):
    with pytest.raises(ValueError, match="not a read"):
        await client.read(method, "/orders", into=dict)
    assert wire.connections == 0


async def test_a_read_out_of_budget_is_rate_limited(pool, wire, make_reply):
    wire.answer = lambda seen: make_reply(b'{"bid":"1"}')
    limiter = RateLimiter([RateLimit(scope="reads", calls=1, per_s=3600)], CLOCK)
    client = HttpClient(pool, wire.url, clock=CLOCK, masker=Masker(), limiter=limiter)
    await read(client)
    with pytest.raises(RateLimited) as caught:
        await read(client)
    assert 3500 < caught.value.retry_after_s <= 3600
    assert len(wire.seen) == 1


async def test_headers_teach_the_limiter(pool, wire, make_reply):
    def learn(reply: HttpReply, limiter: RateLimiter) -> None:
        limiter.observe(int(reply.headers["x-rate-remaining"]), 60.0, scope="reads")

    limiter = RateLimiter([RateLimit(scope="reads", calls=10, per_s=3600)], CLOCK)
    client = HttpClient(
        pool, wire.url, clock=CLOCK, masker=Masker(), limiter=limiter, learn=learn
    )
    for remaining, left in (("many", True), ("0", False)):
        headers = f"X-Rate-Remaining: {remaining}\r\n"
        wire.answer = lambda seen, headers=headers: make_reply(
            b'{"bid":"1"}', headers=headers
        )
        await read(client)
        assert (limiter.wait_s("reads") == 0) is left


async def test_an_open_breaker_asks_nothing(pool, wire, make_reply):
    clock = ManualClock()
    breaker = CircuitBreaker(clock, failures=2, open_s=30)
    client = HttpClient(pool, wire.url, clock=clock, masker=Masker(), breaker=breaker)
    wire.answer = lambda seen: make_reply(b"", 503)
    for _ in range(2):
        with pytest.raises(Unreachable):
            await read(client)
    with pytest.raises(Unreachable, match="not asked"):
        await read(client)
    assert len(wire.seen) == 2
    await clock.advance(30)
    wire.answer = lambda seen: make_reply(b'{"bid":"1"}')
    assert (await read(client)).bid == 1


async def test_a_read_that_fails_tells_no_secret(pool, wire, make_reply):
    secret = Secret("sk-sentinel")
    client = HttpClient(
        pool,
        wire.url,
        clock=CLOCK,
        masker=Masker([secret]),
        sign=lambda request: request.with_query(f"sig={secret.reveal()}"),
    )
    replies = [
        make_reply(b'{"bid":"sk-sentinel"}'),
        make_reply(b"sk-sentinel", 400),
        make_reply(b"", 500),
        None,
    ]
    for answer in replies:
        wire.answer = lambda seen, answer=answer: answer
        with pytest.raises((BadPayload, Rejected, Unreachable)) as caught:
            await read(client, signed=True)
        error = caught.value
        chained = error.__cause__ or error.__context__
        assert "sentinel" not in f"{error!r} {error} {vars(error)} {chained!r}"


@pytest.mark.parametrize(
    "url",
    [
        "",
        "api.example.com",
        "ftp://api.example.com",
        "https://",
        "https://user:pass@api.example.com",
        "https://api.example.com?key=1",
        "https://api.example.com#a",
        "http://[::1",
    ],
)
def test_a_base_url_is_scheme_host_and_path(url):
    with pytest.raises(ConfigError) as caught:
        HttpClient(HttpPool(), url, clock=CLOCK, masker=Masker())
    assert "pass" not in str(caught.value)


def test_tls_without_verification_is_refused():
    lax = ssl.create_default_context()
    lax.check_hostname = False
    lax.verify_mode = ssl.CERT_NONE
    with pytest.raises(ConfigError, match="verify"):
        HttpPool(tls=lax)


def test_a_pool_that_is_not_open_says_so():
    with pytest.raises(RuntimeError, match="not open"):
        _ = HttpPool().reads


async def test_a_signed_call_without_keys_is_a_mistake(client, wire):
    with pytest.raises(RuntimeError, match="sign"):
        await read(client, signed=True)
    assert wire.connections == 0
