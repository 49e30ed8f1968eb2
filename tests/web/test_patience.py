"""Requests that never come to their end, on a real port: none holds what it took for long."""

import asyncio
import contextlib
import socket

import uvicorn

from crossdock.web.body_limit import BodyLimit
from crossdock.web.patience import PatientProtocol

HEAD = b"POST / HTTP/1.1\r\nHost: here\r\nContent-Length: 5\r\n\r\n"


class Hasty(PatientProtocol):
    head_s = 0.05


class Patient(PatientProtocol):
    head_s = 3600.0


async def echo(scope, receive, send):
    """Answer with the body, once it is whole."""
    body, more = b"", True
    while more:
        message = await receive()
        body, more = body + message.get("body", b""), message.get("more_body", False)
    await send({"type": "http.response.start", "status": 200, "headers": []})
    await send({"type": "http.response.body", "body": body})


@contextlib.asynccontextmanager
async def served(application, protocol):
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        config = uvicorn.Config(application, log_config=None, http=protocol, lifespan="off")
        server = uvicorn.Server(config)
        running = asyncio.create_task(server.serve([listener]))
        while not server.started:
            await asyncio.sleep(0)
        reader, writer = await asyncio.open_connection(*listener.getsockname())
        try:
            yield reader, writer
        finally:
            writer.close()
            server.should_exit = True
            await running


async def test_who_says_nothing_or_never_ends_a_request_line_is_let_go():
    for said in (b"", b"GET / HT", HEAD[:-2]):
        async with served(echo, Hasty) as (reader, writer):
            writer.write(said)
            assert await reader.read() == b""


async def test_who_begins_another_request_and_never_ends_it_is_let_go_too():
    async with served(echo, Hasty) as (reader, writer):
        writer.write(HEAD + b"hello")
        assert (await reader.readuntil(b"hello")).startswith(b"HTTP/1.1 200")
        writer.write(b"GET ")
        assert await reader.read() in (b"", b"0\r\n\r\n", b"\r\n0\r\n\r\n")


async def test_who_awaits_an_answer_is_not_let_go():
    go_on = asyncio.Event()

    async def slow(scope, receive, send):
        await go_on.wait()
        await echo(scope, receive, send)

    async with served(slow, Hasty) as (reader, writer):
        writer.write(HEAD + b"hello")
        answer = asyncio.create_task(reader.readuntil(b"hello"))
        loop = asyncio.get_running_loop()
        passed = loop.create_future()
        loop.call_later(3 * Hasty.head_s, passed.set_result, None)
        await passed
        go_on.set()
        assert (await answer).startswith(b"HTTP/1.1 200")


async def test_a_body_that_drips_is_answered_and_let_go():
    limited = BodyLimit(echo, patience_s=0.05)
    async with served(limited, Patient) as (reader, writer):
        writer.write(HEAD + b"he")
        answer = await reader.read()
        assert answer.startswith(b"HTTP/1.1 408")
        assert b"too-slow" in answer


async def test_a_body_that_comes_in_parts_comes_whole():
    limited = BodyLimit(echo)
    async with served(limited, Patient) as (reader, writer):
        for each in (HEAD, b"he", b"l", b"lo"):
            writer.write(each)
            await writer.drain()
        assert (await reader.readuntil(b"hello")).startswith(b"HTTP/1.1 200")
