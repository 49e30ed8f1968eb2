"""Pushed messages, and writes over a stream."""

from __future__ import annotations

import asyncio
import base64
import hashlib
import socket
from collections.abc import AsyncIterator

import msgspec
import pytest
from aiohttp import WSMsgType, web

from crossdock.errors import AuthFailed, BadPayload, NotSent, OutcomeUnknown, Unreachable
from crossdock.toolkit import (
    CancelledInDoubt,
    HealthRegistry,
    HealthState,
    HttpPool,
    LiveClock,
    Masker,
    Secret,
    WebSocketClient,
)

CLOCK = LiveClock()
SOON_S = 0.15  # how long a test lets a server be silent


def deadline(seconds: float = 5.0) -> int:
    return CLOCK.monotonic_ns() + round(seconds * 1e9)


class Venue:
    """A WebSocket server that keeps what it got, and answers by script."""

    def __init__(self) -> None:
        self.got: list[dict] = []
        self.sockets: list[web.WebSocketResponse] = []
        self.refuse_with = 0
        self.url = ""
        self.arrived = asyncio.Event()

    async def answer(self, socket: web.WebSocketResponse, frame: dict) -> None:
        if frame.get("op") == "echo":
            await socket.send_json({"id": frame["id"], "ok": True})

    async def serve(self, request: web.Request) -> web.StreamResponse:
        if self.refuse_with:
            return web.Response(status=self.refuse_with)
        socket = web.WebSocketResponse()
        await socket.prepare(request)
        self.sockets.append(socket)
        async for message in socket:
            if message.type is WSMsgType.TEXT:
                self.got.append(msgspec.json.decode(message.data))
                self.arrived.set()
                await self.answer(socket, self.got[-1])
        return socket


@pytest.fixture
async def venue() -> AsyncIterator[Venue]:
    venue = Venue()
    app = web.Application()
    app.router.add_get("/stream", venue.serve)
    runner = web.AppRunner(app, shutdown_timeout=0.01)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    venue.url = f"ws://127.0.0.1:{runner.addresses[0][1]}/stream"
    yield venue
    await runner.cleanup()


