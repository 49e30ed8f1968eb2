"""A TCP proxy between an adapter and its peer, which counts messages and breaks them."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from types import TracebackType
from typing import Self

from crossdock.conformance.sniffing import Kind, Message, Sniffer, text_frame

_CHUNK = 65536


@dataclass(frozen=True, slots=True)
class Lost:
    """The message is dropped before the peer; nothing comes back on its connection."""


@dataclass(frozen=True, slots=True)
class Silent:
    """The message goes on; after `passed` bytes of reply nothing comes back any more."""

    passed: int = 0


@dataclass(frozen=True, slots=True)
class Closed:
    """The message goes on, and the connection closes without a byte of reply."""


@dataclass(frozen=True, slots=True)
class Cut:
    """The message goes on; half of the reply's bytes come back, then the connection closes."""


@dataclass(frozen=True, slots=True)
class Held:
    """The message goes on; what comes back waits for `Proxy.release`."""


@dataclass(frozen=True, slots=True)
class Forged:
    """The message goes on, and another reply comes back instead of the peer's.

    As an HTTP reply with `status`, or as a frame with the payload alone.
    """

    payload: bytes
    status: int = 200
    content_type: str = "application/json"
    headers: tuple[tuple[str, str], ...] = ()

    def reply_to(self, kind: Kind) -> bytes:
        if kind is Kind.WS:
            return text_frame(self.payload)
        if kind is Kind.RAW:
            return self.payload
        head = [f"HTTP/1.1 {self.status} Forged", f"Content-Type: {self.content_type}"]
        head += [f"{name}: {value}" for name, value in self.headers]
        head += [f"Content-Length: {len(self.payload)}", "", ""]
        return "\r\n".join(head).encode() + self.payload


Breakage = Lost | Silent | Closed | Cut | Held | Forged


@dataclass(slots=True)
class _Trap:
    """Breaks the next message that fits, or every one."""

    fits: Callable[[Message], bool]
    breakage: Breakage
    replies: tuple[str, ...] = ()  # texts that tell the reply among other frames
    is_lasting: bool = False


@dataclass(eq=False, slots=True)
class Connection:
    """One connection of the adapter. Bytes are those that really went on."""

    number: int
    bytes_up: int = 0
    bytes_down: int = 0
    said: list[tuple[bool, Message]] = field(default_factory=list)  # True: by the adapter
    up: Sniffer = field(default_factory=Sniffer, repr=False)
    down: Sniffer = field(default_factory=Sniffer, repr=False)
    sprung: deque[tuple[_Trap, Kind]] = field(default_factory=deque, repr=False)
    left: int | None = None  # bytes that may still come back; None: all
    held: list[bytes] | None = None
    writers: list[asyncio.StreamWriter] = field(default_factory=list, repr=False)

    @property
    def sent(self) -> list[Message]:
        return [message for by_adapter, message in self.said if by_adapter]

    @property
    def received(self) -> list[Message]:
        """The peer's messages, whether or not they were passed on."""
        return [message for by_adapter, message in self.said if not by_adapter]


