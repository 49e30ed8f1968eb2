"""The Socket.IO server: who comes in, what they ask for, and what the desk says to them."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable, Mapping
from contextlib import AsyncExitStack, suppress
from dataclasses import asdict
from types import TracebackType
from typing import Any, Self

import socketio  # type: ignore[import-untyped]
from engineio.exceptions import EngineIOError  # type: ignore[import-untyped]
from pydantic import ValidationError
from starlette.requests import HTTPConnection

from crossdock.errors import Error
from crossdock.web.dashboard import Dashboard
from crossdock.web.identity.access import Caller, lacking
from crossdock.web.link.link import LinkStanding
from crossdock.web.link.watching import Change, Watching
from crossdock.web.misfits import misfits
from crossdock.web.problems import Problem, misfit_problem, problem_of
from crossdock.web.push.client import MOST_ROOMS, Client
from crossdock.web.push.lanes import Pusher
from crossdock.web.push.origins import OwnOrigin
from crossdock.web.push.parcel import encoded
from crossdock.web.push.rooms import MOST_DESK_TOPICS, Rooms
from crossdock.web.push.sharing import SharedClients
from crossdock.web.push.steering import Steering
from crossdock.web.push.strangers import Strangers
from crossdock.web.push.topics import subject_of

log = logging.getLogger(__name__)

LARGEST_ASK = 64 << 10
RECHECK_S = 30.0  # after which whoever was signed out is let go
LOOK_S = 1.0  # between two looks for connections that nobody is in
Source = Callable[[str], tuple[Any, int] | None]
"""Returns what a room that is not the desk's amounts to, and when that was."""


