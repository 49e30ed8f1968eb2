"""One connection's life: subscribed, read, kept alive, watched."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Coroutine, Sequence
from typing import Any, NoReturn
from urllib.parse import urlsplit

from crossdock.errors import AdapterError, RateLimited, Rejected, Unreachable
from crossdock.model import BookChange, Quote, Trade
from crossdock.ports import MarketEvent, MarketGap, MarketSink
from crossdock.toolkit.context import AdapterContext
from crossdock.toolkit.exchange import HttpReply
from crossdock.toolkit.health import HealthState, StreamHealth
from crossdock.toolkit.http import HttpClient
from crossdock.toolkit.live.awaited import Awaited
from crossdock.toolkit.live.dialect import Kind, Line, Word
from crossdock.toolkit.live.outbox import Outbox
from crossdock.toolkit.websocket import WebSocketClient

_LOOK_S = 1.0
_FIRST_CHANGE_S = 3.0  # after which a book is asked for though nothing changed in it
_SCOPE = "reads"


class Connection:
    """Drives one line. `run` ends by raising why; the caller connects anew."""

    def __init__(
        self,
        line: Line,
        context: AdapterContext,
        sink: MarketSink,
        health: StreamHealth,
    ) -> None:
        self._line = line
        self._context = context
        self._clock = context.clock
        self._sink = sink
        self._health = health
        self._decode = line.decoder.decode
        self._keys = {market.id: key for key, market in line.markets.items()}
        self._awaited = Awaited(self._clock)
        self._asked: asyncio.Queue[str] = asyncio.Queue()
        self._unasked: set[str] = set()  # until their first change has come
        self._client: WebSocketClient[bytes] = WebSocketClient(
            context.http,
            line.url,
            clock=self._clock,
            masker=context.masker,
            decode=bytes,
            on_message=self._take,
            health=health,
            largest_message_bytes=line.largest_message_bytes,
            ping_s=line.ping_s,
        )
        self._outbox = Outbox(self._client.send, self._clock, line.frames_per_s)

    async def run(self) -> NoReturn:
        line = self._line
        async with self._client:
            if line.lifetime_s is not None:
                ends_ns = self._clock.time_ns() + round(line.lifetime_s * 1e9)
                self._health.token_expires(ends_ns)
            self._expect_books()
            self._outbox.put(line.subscriptions())
            duties: list[Coroutine[Any, Any, None]] = [
                self._client.ended(),
                self._outbox.run(),
                self._watch(),
            ]
            if line.keep_alive_s is not None:
                duties.append(self._keep_alive(line.keep_alive_s))
            if line.has_books and line.rest_origin:
                duties.append(self._fetch_snapshots())
            await first_end(duties)
        raise Unreachable(f"{line.name}: the connection ended")

    def _take(self, raw: bytes, received_ns: int) -> None:
        events = self._decode(raw, received_ns)
        if not events:
            self._take_wordless(raw)
            return
        event = events[0]
        if type(event) is BookChange and len(events) == 1:
            self._sink.book(event)
            self._health.data(event.venue_time_ns)
            if event.snapshot:
                self._awaited.begun(self._keys[event.instrument])
            return
        self._pass_on(events)

    def _pass_on(self, events: Sequence[MarketEvent]) -> None:
        trades: list[Trade] = []
        quotes: list[Quote] = []
        lost: list[MarketGap] = []
        for event in events:
            if type(event) is BookChange:
                self._sink.book(event)
                if event.snapshot:
                    self._awaited.begun(self._keys[event.instrument])
            elif type(event) is Trade:
                trades.append(event)
            elif type(event) is Quote:
                quotes.append(event)
            elif type(event) is MarketGap:
                self._sink.market_gap((event.instrument,), event.reason)
                lost.append(event)
        if trades:
            self._sink.trades(trades)
        if quotes:
            self._sink.quotes(quotes)
        if lost:
            self._begin_anew(lost)
        self._health.data(_venue_time_ns(events[-1]))

    def _take_wordless(self, raw: bytes) -> None:
        """Take what made no events: a change that waits for its snapshot, or a word."""
        if self._unasked:
            for key in self._line.decoder.awaited_snapshots:
                if key in self._unasked:
                    self._ask((key,))
        word = self._line.word(raw)
        if word is None:
            return
        if word.kind is Kind.ALIVE:
            self._health.heartbeat()
        elif word.kind is Kind.LEAVING:
            raise Unreachable(f"{self._line.name}: {word.text}")
        else:
            self._refused(word)

    def _refused(self, word: Word) -> None:
        for key, market in self._line.markets.items():
            if re.search(rf"(?<![\w-]){re.escape(key)}(?![\w-])", word.text, re.IGNORECASE):
                self._health.gap(word.text)
                self._awaited.forget(key)
                self._sink.market_gap((market.id,), f"not subscribed: {word.text}")
                return
        raise Rejected(
            f"{self._line.name}: not subscribed: {word.text}", venue_code=word.code
        )

    def _begin_anew(self, lost: Sequence[MarketGap]) -> None:
        for gap in lost:
            self._health.gap(gap.reason)
            if (key := self._keys.get(gap.instrument)) is not None:
                self._awaited.lost(key)
        self._ask(self._awaited.due())

    def _expect_books(self) -> None:
        line = self._line
        if not line.has_books:
            return
        if line.rest_origin:
            self._unasked = set(line.markets)
            self._awaited.expect(line.markets, _FIRST_CHANGE_S)
        else:
            self._awaited.expect(line.markets)

    def _ask(self, keys: Sequence[str]) -> None:
        if not keys:
            return
        if not self._line.rest_origin:
            self._outbox.put(self._line.books_anew(keys))
            return
        self._awaited.expect(keys)
        self._unasked.difference_update(keys)
        for key in keys:
            self._asked.put_nowait(key)

    async def _watch(self) -> None:
        while True:
            await self._clock.sleep(_LOOK_S)
            verdict = self._health.verdict()
            if verdict.state is HealthState.MUTE:
                raise Unreachable(f"{self._line.name}: {verdict.words}")
            self._ask(self._awaited.due())

    async def _keep_alive(self, every_s: float) -> None:
        while True:
            await self._clock.sleep(every_s)
            self._outbox.put([self._line.keep_alive()])

    async def _fetch_snapshots(self) -> None:
        context, origin = self._context, self._line.rest_origin
        http = HttpClient(
            context.http,
            origin,
            clock=self._clock,
            masker=context.masker,
            limiter=context.limiter(urlsplit(origin).netloc),
        )
        while True:
            key = await self._asked.get()
            if not self._awaited.has(key):
                continue
            wait_s = 0.0
            try:
                await self._fetch_snapshot(http, key)
            except RateLimited as error:
                wait_s = error.retry_after_s
                self._health.gap(error.message)
            except AdapterError as error:
                self._health.gap(error.message)
            if self._awaited.has(key):  # no reply, or one older than what came meanwhile
                self._awaited.failed(key, wait_s)

    async def _fetch_snapshot(self, http: HttpClient, key: str) -> None:
        request = self._line.snapshot(key)
        reply = await http.read(
            "GET",
            request.path,
            into=HttpReply,
            query=request.query,
            scope=_SCOPE,
            weight=self._weight(request.weight),
        )
        url = f"{request.path}?{request.query}"
        received_ns = self._clock.time_ns()
        if events := self._line.decoder.rest(url, reply.body, received_ns):
            self._pass_on(events)

    def _weight(self, weight: int) -> int:
        """Return what a call weighs where a manifest counts calls and not weights: 1."""
        limits = self._context.manifest.rate_limits
        rooms = [
            limit.calls - limit.reserve
            for limit in limits
            if limit.scope in (_SCOPE, "all")
        ]
        return weight if all(weight <= room for room in rooms) else 1


async def first_end(duties: Sequence[Coroutine[Any, Any, None]]) -> None:
    """Do all of them until one ends, cancel the others, and raise what it raised."""
    tasks = [asyncio.ensure_future(duty) for duty in duties]
    try:
        done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
    for task in done:
        task.result()


def _venue_time_ns(event: MarketEvent) -> int | None:
    """Return the venue's own time, None where the time of receipt stands for it."""
    if isinstance(event, Quote | Trade | BookChange):
        time_ns = event.venue_time_ns
        return None if time_ns == event.received_time_ns else time_ns
    return None