class Proxy:
    """Listens on loopback for as long as its context is entered.

    Adapters reach their peer through `address` with whichever client they use. `writes`
    are what the request lines of writes name, where the method does not tell them.
    """

    def __init__(self, host: str, port: int, writes: tuple[str, ...] = ()) -> None:
        self._peer = (host, port)
        self._writes = writes
        self._server: asyncio.Server | None = None
        self._traps: list[_Trap] = []
        self._tasks: set[asyncio.Task[None]] = set()
        self._frozen = asyncio.Event()
        self._frozen.set()
        self._port = 0
        self._news = asyncio.Condition()
        self.connections: list[Connection] = []

    async def __aenter__(self) -> Self:
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        self._port = self._server.sockets[0].getsockname()[1]
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self.refuse()

    @property
    def address(self) -> tuple[str, int]:
        return "127.0.0.1", self._port

    @property
    def sent(self) -> list[Message]:
        """Every whole message of the adapter, over all connections."""
        return [message for it in self.connections for message in it.sent]

    def writes(self, *needles: str) -> list[Message]:
        """Return what the adapter sent that names one of these and is not a read."""
        return [it for it in self.sent if not it.is_read and it.names(*needles)]

    async def seen(self, fits: Callable[[Message], bool]) -> None:
        """Wait until the adapter has sent a message that fits."""
        async with self._news:
            await self._news.wait_for(lambda: any(fits(it) for it in self.sent))

    def break_next(
        self, fits: Callable[[Message], bool], breakage: Breakage, *replies: str
    ) -> None:
        """Break the next message of the adapter that fits.

        `replies` are texts that tell its reply from other frames on the connection; none
        are needed where replies come in order, as over HTTP.
        """
        self._traps.append(_Trap(fits, breakage, replies))

    def break_every(self, fits: Callable[[Message], bool], breakage: Breakage) -> None:
        """Break every message that fits, until `mend`."""
        self._traps.append(_Trap(fits, breakage, is_lasting=True))

    def mend(self) -> None:
        """Forget what was to be broken."""
        self._traps.clear()

    def release(self) -> None:
        """Let go what was held."""
        for connection in self.connections:
            held, connection.held = connection.held or [], None
            for data in held:
                self._pass_down(connection, data)

    def drop(self) -> None:
        """Abort every connection."""
        for connection in self.connections:
            for writer in connection.writers:
                writer.transport.abort()

    def freeze(self) -> None:
        """Read and write nothing any more, with every connection left open: half open."""
        self._frozen.clear()

    def thaw(self) -> None:
        self._frozen.set()

    async def refuse(self) -> None:
        """Stop listening and abort every connection."""
        if self._server is not None:
            self._server.close()
            self._server = None
        self.drop()
        for task in list(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _serve(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._tasks.add(task)
        connection = Connection(
            len(self.connections), writers=[writer], up=Sniffer(self._writes)
        )
        self.connections.append(connection)
        try:
            with suppress(OSError, asyncio.CancelledError):
                peer_reader, peer_writer = await asyncio.open_connection(*self._peer)
                connection.writers.append(peer_writer)
                await self._pump(connection, reader, peer_reader)
        finally:
            for each in connection.writers:
                each.close()  # not aborted: what was passed on must arrive
            self._tasks.discard(task)

    async def _pump(
        self,
        connection: Connection,
        reader: asyncio.StreamReader,
        peer_reader: asyncio.StreamReader,
    ) -> None:
        """Pump both ways until either end closes."""
        ways = [
            asyncio.ensure_future(self._up(connection, reader)),
            asyncio.ensure_future(self._down(connection, peer_reader)),
        ]
        try:
            await asyncio.wait(ways, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for way in ways:
                way.cancel()
            await asyncio.gather(*ways, return_exceptions=True)

    async def _up(self, connection: Connection, reader: asyncio.StreamReader) -> None:
        while data := await reader.read(_CHUNK):
            await self._frozen.wait()
            for message in connection.up.feed(data):
                connection.said.append((True, message))
                trap = self._trap_for(message)
                if trap is None or not isinstance(trap.breakage, Lost):
                    self._pass_up(connection, message.raw)
                if trap is not None:
                    _spring(connection, trap, message.kind)
            async with self._news:
                self._news.notify_all()

    def _trap_for(self, message: Message) -> _Trap | None:
        for trap in self._traps:
            if trap.fits(message):
                if not trap.is_lasting:
                    self._traps.remove(trap)
                return trap
        return None

    async def _down(self, connection: Connection, reader: asyncio.StreamReader) -> None:
        while data := await reader.read(_CHUNK):
            await self._frozen.wait()
            for message in connection.down.feed(data):
                connection.said.append((False, message))
                if message.is_upgrade:
                    connection.up.to_frames()
                    connection.down.to_frames()
                if not self._replied(connection, message):
                    return
        self._pass_down(connection, connection.down.rest())

    def _replied(self, connection: Connection, message: Message) -> bool:
        """Pass a message of the peer on, or what a trap makes of it; False: hang up."""
        if not connection.sprung:
            self._pass_down(connection, message.raw)
            return True
        trap, kind = connection.sprung[0]
        if message.kind is Kind.WS_CONTROL or (
            message.kind is Kind.WS and trap.replies and not message.names(*trap.replies)
        ):
            self._pass_down(connection, message.raw)
            return True
        match trap.breakage:
            case Closed():
                return False
            case Cut():
                self._pass_down(connection, message.raw[: len(message.raw) // 2])
                return False
            case Forged():
                connection.sprung.popleft()
                self._pass_down(connection, trap.breakage.reply_to(kind))
        return True

    def _pass_up(self, connection: Connection, data: bytes) -> None:
        connection.bytes_up += len(data)
        connection.writers[1].write(data)

    def _pass_down(self, connection: Connection, data: bytes) -> None:
        if connection.held is not None:
            connection.held.append(data)
            return
        if connection.left is not None:
            data = data[: connection.left]
            connection.left -= len(data)
        if data:
            connection.bytes_down += len(data)
            connection.writers[0].write(data)


def _spring(connection: Connection, trap: _Trap, kind: Kind) -> None:
    """Begin what a trap does, or leave it to the reply."""
    match trap.breakage:
        case Lost():
            connection.left = 0
        case Silent(passed):
            connection.left = passed
        case Held():
            connection.held = []
        case _:
            connection.sprung.append((trap, kind))


def naming(*needles: str) -> Callable[[Message], bool]:
    """Return a test for messages that are not reads and name one of these."""
    return lambda message: not message.is_read and message.names(*needles)


def reading(message: Message) -> bool:
    return message.is_read and not message.names("/stream", "/ws")
