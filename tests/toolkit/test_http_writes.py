"""What a write may do to the wire, and what its failures mean."""

from __future__ import annotations

import asyncio
import random
import socket

import aiohttp
import pytest

from crossdock.errors import (
    AuthFailed,
    NotSent,
    OutcomeUnknown,
    RateLimited,
    Rejected,
)
from crossdock.ports import RateLimit
from crossdock.toolkit import (
    Backoff,
    CancelledInDoubt,
    CancelledUnsent,
    HttpClient,
    HttpPool,
    HttpReply,
    LiveClock,
    ManualClock,
    Masker,
    RateLimiter,
    Secret,
    repeat_read,
)
from crossdock.toolkit.pool import Broken, Departure

CLOCK = LiveClock()
SOON_S = 0.15  # how long a test lets a server be silent
SENTINEL = "sk-sentinel/value+1"


def deadline(seconds: float = 5.0) -> int:
    return CLOCK.monotonic_ns() + round(seconds * 1e9)


def client_of(pool: HttpPool, url: str, **more) -> HttpClient:
    masker = Masker([Secret(SENTINEL)])

    def sign(request):
        return request.with_headers(X_Key=SENTINEL).with_query(f"sig={SENTINEL}")

    return HttpClient(pool, url, clock=CLOCK, masker=masker, sign=sign, **more)


@pytest.fixture
def client(pool, wire) -> HttpClient:
    return client_of(pool, wire.url)


METHODS = pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "PATCH"])
BODIES = pytest.mark.parametrize("body", [b"", b'{"a":1}'], ids=["bare", "with body"])


@METHODS
@BODIES
@pytest.mark.parametrize("reused", [False, True], ids=["fresh", "kept alive"])
async def test_a_write_dropped_by_the_server_is_in_doubt_and_sent_once(
    client, wire, method, body, reused
):
    if reused:
        await client.read("GET", "/warm", into=dict)
    wire.answer = lambda seen: None
    with pytest.raises(OutcomeUnknown):
        await client.write(method, "/orders", into=dict, deadline_ns=deadline(), body=body)
    writes = [seen for seen in wire.seen if seen.target.startswith("/orders")]
    assert [(seen.method, seen.body) for seen in writes] == [(method, body)]
    assert wire.connections == 1


@METHODS
@BODIES
@pytest.mark.parametrize("reused", [False, True], ids=["fresh", "kept alive"])
async def test_a_silent_write_is_in_doubt_and_sent_once(client, wire, method, body, reused):
    if reused:
        await client.read("GET", "/warm", into=dict)
    wire.answer = lambda seen: ...
    with pytest.raises(OutcomeUnknown, match="no whole reply in time"):
        await client.write(
            method, "/orders", into=dict, deadline_ns=deadline(SOON_S), body=body
        )
    assert [s.method for s in wire.seen if s.target.startswith("/orders")] == [method]


@pytest.mark.parametrize("method", ["PUT", "DELETE"])
async def test_aiohttp_alone_sends_such_a_write_twice(wire, make_reply, method):
    """The reason for all this: when it no longer holds, `Departure` may be simplified."""
    wire.answer = lambda seen: make_reply() if seen.target == "/warm" else None
    async with aiohttp.ClientSession() as session:
        async with session.get(f"{wire.url}/warm") as response:
            await response.read()
        with pytest.raises(aiohttp.ServerDisconnectedError):
            await session.request(method, f"{wire.url}/orders")
    assert [seen.method for seen in wire.seen] == ["GET", method, method]


async def test_a_request_is_let_go_once_even_if_asked_for_again():
    """What guards against an aiohttp that repeats for reasons of another day."""
    sent: list[object] = []

    async def send(request: object) -> None:
        sent.append(request)
        raise aiohttp.ServerDisconnectedError

    departure = Departure()
    for words in ("the connection closed before the reply", "refused to send it twice"):
        with pytest.raises(Broken, match=words) as caught:
            await departure("request", send)
        assert not isinstance(caught.value, aiohttp.ClientError | OSError)
    assert sent == ["request"]


@METHODS
async def test_writes_reuse_a_connection_that_works(client, wire, method):
    for _ in range(3):
        await client.write(method, "/orders", into=dict, deadline_ns=deadline(), body=b"{}")
    assert len(wire.seen) == 3
    assert wire.connections == 1


async def test_a_signed_query_arrives_byte_for_byte(pool, wire):
    query = "symbol=BTC%2FUSDT&note=a%20b%2Bc~&sig=%2f%3d"
    client = HttpClient(
        pool,
        f"{wire.url}/api/v1/",
        clock=CLOCK,
        masker=Masker(),
        sign=lambda request: request.with_query(query),
    )
    await client.write("DELETE", "/orders/a%2Fb", into=dict, deadline_ns=deadline())
    assert wire.seen[0].target == f"/api/v1/orders/a%2Fb?{query}"


