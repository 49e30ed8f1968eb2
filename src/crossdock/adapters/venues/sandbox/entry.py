"""Order entry over a WebSocket: written before the call returns, answered by a Future."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

import msgspec

from crossdock.adapters.venues.sandbox.refusals import Refusals
from crossdock.adapters.venues.sandbox.session import SignedSession
from crossdock.adapters.venues.sandbox.signing import Signer
from crossdock.adapters.venues.sandbox.translation import Translation
from crossdock.adapters.venues.sandbox.wire import (
    EntryFrame,
    Heartbeat,
    Reply,
    Session,
    WireOrder,
)
from crossdock.errors import (
    AdapterError,
    AuthFailed,
    BadPayload,
    NotSent,
    OutcomeUnknown,
    RateLimited,
    Unreachable,
)
from crossdock.model import OrderReport
from crossdock.toolkit import (
    AdapterContext,
    CancelledUnsent,
    Purpose,
    RateLimiter,
    StreamHealth,
    WebSocketClient,
)
from crossdock.toolkit.retry import refuse_repeated_write

_SCOPE = "orders"
_RECONCILE = "reconcile; the venue may have acted on it"
_PING_S = 3.0
_NEVER_NS = 1 << 62

_encode = msgspec.json.Encoder().encode
_decode_frame = msgspec.json.Decoder(EntryFrame).decode
_decode_order = msgspec.json.Decoder(WireOrder).decode


@dataclass(slots=True)
class _Write:
    """A frame that was sent and is not answered."""

    answer: asyncio.Future[OrderReport]
    op: str
    sent_ns: int
    deadline_ns: int


class _Connection:
    """One connection, signed in before it is used. Ends with whatever ended its socket."""

    def __init__(self, entry: OrderEntry) -> None:
        self._entry = entry
        self._client: WebSocketClient[EntryFrame] = WebSocketClient(
            entry.context.http,
            entry.url,
            clock=entry.context.clock,
            masker=entry.context.masker,
            decode=_decode_frame,
            on_message=self._take,
            health=entry.health,
            ping_s=_PING_S,
        )
        self._session = SignedSession(
            self._client,
            entry.signer,
            entry.refusals,
            entry.context.clock,
            entry.health,
            self._opened,
        )
        self._signed_in = asyncio.Event()
        self._end: asyncio.Task[None] | None = None
        self.writes: dict[int, _Write] = {}
        self.heard_ns = 0
        self.failure: AdapterError | None = None

    @property
    def is_ready(self) -> bool:
        return self._session.is_open and self._client.open and self.failure is None

    @property
    def is_ended(self) -> bool:
        return self.failure is not None

    async def open(self) -> None:
        await self._client.__aenter__()
        self._end = asyncio.create_task(self._until_ended(), name="order entry")
        try:
            self._session.sign_in()
        except Unreachable:
            await self.close()
            raise

    async def ready(self) -> None:
        """Wait until signed in, or raise why the connection ended before."""
        while not self.is_ready:
            if self.failure is not None:
                raise self.failure
            self._signed_in.clear()
            await self._signed_in.wait()

    async def close(self) -> None:
        await self._client.__aexit__(None, None, None)
        if self._end is not None:
            await self._end

    def send(
        self, op: str, fields: msgspec.Struct, deadline_ns: int
    ) -> asyncio.Future[OrderReport]:
        """Write the frame now. Raises NotSent when nothing of it was handed on."""
        number = self._session.next_id()
        signer = self._entry.signer
        head = '{"op":"%s","id":%d,"time":%d,"window":%d,' % (  # noqa: UP031 - fastest
            op,
            number,
            signer.time_ms(),
            signer.window_ms,
        )
        answer: asyncio.Future[OrderReport] = asyncio.get_running_loop().create_future()
        self._client.send(head.encode() + _encode(fields)[1:])
        sent_ns = self._entry.context.clock.monotonic_ns()
        self.writes[number] = _Write(answer, op, sent_ns, deadline_ns)
        return answer

    def give_up(self, now_ns: int) -> None:
        """Fail writes whose deadline passed.

        A connection on which nothing came since, not even a heartbeat, is not used again.
        """
        for write in self.writes.values():
            if write.deadline_ns > now_ns or write.answer.done():
                continue
            words = f"{write.op}: no reply in time"
            _fail(write, OutcomeUnknown(words, hint=_RECONCILE))
            if self.heard_ns < write.sent_ns and self.failure is None:
                self.failure = Unreachable("the venue fell silent on this connection")

    @property
    def next_deadline_ns(self) -> int | None:
        """When the first unanswered write is to be given up."""
        waiting = [it.deadline_ns for it in self.writes.values() if not it.answer.done()]
        return min(waiting, default=None)

    def _opened(self) -> None:
        self._signed_in.set()

    async def _until_ended(self) -> None:
        try:
            await self._client.ended()
        except AdapterError as error:
            self.failure = error
        except asyncio.CancelledError:  # the socket's reader was, because we close
            self.failure = self.failure or Unreachable("closed by us")
        self._session.is_open = False
        self._signed_in.set()
        words = str(self.failure)
        for write in self.writes.values():
            _fail(write, OutcomeUnknown(f"{write.op}: {words}", hint=_RECONCILE))
        self.writes.clear()

    def _take(self, frame: EntryFrame, received_ns: int) -> None:
        self.heard_ns = self._entry.context.clock.monotonic_ns()
        if type(frame) is Reply:
            if frame.id is None:
                raise BadPayload(
                    f"the venue could not read a frame of ours: {frame.message}"
                )
            if not self._answered(frame, received_ns):
                self._session.take(frame)
        elif type(frame) is Heartbeat:
            self._entry.health.heartbeat()
            self._session.beat()
        elif type(frame) is Session:
            self._session.expired()

    def _answered(self, reply: Reply, received_ns: int) -> bool:
        write = self.writes.get(reply.id or 0)
        if write is None:
            return False
        if reply.ok:
            order = _decode_order(reply.result)
            report = self._entry.translation.order(order, received_ns)
            self._entry.health.order_event(report.venue_time_ns)
            del self.writes[reply.id or 0]
            if write.answer.done():
                self._entry.on_late(report)
            else:
                write.answer.set_result(report)
            return True
        del self.writes[reply.id or 0]
        error = self._entry.refusals.of_frame(reply)
        if isinstance(error, RateLimited):
            self._entry.limiter.penalise(error.retry_after_s)
        words = f"{write.op}: {reply.code}: {reply.message}"
        _fail(write, error or OutcomeUnknown(words, hint=_RECONCILE))
        return True


class OrderEntry:
    """Sends writes over a connection of its own, opened at first use and when it ended.

    `on_late` is told of an accepted order whose write was given up before: evidence.
    """

    def __init__(
        self,
        context: AdapterContext,
        url: str,
        *,
        signer: Signer,
        refusals: Refusals,
        translation: Translation,
        limiter: RateLimiter,
        health: StreamHealth,
        on_late: Callable[[OrderReport], None],
    ) -> None:
        self.context = context
        self.url = url
        self.signer = signer
        self.refusals = refusals
        self.translation = translation
        self.limiter = limiter
        self.health = health
        self.on_late = on_late
        self._connection: _Connection | None = None
        self._connecting = asyncio.Lock()
        self._sweeper: asyncio.TimerHandle | None = None
        self._sweep_ns = _NEVER_NS
        self._is_closed = False

    def write(
        self,
        op: str,
        fields: msgspec.Struct,
        deadline_ns: int,
        *,
        purpose: Purpose = Purpose.ORDER,
    ) -> Awaitable[OrderReport]:
        """Send one write once; before this returns, when the connection is ready."""
        connection = self._connection
        if (
            connection is not None
            and connection.is_ready
            and self.context.clock.monotonic_ns() < deadline_ns
            and self.limiter.try_acquire(_SCOPE, purpose=purpose)
        ):
            return self._send(connection, op, fields, deadline_ns)
        return self._write_when_ready(op, fields, deadline_ns, purpose)

    async def warm(self) -> None:
        """Connect ahead of the first write. Failing is no news: that write tells."""
        try:
            await self._ready()
        except AdapterError:
            return

    async def close(self) -> None:
        self._is_closed = True
        if self._sweeper is not None:
            self._sweeper.cancel()
            self._sweeper = None
        if self._connection is not None:
            await self._connection.close()
            self._connection = None

    async def _write_when_ready(
        self, op: str, fields: msgspec.Struct, deadline_ns: int, purpose: Purpose
    ) -> OrderReport:
        left_s = (deadline_ns - self.context.clock.monotonic_ns()) / 1e9
        problem = "its deadline had passed"
        cancelled = False
        connection: _Connection | None = None
        if left_s > 0:
            try:
                async with asyncio.timeout(left_s):
                    connection = await self._ready()
                    await self.limiter.acquire(
                        _SCOPE, deadline_ns=deadline_ns, purpose=purpose
                    )
            except asyncio.CancelledError:
                cancelled = True
                problem = "cancelled before it was sent"
            except AuthFailed:
                raise
            except TimeoutError:
                connection, problem = None, "no connection in time"
            except AdapterError as error:
                connection, problem = None, str(error)
        if cancelled:
            raise CancelledUnsent(f"{op}: {problem}")
        if connection is None or self.context.clock.monotonic_ns() >= deadline_ns:
            raise NotSent(f"{op}: {problem}")
        return await self._send(connection, op, fields, deadline_ns)

    def _send(
        self, connection: _Connection, op: str, fields: msgspec.Struct, deadline_ns: int
    ) -> asyncio.Future[OrderReport]:
        refuse_repeated_write()
        answer = connection.send(op, fields, deadline_ns)
        if deadline_ns < self._sweep_ns:
            self._sweep_at(deadline_ns)
        return answer

    async def _ready(self) -> _Connection:
        async with self._connecting:
            if self._is_closed:
                raise NotSent("the adapter is closed")
            connection = self._connection
            if connection is not None and connection.is_ended:
                await connection.close()
                connection = self._connection = None
            if connection is None:
                connection = _Connection(self)
                await connection.open()
                self._connection = connection
        await connection.ready()
        return connection

    def _sweep_at(self, at_ns: int) -> None:
        if self._sweeper is not None:
            self._sweeper.cancel()
        self._sweep_ns = at_ns
        left_s = max(0.0, (at_ns - self.context.clock.monotonic_ns()) / 1e9)
        self._sweeper = asyncio.get_running_loop().call_later(left_s, self._sweep)

    def _sweep(self) -> None:
        """Give up on writes whose deadline passed; one timer serves all of them."""
        self._sweeper, self._sweep_ns = None, _NEVER_NS
        connection = self._connection
        if connection is None:
            return
        connection.give_up(self.context.clock.monotonic_ns())
        at_ns = connection.next_deadline_ns
        if at_ns is not None:
            self._sweep_at(at_ns)


def _fail(write: _Write, error: AdapterError) -> None:
    if not write.answer.done():
        write.answer.set_exception(error)