class Push:
    """Pushes to every client of this process, over one watch of the desk.

    An async context manager; `application` is what is mounted at /socket.io.
    """

    def __init__(
        self, dashboard: Dashboard, now_s: Callable[[], float] = time.monotonic
    ) -> None:
        """`now_s` tells how long connections have been open; monotonic."""
        self._dashboard = dashboard
        url = dashboard.settings.dashboard.redis_url.reveal()
        self._shared = SharedClients(url) if url else None
        self.server = socketio.AsyncServer(
            async_mode="asgi",
            client_manager=self._shared,
            cors_allowed_origins=[],  # OwnOrigin asks instead: it knows who the proxies are
            max_http_buffer_size=LARGEST_ASK,
            logger=False,
            engineio_logger=False,
        )
        self._public_url = dashboard.settings.dashboard.public_url
        self.application = OwnOrigin(
            socketio.ASGIApp(self.server, socketio_path=None), self._public_url
        )
        self.clients: dict[str, Client] = {}
        self._connections: dict[str, HTTPConnection] = {}
        self._pusher = Pusher(time.monotonic)
        self.rooms = Rooms(self._pusher, encoded, self._choose)
        self._steering = Steering(dashboard.link)
        self._strangers = Strangers(now_s)
        self._sources: dict[str, Source] = {"desk": self._desk_standing}
        self._watching: Watching | None = None
        self._stack = AsyncExitStack()
        for event, handler in {
            "connect": self._connect,
            "disconnect": self._disconnect,
            "subscribe": self._subscribe,
            "unsubscribe": self._unsubscribe,
            "start_trading": self._start_trading,
            "stop_trading": self._stop_trading,
        }.items():
            self.server.on(event, handler)

    async def __aenter__(self) -> Self:
        stack = self._stack
        stack.push_async_callback(self._end)
        self._watching = stack.enter_context(self._dashboard.link.watch((), self._hear))
        for work in (self._pusher.run(), self._recheck(), self._keep_looking()):
            stack.push_async_callback(_cancelled, asyncio.create_task(work))
        stack.callback(self._dashboard.link.hear_standing(self._tell_standing))
        self._choose()
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self._stack.aclose()

    async def _end(self) -> None:
        for client in list(self.clients.values()):
            with suppress(Exception):
                await self.server.disconnect(client.sid, ignore_queue=True)
        await self.server.shutdown()
        if self._shared is not None:
            await self._shared.close()

    # ---- what is pushed --------------------------------------------------------

    def feed(self, subject: str, source: Source) -> None:
        """Have rooms of a subject that is not the desk's begin with what `source` says."""
        self._sources[subject] = source

    def _hear(self, change: Change) -> None:
        self.rooms.take(change.topic, change.kind, change.data, change.at)

    def _choose(self) -> None:
        if self._watching is not None:
            self._watching.choose(self.rooms.of_desk)

    def _desk_standing(self, _: str) -> tuple[Any, int]:
        return asdict(self._dashboard.link.standing), self._dashboard.now_ns()

    def _tell_standing(self, standing: LinkStanding) -> None:
        self.rooms.take("desk", "snapshot", asdict(standing), self._dashboard.now_ns())

    # ---- who comes and goes ----------------------------------------------------

    async def _connect(self, sid: str, environ: Mapping[str, Any], auth: Any) -> None:
        connection = HTTPConnection(environ["asgi.scope"])
        token = auth.get("token") if isinstance(auth, dict) else None
        key = token if isinstance(token, str) and token else None
        try:
            caller = await self._caller(connection, key)
        except Problem as problem:
            raise _refusal(problem) from None
        engine_sid = self.server.manager.eio_sid_from_sid(sid, "/")

        async def send(parcel: Any) -> None:
            await self.server.eio.send_packet(engine_sid, parcel)

        self.clients[sid] = Client(sid, caller, key, send)
        self._connections[sid] = connection

    async def _caller(self, connection: HTTPConnection, key: str | None) -> Caller:
        gatekeeper = self._dashboard.identity.gatekeeper
        if key is not None:
            return gatekeeper.caller_of_key(key)
        caller = await gatekeeper.caller(connection)
        if caller is None:
            raise Problem(
                401,
                "signed-out",
                "nobody is signed in",
                hint="sign in, or send an API key as auth: {token}",
            )
        return caller

    async def _disconnect(self, sid: str, _reason: str) -> None:
        self._connections.pop(sid, None)
        client = self.clients.pop(sid, None)
        if client is not None:
            self.rooms.leave_all(client)

    async def _recheck(self) -> None:
        """Let go whose session or key has ended; a role may be another one, too."""
        while True:
            await asyncio.sleep(RECHECK_S)
            for sid in list(self.clients):
                await self._still(sid)

    async def _keep_looking(self) -> None:
        while True:
            await asyncio.sleep(LOOK_S)
            await self.show_out()

    async def show_out(self) -> None:
        """Close connections that have been open for long without anybody coming in."""
        sockets, manager = self.server.eio.sockets, self.server.manager
        empty = [each for each in sockets if manager.sid_from_eio_sid(each, "/") is None]
        for each in self._strangers.overdue(empty):
            socket = sockets.pop(each)
            with suppress(EngineIOError):
                await socket.close(wait=False)
            await socket.queue.put(None)  # the end of its writer, which hangs up

    async def _still(self, sid: str) -> Client | None:
        """Return a client as it stands now, None for one that is or was just let go."""
        client, connection = self.clients.get(sid), self._connections.get(sid)
        if client is None or connection is None:
            return None
        try:
            client.caller = await self._caller(connection, client.key)
        except Problem:
            await self.server.disconnect(sid)
            return None
        except OSError as error:  # of the store of sessions: who is in stays in
            log.warning("who is signed in cannot be checked: %s", error)
        for room in list(client.lanes):
            subject = subject_of(room)
            if subject is not None and not client.caller.may(subject.access):
                self.rooms.leave(client, room)
        return client

    # ---- what they ask for -----------------------------------------------------

    async def _subscribe(self, sid: str, asked: Any = None) -> dict[str, Any]:
        client = self.clients.get(sid)
        if client is None:
            return _told(Problem(401, "signed-out", "nobody is signed in"))
        try:
            rooms, rate = _rooms(asked), _rate(asked)
        except Problem as wrong:
            return _told(wrong)
        refused = []
        for room in rooms:
            problem = self._problem_of(client, room)
            if problem is not None:
                refused.append(
                    {"room": room, "code": problem.code, "words": problem.detail}
                )
                continue
            await self.server.enter_room(sid, room)
            if self.rooms.enter(client, room, rate):
                self._begin(room)
        return {"ok": not refused, "refused": refused}

    def _begin(self, room: str) -> None:
        source = self._sources.get(room.partition(":")[0])
        if source is not None and (known := source(room)) is not None:
            self.rooms.take(room, "snapshot", *known)

    def _problem_of(self, client: Client, room: str) -> Problem | None:
        if not client.may_ask(time.monotonic()):
            return Problem(429, "rate-limited", "too many questions at once")
        subject = subject_of(room)
        if subject is None:
            return Problem(404, "unknown-topic", f"there is no room {room[:80]!r}")
        if not client.caller.may(subject.access):
            return lacking(client.caller, subject.access)
        if room in client.lanes:
            return None
        if len(client.lanes) >= MOST_ROOMS:
            return Problem(429, "rate-limited", f"at most {MOST_ROOMS} rooms at once")
        if (
            subject.is_of_desk
            and not self.rooms.occupied(room)
            and len(self.rooms.of_desk) >= MOST_DESK_TOPICS
        ):
            return Problem(429, "rate-limited", "the desk is watched enough already")
        return None

    async def _unsubscribe(self, sid: str, asked: Any = None) -> dict[str, Any]:
        client = self.clients.get(sid)
        try:
            rooms = _rooms(asked)
        except Problem as problem:
            return _told(problem)
        for room in rooms:
            if client is not None and room in client.lanes:
                await self.server.leave_room(sid, room)
                self.rooms.leave(client, room)
        return {"ok": True, "refused": []}

    async def _start_trading(self, sid: str, asked: Any = None) -> dict[str, Any]:
        return await self._steer(sid, self._steering.start, asked)

    async def _stop_trading(self, sid: str, asked: Any = None) -> dict[str, Any]:
        return await self._steer(sid, self._steering.stop, asked)

    async def _steer(self, sid: str, act: Any, asked: Any) -> dict[str, Any]:
        client = await self._still(sid)
        try:
            if client is None:
                raise Problem(401, "signed-out", "nobody is signed in")
            if not client.may_ask(time.monotonic()):
                raise Problem(429, "rate-limited", "too many questions at once")
            return {"ok": True, "result": await act(client.caller, asked or {})}
        except Problem as problem:
            return _told(problem)
        except ValidationError as error:
            return _told(misfit_problem(misfits(error.errors(), asked or {})))
        except Error as error:
            return _told(problem_of(error))