@pytest.mark.parametrize(
    "status", [200, 201, 202], ids=lambda status: f"unreadable {status}"
)
@pytest.mark.parametrize(
    "body",
    [b"", b"{", b"[]", b"\xff\xfe", b"<html>busy</html>", b'{"id":', b'"text"'],
)
async def test_an_unreadable_success_is_in_doubt(client, wire, make_reply, status, body):
    wire.answer = lambda seen: make_reply(body, status)
    with pytest.raises(OutcomeUnknown):
        await client.write("POST", "/orders", into=dict, deadline_ns=deadline())


@pytest.mark.parametrize(
    "status", [301, 302, 307, 308, 400, 404, 408, 409, 422, 500, 502, 503, 504]
)
@pytest.mark.parametrize("body", [b"", b'{"code":"unlisted"}', b"<html>oops</html>"])
@METHODS
async def test_a_status_that_proves_nothing_is_in_doubt_and_never_followed(
    client, wire, make_reply, status, body, method
):
    wire.answer = lambda seen: make_reply(body, status, "Location: /elsewhere\r\n")
    with pytest.raises(OutcomeUnknown, match=str(status)):
        await client.write(method, "/orders", into=dict, deadline_ns=deadline())
    assert len(wire.seen) == 1


@pytest.mark.parametrize("cut", [1, 12, 25, -1])
async def test_a_reply_cut_anywhere_is_in_doubt(client, wire, make_reply, cut):
    wire.answer = lambda seen: make_reply(b'{"id":"1"}')[:cut]
    wire.closes_after = lambda seen: True
    with pytest.raises(OutcomeUnknown):
        await client.write("PUT", "/orders/1", into=dict, deadline_ns=deadline())
    assert len(wire.seen) == 1


async def test_a_reply_that_is_not_http_is_in_doubt(client, wire):
    wire.answer = lambda seen: b"SSH-2.0-OpenSSH_9\r\n\r\n"
    with pytest.raises(OutcomeUnknown):
        await client.write("POST", "/orders", into=dict, deadline_ns=deadline())


async def test_a_refused_connection_is_not_sent(pool):
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))  # bound and not listening: connections are refused
        client = client_of(pool, f"http://127.0.0.1:{free.getsockname()[1]}")
        with pytest.raises(NotSent, match="cannot connect to 127"):
            await client.write("POST", "/orders", into=dict, deadline_ns=deadline())


async def test_a_name_that_does_not_resolve_is_not_sent(pool):
    client = client_of(pool, "http://venue.invalid")
    with pytest.raises(NotSent, match=r"venue\.invalid"):
        await client.write("POST", "/orders", into=dict, deadline_ns=deadline())


async def test_tls_to_a_plain_server_is_not_sent(pool, wire):
    client = client_of(pool, wire.url.replace("http:", "https:"))
    with pytest.raises(NotSent):
        await client.write("POST", "/orders", into=dict, deadline_ns=deadline(0.2))
    assert wire.seen == []


async def test_a_deadline_that_passed_is_not_sent(client, wire):
    with pytest.raises(NotSent, match="deadline"):
        await client.write("POST", "/orders", into=dict, deadline_ns=deadline(-1))
    assert wire.connections == 0


async def test_a_deadline_in_the_rate_limiter_is_not_sent(pool, wire):
    limiter = RateLimiter([RateLimit(scope="orders", calls=1, per_s=3600)], CLOCK)
    client = client_of(pool, wire.url, limiter=limiter)
    await client.write("POST", "/orders", into=dict, deadline_ns=deadline())
    with pytest.raises(NotSent, match="rate limit"):
        await client.write("POST", "/orders", into=dict, deadline_ns=deadline(60))
    assert len(wire.seen) == 1


async def test_cancelled_on_its_way_is_in_doubt_and_a_cancellation(client, wire):
    wire.answer = lambda seen: ...
    writing = asyncio.create_task(
        client.write("DELETE", "/orders/1", into=dict, deadline_ns=deadline())
    )
    await wire.arrived.wait()
    writing.cancel()
    with pytest.raises(OutcomeUnknown) as caught:
        await writing
    assert isinstance(caught.value, CancelledInDoubt)
    assert isinstance(caught.value, asyncio.CancelledError)
    assert writing.cancelled()
    assert len(wire.seen) == 1


async def test_cancelled_in_the_rate_limiters_queue_is_not_sent(pool, wire):
    clock = ManualClock()
    limiter = RateLimiter([RateLimit(scope="orders", calls=1, per_s=10)], clock)
    assert limiter.try_acquire("orders")
    client = HttpClient(
        pool, wire.url, clock=clock, masker=Masker(), sign=lambda r: r, limiter=limiter
    )
    writing = asyncio.create_task(
        client.write("POST", "/orders", into=dict, deadline_ns=60_000_000_000)
    )
    await clock.settle()
    assert limiter.waiting == 1
    writing.cancel()
    with pytest.raises(NotSent) as caught:
        await writing
    assert isinstance(caught.value, CancelledUnsent)
    assert limiter.waiting == 0
    assert wire.connections == 0