class Peer:
    """A server that shakes hands, and from then on leaves its connection to the test."""

    def __init__(self) -> None:
        self.url = ""
        self.writers: list[asyncio.StreamWriter] = []
        self.connected: asyncio.Queue[asyncio.StreamWriter] = asyncio.Queue()

    async def serve(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        head = (await reader.readuntil(b"\r\n\r\n")).decode()
        fields = dict(line.split(": ", 1) for line in head.split("\r\n")[1:] if line)
        key = fields["Sec-WebSocket-Key"] + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"
        accept = base64.b64encode(hashlib.sha1(key.encode()).digest()).decode()
        writer.write(
            "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n"
            f"Connection: Upgrade\r\nSec-WebSocket-Accept: {accept}\r\n\r\n".encode()
        )
        writer.transport.pause_reading()
        self.writers.append(writer)
        self.connected.put_nowait(writer)


@pytest.fixture
async def peer() -> AsyncIterator[Peer]:
    peer = Peer()
    server = await asyncio.start_server(peer.serve, "127.0.0.1", 0)
    peer.url = f"ws://127.0.0.1:{server.sockets[0].getsockname()[1]}/stream"
    yield peer
    server.close()
    for writer in peer.writers:
        writer.transport.abort()
    await server.wait_closed()
    await asyncio.sleep(0)


class Messages:
    def __init__(self) -> None:
        self.taken: asyncio.Queue[dict] = asyncio.Queue()

    def __call__(self, message: dict, received_ns: int) -> None:
        assert received_ns > 0
        self.taken.put_nowait(message)


@pytest.fixture
def messages() -> Messages:
    return Messages()


def open_stream(pool: HttpPool, url: str, messages: Messages, **more) -> WebSocketClient:
    return WebSocketClient(
        pool,
        url,
        clock=CLOCK,
        masker=Masker([Secret("sk-sentinel")]),
        decode=msgspec.json.decode,
        on_message=messages,
        reply_to=lambda message: message.get("id"),
        **more,
    )


def frame(**fields) -> bytes:
    return msgspec.json.encode(fields)


async def test_messages_arrive_in_order(pool, venue, messages):
    async with open_stream(pool, venue.url, messages) as stream:
        await stream.call(frame(op="echo", id=1), 1, deadline_ns=deadline())
        for number in range(50):
            await venue.sockets[0].send_json({"number": number})
        taken = [await messages.taken.get() for _ in range(50)]
    assert [message["number"] for message in taken] == list(range(50))


async def test_each_reply_finds_its_call(pool, venue, messages):
    held: list[dict] = []

    async def answer(socket: web.WebSocketResponse, got: dict) -> None:
        held.append(got)
        if len(held) == 3:
            for one in reversed(held):
                await socket.send_json({"id": one["id"], "echo": one["n"]})

    venue.answer = answer
    async with open_stream(pool, venue.url, messages) as stream:
        replies = await asyncio.gather(
            *(
                stream.write(frame(id=n, n=n * 10), n, deadline_ns=deadline())
                for n in range(3)
            )
        )
    assert [reply["echo"] for reply in replies] == [0, 10, 20]


async def test_a_write_without_a_reply_is_in_doubt_and_sent_once(pool, venue, messages):
    async with open_stream(pool, venue.url, messages) as stream:
        with pytest.raises(OutcomeUnknown, match="no reply in time"):
            await stream.write(frame(id=1), 1, deadline_ns=deadline(SOON_S))
        assert venue.got == [{"id": 1}]


async def test_a_late_reply_goes_on_as_a_message(pool, venue, messages):
    async with open_stream(pool, venue.url, messages) as stream:
        with pytest.raises(OutcomeUnknown):
            await stream.write(frame(id=1), 1, deadline_ns=deadline(SOON_S))
        await venue.sockets[0].send_json({"id": 1, "late": True})
        assert await messages.taken.get() == {"id": 1, "late": True}


async def test_a_write_cut_off_by_the_end_of_the_connection_is_in_doubt(
    pool, venue, messages
):
    async def answer(socket: web.WebSocketResponse, got: dict) -> None:
        await socket.close(code=1012)

    venue.answer = answer
    async with open_stream(pool, venue.url, messages) as stream:
        with pytest.raises(OutcomeUnknown, match="1012"):
            await stream.write(frame(id=1), 1, deadline_ns=deadline())
        with pytest.raises(NotSent):
            await stream.write(frame(id=2), 2, deadline_ns=deadline())
        with pytest.raises(Unreachable, match="1012"):
            await stream.ended()
    assert venue.got == [{"id": 1}]


async def test_a_write_after_its_deadline_is_not_sent(pool, venue, messages):
    async with open_stream(pool, venue.url, messages) as stream:
        with pytest.raises(NotSent, match="deadline"):
            await stream.write(frame(id=1), 1, deadline_ns=deadline(-1))
        await stream.call(frame(op="echo", id=2), 2, deadline_ns=deadline())
    assert [got["id"] for got in venue.got] == [2]


async def test_a_write_before_connecting_and_after_closing_is_not_sent(
    pool, venue, messages
):
    stream = open_stream(pool, venue.url, messages)
    with pytest.raises(NotSent):
        await stream.write(frame(id=1), 1, deadline_ns=deadline())
    async with stream:
        assert stream.open
    assert not stream.open
    with pytest.raises(NotSent, match="closed by us"):
        stream.send(frame(id=2))
    assert venue.got == []


async def test_a_cancelled_write_is_in_doubt_and_a_cancellation(pool, venue, messages):
    async with open_stream(pool, venue.url, messages) as stream:
        writing = asyncio.create_task(stream.write(frame(id=1), 1, deadline_ns=deadline()))
        await venue.arrived.wait()
        writing.cancel()
        with pytest.raises(OutcomeUnknown) as caught:
            await writing
    assert isinstance(caught.value, CancelledInDoubt)
    assert writing.cancelled()


async def test_leaving_the_context_leaves_open_writes_in_doubt(pool, venue, messages):
    async with open_stream(pool, venue.url, messages) as stream:
        writing = asyncio.create_task(stream.write(frame(id=1), 1, deadline_ns=deadline()))
        await venue.arrived.wait()
    with pytest.raises(OutcomeUnknown, match="closed by us"):
        await writing


async def test_sending_needs_no_turn_of_the_loop(pool, peer, messages):
    async with open_stream(pool, peer.url, messages) as stream:
        writer = await peer.connected.get()
        with writer.get_extra_info("socket").dup() as received:
            stream.send(b'{"id":1}')
            # Nothing was awaited: the frame is in the kernel because `send` put it there.
            data = received.recv(100)
        writer.transport.abort()
        assert data[:2] == bytes([0x81, 0x80 | 8])
        assert bytes(a ^ b for a, b in zip(data[6:], data[2:6] * 2, strict=True)) == (
            b'{"id":1}'
        )


async def test_a_peer_that_takes_no_more_bytes_gets_no_more_writes(pool, peer, messages):
    async with open_stream(pool, peer.url, messages) as stream:
        writer = await peer.connected.get()
        with pytest.raises(NotSent, match="takes no more bytes"):
            for _ in range(1000):
                stream.send(b"x" * 100_000)
        with pytest.raises(Unreachable, match="takes no more bytes"):
            await stream.call(b"{}", 1, deadline_ns=deadline())
        writer.transport.abort()
        with pytest.raises(Unreachable):
            await stream.ended()


async def test_a_question_without_an_answer_is_unreachable(pool, venue, messages):
    async with open_stream(pool, venue.url, messages) as stream:
        with pytest.raises(Unreachable):
            await stream.call(frame(op="mute", id=1), 1, deadline_ns=deadline(SOON_S))


async def test_two_calls_cannot_share_an_id(pool, venue, messages):
    async with open_stream(pool, venue.url, messages) as stream:
        first = asyncio.create_task(stream.call(frame(id=1), 1, deadline_ns=deadline()))
        await venue.arrived.wait()
        with pytest.raises(ValueError, match="waits already"):
            await stream.call(frame(id=1), 1, deadline_ns=deadline())
        first.cancel()
    assert len(venue.got) == 1


async def test_a_message_that_does_not_parse_ends_the_stream(pool, venue, messages):
    async with open_stream(pool, venue.url, messages) as stream:
        await stream.call(frame(op="echo", id=1), 1, deadline_ns=deadline())
        await venue.sockets[0].send_str('{"secret": sk-sentinel')
        with pytest.raises(BadPayload) as caught:
            await stream.ended()
    assert "sentinel" not in f"{caught.value!r} {caught.value}"


async def test_an_adapters_own_error_ends_the_stream_as_it_is(pool, venue):
    def expired(message: dict, received_ns: int) -> None:
        raise AuthFailed("the session expired")

    async with open_stream(pool, venue.url, expired) as stream:
        stream.send(frame(op="echo", id=1))
        with pytest.raises(AuthFailed, match="expired"):
            await stream.ended()
        with pytest.raises(NotSent):
            stream.send(frame(id=2))


@pytest.mark.parametrize(
    ("status", "expected"),
    [(401, AuthFailed), (403, AuthFailed), (404, Unreachable), (503, Unreachable)],
)
async def test_a_refused_handshake_has_its_error(pool, venue, messages, status, expected):
    venue.refuse_with = status
    with pytest.raises(expected, match=str(status)) as caught:
        async with open_stream(pool, f"{venue.url}?key=sk-sentinel", messages):
            pass
    error = caught.value
    assert "sentinel" not in f"{error!r} {error} {error.__context__!r}"


async def test_a_refused_connection_is_unreachable(pool, messages):
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        url = f"ws://127.0.0.1:{free.getsockname()[1]}/stream"
        with pytest.raises(Unreachable):
            async with open_stream(pool, url, messages):
                pass


async def test_health_follows_the_connection(pool, venue, messages):
    health = HealthRegistry(CLOCK).stream("alpha market")
    async with open_stream(pool, venue.url, messages, health=health) as stream:
        assert health.verdict().state is HealthState.OK
        await stream.call(frame(op="echo", id=1), 1, deadline_ns=deadline())
        assert health.message_age_s is not None
    assert health.verdict().state is HealthState.DOWN
    assert health.verdict().words == "closed by us"


async def test_a_message_over_the_limit_ends_the_stream(pool, venue, messages):
    stream = open_stream(pool, venue.url, messages, largest_message_bytes=1000)
    async with stream:
        await stream.call(frame(op="echo", id=1), 1, deadline_ns=deadline())
        await venue.sockets[0].send_str('"' + "x" * 2000 + '"')
        with pytest.raises(Unreachable):
            await stream.ended()