def _rooms(asked: Any) -> list[str]:
    """Return the rooms somebody names, each once. Raises Problem where that is no list."""
    given = asked.get("rooms") if isinstance(asked, dict) else None
    if not isinstance(given, list) or not all(isinstance(room, str) for room in given):
        raise Problem(
            422,
            "bad-argument",
            "`rooms` is a list of names",
            hint='like {"rooms": ["books", "orders"]}',
        )
    if len(given) > 2 * MOST_ROOMS:
        raise Problem(422, "bad-argument", f"`rooms` has {2 * MOST_ROOMS} names at most")
    return list(dict.fromkeys(given))


def _rate(asked: Any) -> float | None:
    given = asked.get("rate") if isinstance(asked, dict) else None
    is_number = isinstance(given, int | float) and not isinstance(given, bool)
    return float(given) if is_number and given > 0 else None  # type: ignore[arg-type,operator]


def _told(problem: Problem) -> dict[str, Any]:
    return {"ok": False, "error": problem.document("/socket.io")}


def _refusal(problem: Problem) -> Exception:
    refused: Exception = socketio.exceptions.ConnectionRefusedError(
        problem.detail, {"code": problem.code, "hint": problem.hint}
    )
    return refused


async def _cancelled(task: asyncio.Task[None]) -> None:
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