async def test_cancelled_while_connecting_is_not_sent(pool):
    # A listener whose queue is full: the handshake stays without an answer.
    with socket.socket() as full:
        full.bind(("127.0.0.1", 0))
        full.listen(0)
        address = full.getsockname()
        fillers = []
        for _ in range(4):
            filler = socket.socket()
            filler.setblocking(False)
            filler.connect_ex(address)
            fillers.append(filler)
        client = client_of(pool, f"http://127.0.0.1:{address[1]}")
        writing = asyncio.create_task(
            client.write("POST", "/orders", into=dict, deadline_ns=deadline())
        )
        await ManualClock().settle()
        writing.cancel()
        with pytest.raises(NotSent) as caught:
            await writing
        assert isinstance(caught.value, CancelledUnsent)
        for filler in fillers:
            filler.close()


def listed(reply: HttpReply) -> Rejected | None:
    if b"insufficient_funds" in reply.body:
        return Rejected(f"no money for {SENTINEL}", venue_code="insufficient_funds")
    return None


async def test_a_listed_code_is_a_rejection_in_the_venues_words(pool, wire, make_reply):
    wire.answer = lambda seen: make_reply(b'{"code":"insufficient_funds"}', 400)
    client = client_of(pool, wire.url, refusal=listed)
    with pytest.raises(Rejected, match="no money") as caught:
        await client.write("POST", "/orders", into=dict, deadline_ns=deadline())
    assert caught.value.venue_code == "insufficient_funds"
    assert SENTINEL not in repr(caught.value) + str(caught.value)


async def test_a_refusal_reader_that_fails_leaves_doubt(pool, wire, make_reply):
    def fails(reply: HttpReply) -> None:
        raise KeyError(SENTINEL)

    wire.answer = lambda seen: make_reply(b"{}", 400)
    client = client_of(pool, wire.url, refusal=fails)
    with pytest.raises(OutcomeUnknown) as caught:
        await client.write("POST", "/orders", into=dict, deadline_ns=deadline())
    assert SENTINEL not in str(caught.value)


@pytest.mark.parametrize("status", [401, 403])
async def test_refused_keys_are_auth_failed(client, wire, make_reply, status):
    wire.answer = lambda seen: make_reply(b"{}", status)
    with pytest.raises(AuthFailed):
        await client.write("POST", "/orders", into=dict, deadline_ns=deadline())


@pytest.mark.parametrize(
    ("headers", "expected_s"),
    [
        ("Retry-After: 2.5\r\n", 2.5),
        ("Retry-After: 0\r\n", 0.0),
        ("Retry-After: -3\r\n", 0.0),
        ("", 1.0),
        ("Retry-After: soon\r\n", 1.0),
        ("Retry-After: nan\r\n", 1.0),
        ("Retry-After: inf\r\n", 1.0),
        ("Retry-After: Wed, 21 Oct 2015 07:28:00 GMT\r\n", 0.0),
    ],
)
@pytest.mark.parametrize("status", [418, 429])
async def test_too_many_calls_carries_how_long(
    client, wire, make_reply, status, headers, expected_s
):
    wire.answer = lambda seen: make_reply(b"{}", status, headers)
    with pytest.raises(RateLimited) as caught:
        await client.write("POST", "/orders", into=dict, deadline_ns=deadline())
    assert caught.value.retry_after_s == expected_s


async def test_a_refusal_for_too_many_calls_holds_back_the_next_one(pool, wire, make_reply):
    limiter = RateLimiter([RateLimit(scope="all", calls=100, per_s=1)], CLOCK)
    wire.answer = lambda seen: make_reply(b"{}", 429, "Retry-After: 3600\r\n")
    client = client_of(pool, wire.url, limiter=limiter)
    with pytest.raises(RateLimited):
        await client.write("POST", "/orders", into=dict, deadline_ns=deadline())
    with pytest.raises(NotSent):
        await client.write("POST", "/orders", into=dict, deadline_ns=deadline(60))
    assert len(wire.seen) == 1


async def test_no_failure_of_a_write_tells_a_secret(pool, wire, make_reply):
    client = client_of(pool, wire.url + "/bot" + SENTINEL.replace("/", "%2F"))
    leak = f'{{"code":"{SENTINEL}"}}'.encode()
    for answer in (None, ..., make_reply(leak, 500), make_reply(leak, 400), b"HTTP/1.1 2"):
        wire.answer = lambda seen, answer=answer: answer
        with pytest.raises(OutcomeUnknown) as caught:
            await client.write("PUT", "/orders", into=dict, deadline_ns=deadline(SOON_S))
        assert "sentinel" not in chain_of(caught.value)
    assert "sentinel" in wire.raw.decode()


def chain_of(error: BaseException) -> str:
    texts = []
    step: BaseException | None = error
    while step is not None:
        texts.append(f"{step!r} {step} {vars(step)}")
        step = step.__cause__ or step.__context__
    return " ".join(texts)


async def test_a_write_inside_repeat_read_is_refused_before_it_is_sent(client, wire):
    with pytest.raises(RuntimeError, match="never repeated"):
        await repeat_read(
            lambda: client.write("POST", "/orders", into=dict, deadline_ns=deadline()),
            clock=CLOCK,
            backoff=Backoff(random.Random(1)),
            deadline_ns=deadline(),
        )
    assert wire.connections == 0
