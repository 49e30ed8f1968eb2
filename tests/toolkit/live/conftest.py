"""A venue on loopback that does what a script says, and a sink that keeps its books."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

import pytest
from aiohttp import WSMsgType, web

from crossdock.book import OrderBook
from crossdock.model import (
    AccountId,
    Asset,
    ContractKind,
    Instrument,
    InstrumentId,
    TickBand,
    instrument_id,
)
from crossdock.ports import Manifest
from crossdock.toolkit import (
    AdapterContext,
    CountedIds,
    HealthRegistry,
    HttpPool,
    ManualClock,
    Masker,
    RateBudgets,
)

_HANGING_S = 20.0  # no test waits that long unless what it waits for never comes


class Session:
    """One WebSocket connection, as the venue sees it."""

    def __init__(self, socket: web.WebSocketResponse, path: str) -> None:
        self.socket = socket
        self.path = path
        self.frames: asyncio.Queue[Any] = asyncio.Queue()

    async def heard(self, *words: str) -> Any:
        """Return the next frame that has all these words in it, passing others by."""
        while True:
            frame = await self.frames.get()
            if all(word in json.dumps(frame) for word in words):
                return frame

    async def send(self, *messages: bytes | dict[str, Any]) -> None:
        for message in messages:
            data = message if isinstance(message, bytes) else json.dumps(message).encode()
            await self.socket.send_str(data.decode())

    async def close(self) -> None:
        await self.socket.close(code=1001)


@dataclass
class ScriptedVenue:
    """Runs `script` on each connection and answers GETs by `rest`."""

    script: Callable[[Session], Awaitable[None]]
    rest: Callable[[web.Request], web.Response | bytes] = lambda _: b"{}"
    sessions: list[Session] = field(default_factory=list)
    asked: list[str] = field(default_factory=list)
    requests: asyncio.Queue[str] = field(default_factory=asyncio.Queue)
    on_failure: Callable[[Exception], None] = lambda _: None
    port: int = 0

    @property
    def stream(self) -> str:
        return f"ws://127.0.0.1:{self.port}"

    @property
    def http(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    async def handle(self, request: web.Request) -> web.StreamResponse:
        if request.headers.get("Upgrade", "").lower() != "websocket":
            self.asked.append(request.path_qs)
            self.requests.put_nowait(request.path_qs)
            answer = self.rest(request)
            return web.Response(body=answer) if isinstance(answer, bytes) else answer
        socket = web.WebSocketResponse()
        await socket.prepare(request)
        session = Session(socket, request.path)
        self.sessions.append(session)
        playing = asyncio.create_task(self._play(session))
        try:
            async for frame in socket:
                if frame.type is WSMsgType.TEXT:
                    text = frame.data
                    session.frames.put_nowait(text if text == "ping" else json.loads(text))
        finally:
            playing.cancel()
            await asyncio.gather(playing, return_exceptions=True)
        return socket

    async def _play(self, session: Session) -> None:
        try:
            await self.script(session)
        except Exception as error:
            self.on_failure(error)
            raise


class BookSink:
    """Applies what comes as a desk does, and shows each book to `check` while it is ready."""

    def __init__(self) -> None:
        self.books: dict[InstrumentId, OrderBook] = {}
        self.gaps: list[tuple[InstrumentId, str]] = []
        self.seen_trades: list[Any] = []
        self.seen_quotes: list[Any] = []
        self.check: Callable[[OrderBook], None] = lambda _: None
        self.served = 0
        self.failure: BaseException | None = None
        self._waiting: list[tuple[Callable[[], bool], asyncio.Event]] = []

    def book(self, change: Any) -> None:
        book = self.books.setdefault(change.instrument, OrderBook(change.instrument))
        assert book.apply(change), book.gap_reason
        if book.ready:
            self.served += 1
            self.check(book)
        self._wake()

    def market_gap(self, instruments: Any, reason: str) -> None:
        for instrument in instruments:
            self.gaps.append((instrument, reason))
            if instrument in self.books:
                self.books[instrument].mark_gap(reason)
        self._wake()

    def trades(self, batch: Any) -> None:
        self.seen_trades += batch
        self._wake()

    def quotes(self, batch: Any) -> None:
        self.seen_quotes += batch
        self._wake()

    def bars(self, batch: Any) -> None:
        raise AssertionError("nobody streams bars here")

    async def until(self, reached: Callable[[], bool]) -> None:
        """Wait until something holds, looked at after each event; raise a script's failure."""
        event = asyncio.Event()
        self._waiting.append((reached, event))
        self._wake()
        async with asyncio.timeout(_HANGING_S):
            await event.wait()
        if self.failure is not None:
            raise self.failure

    def fail(self, failure: BaseException) -> None:
        self.failure = failure
        self._wake()

    def _wake(self) -> None:
        for reached, event in self._waiting:
            if self.failure is not None or reached():
                event.set()


class NoState:
    def load(self, key: str) -> bytes | None:
        return None

    def save(self, key: str, value: bytes) -> None:
        raise AssertionError(key)


@pytest.fixture
def sink() -> BookSink:
    return BookSink()


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock()


@pytest.fixture
async def context(clock: ManualClock) -> AsyncIterator[AdapterContext]:
    async with HttpPool() as pool:
        yield AdapterContext(
            account=AccountId("main"),
            venue="venue",
            manifest=Manifest(
                id="venue",
                kind="venue",
                name="Venue",
                docs_url="",
                factory="nowhere:Nothing",
            ),
            settings={},
            clock=clock,
            ids=CountedIds(),
            http=pool,
            budgets=RateBudgets(clock),
            health=HealthRegistry(clock),
            state=NoState(),
            masker=Masker(),
        )


@pytest.fixture
def serve(sink: BookSink) -> Callable[..., Any]:
    @asynccontextmanager
    async def serving(script: Any, rest: Any = None) -> AsyncIterator[ScriptedVenue]:
        venue = ScriptedVenue(script, on_failure=sink.fail)
        if rest is not None:
            venue.rest = rest
        application = web.Application()
        application.router.add_route("*", "/{path:.*}", venue.handle)
        runner = web.AppRunner(application, shutdown_timeout=0.1)
        await runner.setup()
        site = web.TCPSite(runner, "127.0.0.1", 0)
        await site.start()
        venue.port = runner.addresses[0][1]
        try:
            yield venue
        finally:
            for session in venue.sessions:
                await session.socket.close()
            await runner.cleanup()

    return serving


@pytest.fixture
def watching() -> Callable[..., Any]:
    """Watch a market for the length of a block; `task` ends when the stream does."""

    @asynccontextmanager
    async def watched(market: Any, instruments: Any, sink: Any) -> AsyncIterator[Any]:
        def note(ended: asyncio.Task[None]) -> None:
            if not ended.cancelled() and (error := ended.exception()) is not None:
                sink.fail(error.__cause__ or error)

        task = asyncio.create_task(market.watch_market(instruments, sink))
        task.add_done_callback(note)
        try:
            yield task
        finally:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)

    return watched


@pytest.fixture
def market_of() -> Callable[..., Instrument]:
    def make(symbol: str, key: str, kind: ContractKind = ContractKind.SPOT) -> Instrument:
        pair, _, settle = symbol.partition(":")
        base, _, quote = pair.partition("/")
        return Instrument(
            id=instrument_id(symbol, "venue"),
            venue_key=key,
            kind=kind,
            base=Asset(base),
            quote=Asset(quote),
            settle=Asset(settle or quote),
            tick_table=(TickBand(floor=Decimal(0), tick=Decimal("0.01")),),
            quantity_step=Decimal("0.0001"),
        )

    return make
