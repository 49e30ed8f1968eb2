"""WebSockets for adapters: pushed messages, and requests whose replies are waited for."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine, Hashable
from types import TracebackType
from typing import Any, Generic, NoReturn, Self, TypeVar

import aiohttp
from aiohttp import WSMsgType
from yarl import URL

from crossdock.errors import (
    AdapterError,
    AuthFailed,
    BadPayload,
    NotSent,
    OutcomeUnknown,
    Unreachable,
)
from crossdock.ports import Clock
from crossdock.toolkit.health import StreamHealth
from crossdock.toolkit.pool import CancelledInDoubt, HttpPool, words_of
from crossdock.toolkit.recorder import Recorder
from crossdock.toolkit.retry import refuse_repeated_write
from crossdock.toolkit.secrets import Masker

M = TypeVar("M")

_RECONCILE = "reconcile; the venue may have acted on it"
_CLOSE_S = 1.0


class WebSocketClient(Generic[M]):
    """One connection, from entering the context to leaving it; it never reconnects.

    Each frame is decoded by `decode` and handed to `on_message(message, received_ns)`,
    synchronously, in order. A message for which `reply_to` returns the id of a call that
    waits goes to that call instead; late replies go to `on_message`, as evidence.

    An exception of `decode` or `on_message` ends the connection: a message that was not
    understood is a gap. `ended()` waits for the end and raises its reason: an AdapterError
    of theirs as it is, anything else as BadPayload.
    """

    def __init__(
        self,
        pool: HttpPool,
        url: str,
        *,
        clock: Clock,
        masker: Masker,
        decode: Callable[[bytes], M],
        on_message: Callable[[M, int], None],
        reply_to: Callable[[M], Hashable | None] = lambda _: None,
        health: StreamHealth | None = None,
        headers: dict[str, str] | None = None,
        recorder: Recorder | None = None,
        largest_message_bytes: int = 16 * 1024 * 1024,
        ping_s: float | None = 15.0,
    ) -> None:
        self._pool = pool
        self._url = url
        self._where = masker.scrub(f"stream {url.partition('?')[0]}")
        self._clock = clock
        self._masker = masker
        self._decode = decode
        self._on_message = on_message
        self._reply_to = reply_to
        self._health = health
        self._headers = headers
        self._recorder = recorder
        self._path = URL(url).raw_path
        self._largest_message_bytes = largest_message_bytes
        self._ping_s = ping_s
        self._socket: aiohttp.ClientWebSocketResponse[bool] | None = None
        self._reader: asyncio.Task[None] | None = None
        self._replies: dict[Hashable, asyncio.Future[M]] = {}
        self._blocked: Coroutine[Any, Any, None] | None = None
        self._end: str = ""
        self._failure: Exception | None = None

    async def __aenter__(self) -> Self:
        problem = ""
        status = 0
        try:
            async with asyncio.timeout(self._pool.connect_s):
                self._socket = await self._pool.reads.ws_connect(
                    self._url,
                    headers=self._headers,
                    heartbeat=self._ping_s,
                    max_msg_size=self._largest_message_bytes,
                    decode_text=False,
                    timeout=aiohttp.ClientWSTimeout(ws_close=_CLOSE_S),
                )
        except aiohttp.WSServerHandshakeError as error:
            status = error.status
            problem = f"it answered {status} instead of opening a stream"
        except (aiohttp.ClientError, OSError) as error:
            problem = words_of(error)
        if status in (401, 403):
            raise AuthFailed(f"{self._where}: {problem}")
        if problem:
            raise Unreachable(f"{self._where}: {problem}")
        if self._health is not None:
            self._health.connected()
        self._reader = asyncio.create_task(self._read(), name=self._where)
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._finish("closed by us")
        if self._reader is not None:
            self._reader.cancel()
            await asyncio.wait([self._reader])
        if self._socket is not None:
            await self._socket.close()
        if self._blocked is not None:
            self._blocked.close()
            self._blocked = None

    @property
    def open(self) -> bool:
        return self._socket is not None and not self._end and not self._socket.closed

    def send(self, frame: bytes) -> None:
        """Write a text frame now, before returning: no task, no loop turn.

        Raises NotSent when nothing of it was handed to the connection: closed, or the
        other side takes no more bytes.
        """
        socket = self._socket
        if socket is None or self._end or socket.closed:
            raise NotSent(f"{self._where}: {self._end or 'not connected'}")
        if self._blocked is not None:
            raise NotSent(f"{self._where}: the other side takes no more bytes")
        sending = socket.send_frame(frame, WSMsgType.TEXT)
        try:
            # aiohttp writes before it first suspends, so one step is the whole write; it
            # suspends only to wait for a full buffer to drain.
            drained = sending.send(None)
        except StopIteration:
            pass
        except ConnectionError:
            raise NotSent(f"{self._where}: the connection is closing") from None
        else:
            self._blocked = sending
            drained.add_done_callback(self._unblock)
        if self._recorder is not None:
            self._recorder.frame(self._path, frame, sent=True)

    async def call(self, frame: bytes, reply_id: Hashable, *, deadline_ns: int) -> M:
        """Send a question and return its reply, or raise Unreachable."""
        problem = ""
        try:
            return await self._call(frame, reply_id, deadline_ns)
        except (NotSent, _NoReply) as error:
            problem = str(error)
        raise Unreachable(problem)

    async def write(self, frame: bytes, reply_id: Hashable, *, deadline_ns: int) -> M:
        """Send a write once and return its reply, whatever it says.

        Raises NotSent when it was not handed to the connection, OutcomeUnknown when no
        reply came, CancelledInDoubt when cancelled while waiting for it.
        """
        refuse_repeated_write()
        if self._clock.monotonic_ns() >= deadline_ns:
            raise NotSent(f"{self._where}: its deadline had passed")
        problem = ""
        cancelled = False
        try:
            return await self._call(frame, reply_id, deadline_ns)
        except asyncio.CancelledError:
            cancelled = True
        except _NoReply as error:
            problem = str(error)
        if cancelled:
            raise CancelledInDoubt(f"{self._where}: cancelled", hint=_RECONCILE)
        raise OutcomeUnknown(problem, hint=_RECONCILE)

    async def ended(self) -> NoReturn:
        """Wait until the connection ends, and raise why: Unreachable or BadPayload."""
        if self._reader is None:
            raise RuntimeError("the stream is not open: use it as an async context manager")
        await asyncio.wait([self._reader])
        text = f"{self._where}: {self._end}"
        if isinstance(self._failure, AdapterError):
            raise self._failure
        if self._failure is not None:
            raise BadPayload(text) from self._failure
        raise Unreachable(text)

    async def _call(self, frame: bytes, reply_id: Hashable, deadline_ns: int) -> M:
        if reply_id in self._replies:
            raise ValueError(f"a call with id {reply_id!r} waits already")
        loop = asyncio.get_running_loop()
        reply: asyncio.Future[M] = loop.create_future()
        self._replies[reply_id] = reply
        try:
            self.send(frame)
            left_s = (deadline_ns - self._clock.monotonic_ns()) / 1e9
            late = loop.call_later(
                left_s, self._fail, reply, f"{self._where}: no reply in time"
            )
            try:
                return await reply
            finally:
                late.cancel()
        finally:
            del self._replies[reply_id]

    async def _read(self) -> None:
        socket = self._socket
        assert socket is not None
        try:
            while True:
                frame = await socket.receive()
                if frame.type is WSMsgType.TEXT or frame.type is WSMsgType.BINARY:
                    received_ns = self._clock.time_ns()
                    if self._health is not None:
                        self._health.received()
                    if self._recorder is not None:
                        self._recorder.frame(self._path, frame.data, sent=False)
                    try:
                        self._take(frame.data, received_ns)
                    except Exception as error:  # noqa: BLE001 - kept for `ended`
                        self._failure = error
                        what = f"{len(frame.data)} bytes: {type(error).__name__}"
                        self._finish(f"could not take a message of {what}")
                        return
                else:
                    self._finish(_end_of(frame, socket))
                    return
        finally:
            self._finish("reading stopped")

    def _take(self, data: bytes, received_ns: int) -> None:
        message = self._decode(data)
        reply = self._replies.get(self._reply_to(message)) if self._replies else None
        if reply is not None and not reply.done():
            reply.set_result(message)
        else:
            self._on_message(message, received_ns)

    def _finish(self, reason: str) -> None:
        if self._end:
            return
        self._end = reason
        if self._health is not None:
            self._health.disconnected(reason)
        for reply in self._replies.values():
            self._fail(reply, f"{self._where}: no reply, {reason}")

    def _unblock(self, _: asyncio.Future[None]) -> None:
        if self._blocked is not None:
            self._blocked.close()
            self._blocked = None

    @staticmethod
    def _fail(reply: asyncio.Future[M], reason: str) -> None:
        if not reply.done():
            reply.set_exception(_NoReply(reason))


class _NoReply(Exception):
    """Nothing answered a frame that was sent."""


def _end_of(frame: Any, socket: aiohttp.ClientWebSocketResponse[bool]) -> str:
    if frame.type is WSMsgType.ERROR:
        return f"broken: {type(frame.data).__name__}"
    code = socket.close_code
    return "the connection closed" if code is None else f"closed with code {code}"
