"""The proxy breaks what it was told to break, and nothing else."""

import asyncio
from contextlib import asynccontextmanager

import aiohttp
import pytest
import pytest_asyncio
from aiohttp import web

from crossdock.conformance.proxy import (
    Closed,
    Cut,
    Forged,
    Held,
    Lost,
    Proxy,
    Silent,
    naming,
    reading,
)

BROKEN = (aiohttp.ClientError, asyncio.TimeoutError)


class Peer:
    def __init__(self):
        self.seen = []

    async def take(self, request):
        self.seen.append(await request.text())
        return web.Response(text="taken: " + self.seen[-1])

    async def stream(self, request):
        socket = web.WebSocketResponse()
        await socket.prepare(request)
        async for message in socket:
            self.seen.append(message.data)
            await socket.send_str("beat")
            await socket.send_str(f"taken: {message.data}")
        return socket


@pytest_asyncio.fixture
async def peer():
    peer = Peer()
    app = web.Application()
    app.add_routes([web.post("/", peer.take), web.get("/", peer.take)])
    app.add_routes([web.get("/stream", peer.stream)])
    runner = web.AppRunner(app, shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    peer.port = runner.addresses[0][1]
    yield peer
    await runner.cleanup()


@asynccontextmanager
async def through(peer):
    async with Proxy("127.0.0.1", peer.port) as proxy, aiohttp.ClientSession() as session:
        host, port = proxy.address
        session.url = f"http://{host}:{port}"
        yield proxy, session


async def post(session, text, total=5.0):
    timeout = aiohttp.ClientTimeout(total=total)
    async with session.post(session.url, data=text, timeout=timeout) as reply:
        return reply.status, await reply.text()


async def test_what_is_not_to_be_broken_passes_and_is_counted(peer):
    async with through(peer) as (proxy, session):
        assert await post(session, "one") == (200, "taken: one")
        async with session.get(session.url) as reply:
            assert reply.status == 200
        assert len(proxy.sent) == 2
        assert [it.body for it in proxy.writes("one")] == [b"one"]
        [connection] = proxy.connections
        assert connection.bytes_up == sum(len(it.raw) for it in connection.sent)
        assert connection.bytes_down == sum(len(it.raw) for it in connection.received)


@pytest.mark.parametrize(
    ("breakage", "arrives"), [(Lost(), False), (Silent(), True), (Silent(20), True)]
)
async def test_a_lost_message_does_not_arrive_and_a_silent_one_does(
    peer, breakage, arrives
):
    async with through(peer) as (proxy, session):
        proxy.break_next(naming("one"), breakage)
        with pytest.raises(BROKEN):
            await post(session, "one", total=0.2)
        assert (peer.seen == ["one"]) is arrives
        passed = breakage.passed if arrives else 0
        assert proxy.connections[0].bytes_down == passed
        assert await post(session, "two") == (200, "taken: two")


async def test_half_of_a_reply_comes_back_before_the_connection_closes(peer):
    async with through(peer) as (proxy, session):
        proxy.break_next(naming("one"), Cut())
        with pytest.raises(BROKEN):
            await post(session, "one")
        [connection] = proxy.connections
        [reply] = connection.received
        assert connection.bytes_down == len(reply.raw) // 2
        assert peer.seen == ["one"]


async def test_a_closed_connection_gives_no_byte_though_the_message_arrived(peer):
    async with through(peer) as (proxy, session):
        proxy.break_next(naming("one"), Closed())
        with pytest.raises(BROKEN):
            await post(session, "one")
        assert (peer.seen, proxy.connections[0].bytes_down) == (["one"], 0)


async def test_a_forged_reply_stands_in_for_the_peers(peer):
    async with through(peer) as (proxy, session):
        proxy.break_next(naming("one"), Forged(b"no", 418))
        assert await post(session, "one") == (418, "no")
        assert await post(session, "one") == (200, "taken: one")


async def test_every_read_is_broken_until_mended(peer):
    async with through(peer) as (proxy, session):
        proxy.break_every(reading, Forged(b"no", 500))
        for _ in range(2):
            async with session.get(session.url) as reply:
                assert reply.status == 500
        proxy.mend()
        async with session.get(session.url) as reply:
            assert reply.status == 200


async def test_a_held_reply_comes_when_it_is_released(peer):
    async with through(peer) as (proxy, session):
        proxy.break_next(naming("one"), Held())
        asking = asyncio.create_task(post(session, "one"))
        await proxy.seen(lambda it: it.names("one"))
        assert not asking.done()
        proxy.release()
        assert await asking == (200, "taken: one")


async def test_of_frames_only_the_reply_is_forged(peer):
    async with (
        through(peer) as (proxy, session),
        session.ws_connect(f"{session.url}/stream") as socket,
    ):
        proxy.break_next(naming("one"), Forged(b"no"), "one")
        await socket.send_str("one")
        assert await socket.receive_str() == "beat"
        assert await socket.receive_str() == "no"
        await socket.send_str("two")
        assert await socket.receive_str() == "beat"
        assert await socket.receive_str() == "taken: two"


async def test_a_refusing_proxy_takes_no_connection_and_keeps_none(peer):
    async with through(peer) as (proxy, session):
        await post(session, "one")
        await proxy.refuse()
        with pytest.raises(aiohttp.ClientConnectorError):
            await post(session, "two")
        assert peer.seen == ["one"]


async def test_a_frozen_proxy_reads_and_writes_nothing_and_closes_nothing(peer):
    async with through(peer) as (proxy, session):
        await post(session, "one")
        proxy.freeze()
        with pytest.raises(asyncio.TimeoutError):
            await post(session, "two", total=0.2)
        assert peer.seen == ["one"]
        proxy.thaw()
        assert await post(session, "three") == (200, "taken: three")
