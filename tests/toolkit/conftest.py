from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from typing import Any

import pytest

from crossdock.toolkit import HttpPool


def reply(body: bytes = b"{}", status: int = 200, headers: str = "") -> bytes:
    head = f"HTTP/1.1 {status} Words\r\nContent-Length: {len(body)}\r\n{headers}\r\n"
    return head.encode() + body


@dataclass
class Seen:
    method: str
    target: str
    headers: dict[str, str]
    body: bytes
    connection: int


@dataclass
class Wire:
    """A TCP server that counts every request that reaches it, and answers by script.

    `answer` returns the bytes to write, and whether the connection then closes. None
    closes without a byte, `...` keeps silent.
    """

    seen: list[Seen] = field(default_factory=list)
    connections: int = 0
    raw: bytearray = field(default_factory=bytearray)
    answer: Callable[[Seen], Any] = lambda seen: reply()
    closes_after: Callable[[Seen], bool] = lambda seen: False
    arrived: asyncio.Event = field(default_factory=asyncio.Event)
    port: int = 0
    _writers: list[asyncio.StreamWriter] = field(default_factory=list)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    async def serve(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        self.connections += 1
        connection = self.connections
        self._writers.append(writer)
        try:
            while True:
                head = await reader.readuntil(b"\r\n\r\n")
                lines = head.decode("latin-1").split("\r\n")
                method, target, _ = lines[0].split(" ")
                headers = dict(
                    (name.lower(), value.strip())
                    for name, _, value in (
                        line.partition(":") for line in lines[1:] if line
                    )
                )
                body = await reader.readexactly(int(headers.get("content-length", "0")))
                self.raw += head + body
                seen = Seen(method, target, headers, body, connection)
                self.seen.append(seen)
                self.arrived.set()
                answer = self.answer(seen)
                if answer is None:
                    return
                if answer is ...:
                    continue
                writer.write(answer)
                await writer.drain()
                if self.closes_after(seen):
                    return
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        finally:
            writer.close()


@pytest.fixture
async def wire() -> AsyncIterator[Wire]:
    wire = Wire()
    server = await asyncio.start_server(wire.serve, "127.0.0.1", 0)
    wire.port = server.sockets[0].getsockname()[1]
    yield wire
    server.close()
    for writer in wire._writers:
        writer.transport.abort()
    await server.wait_closed()
    await asyncio.sleep(0)


@pytest.fixture
async def pool() -> AsyncIterator[HttpPool]:
    async with HttpPool() as pool:
        yield pool


@pytest.fixture
def make_reply() -> Callable[..., bytes]:
    return reply
