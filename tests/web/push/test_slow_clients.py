"""A client that stops reading: what it misses is nowhere, and nobody else notices."""

import asyncio
import contextlib
import json
import socket

import pytest

from crossdock.web.push.parcel import Parcel

WIDE = 400_000  # bytes of a message: a few fill every buffer that the kernel has


@pytest.fixture
async def open_socket():
    """Connect by hand, with a small window, and read no further than the first answer."""
    writers = []

    async def make(site):
        reader, writer = await opened(site)
        writers.append(writer)
        return reader, writer

    yield make
    for writer in writers:
        writer.transport.abort()
        with contextlib.suppress(ConnectionError):
            await writer.wait_closed()


async def opened(site):
    plain = socket.socket()
    plain.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    plain.setblocking(False)
    host, port = site.url.removeprefix("http://").split(":")
    await asyncio.get_running_loop().sock_connect(plain, (host, int(port)))
    reader, writer = await asyncio.open_connection(sock=plain, limit=1024)
    writer.write(
        b"GET /socket.io/?EIO=4&transport=websocket HTTP/1.1\r\nHost: x\r\n"
        b"Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
        b"Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n"
    )
    await reader.readuntil(b"\r\n\r\n")
    say(writer, "40" + json.dumps({"token": site.key()}))
    say(writer, "42" + json.dumps(["subscribe", {"rooms": ["ladder:X"], "rate": 10}]))
    async with asyncio.timeout(20):
        while not any(client.lanes for client in site.push.clients.values()):
            await asyncio.sleep(0)
    return reader, writer


def say(writer, text):
    """Write one masked frame of text, whose mask changes nothing."""
    raw = text.encode()
    length = (
        bytes([0x80 | len(raw)])
        if len(raw) < 126
        else b"\xfe" + len(raw).to_bytes(2, "big")
    )
    writer.write(b"\x81" + length + bytes(4) + raw)


def queued(site, client):
    """Return what waits for a client in Engine.IO's own queue."""
    engine_sid = site.push.server.manager.eio_sid_from_sid(client.sid, "/")
    return [
        packet
        for packet in site.push.server.eio.sockets[engine_sid].queue._queue
        if isinstance(packet, Parcel)
    ]


async def test_a_client_that_does_not_read_grows_nothing(serve, listen, open_socket):
    site = await serve()
    await open_socket(site)
    (stuck,) = site.push.clients.values()
    quick = await listen(site)
    await quick.subscribe("ladder:X", rate=10)
    most_waiting, sent = 0, []
    for number in range(40):
        wide = {"symbol": "X", "number": number, "bids": "x" * WIDE}
        site.desk.say("ladder:X", wide, "snapshot")
        heard = await quick.until(number + 1)
        assert heard[-1][1]["data"]["number"] == number
        most_waiting = max(most_waiting, len(queued(site, stuck)))
        sent.append(stuck.sent_bytes)
    assert most_waiting <= 1
    assert stuck.waiting == 1
    assert sent[-1] == sent[25], "it was sent more although it read nothing"
    assert sent[-1] < 25 * WIDE


async def test_a_client_that_reads_again_is_told_the_newest_and_none_between(
    serve, listen, open_socket
):
    site = await serve()
    reader, _ = await open_socket(site)
    (stuck,) = site.push.clients.values()
    quick = await listen(site)
    await quick.subscribe("ladder:X", rate=10)
    for number in range(25):
        wide = {"symbol": "X", "number": number, "bids": "x" * WIDE}
        site.desk.say("ladder:X", wide, "snapshot")
        await quick.until(number + 1)
    seen = bytearray()
    async with asyncio.timeout(20):
        while b'"number":24' not in seen:
            seen += await reader.read(1 << 16)
    numbers = seen.count(b'"number":')
    assert numbers < 20
    assert stuck.sent_bytes < 20 * WIDE


async def test_one_who_leaves_while_being_told_harms_nobody(serve, listen, open_socket):
    site = await serve()
    _, writer = await open_socket(site)
    quick = await listen(site)
    await quick.subscribe("ladder:X", rate=10)
    for number in range(6):
        if number == 3:
            writer.transport.abort()
        site.desk.say("ladder:X", {"number": number, "bids": "x" * WIDE}, "snapshot")
        await quick.until(number + 1)
    async with asyncio.timeout(20):
        while len(site.push.clients) > 1:
            await asyncio.sleep(0)
