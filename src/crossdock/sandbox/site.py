"""One venue on its port: the sockets stay while what is behind them may start afresh."""

from __future__ import annotations

from aiohttp import web

from crossdock.sandbox.clock import Clock
from crossdock.sandbox.config import VenueConfig
from crossdock.sandbox.events import let_occur
from crossdock.sandbox.faces import face_class
from crossdock.sandbox.faces.calls import Calls, Handler
from crossdock.sandbox.faces.connection import serve
from crossdock.sandbox.faces.dealing import Dealing
from crossdock.sandbox.faults import Armed, FaultOrder
from crossdock.sandbox.host import Host
from crossdock.sandbox.simulators import Paths, attach

TICK_S = 0.05
_HEARTBEAT_S = 1.0
LOOPBACK = "127.0.0.1"
_PATIENCE_S = 0.1


class Listening:
    """An aiohttp application on a loopback port."""

    def __init__(self, app: web.Application, port: int) -> None:
        self._runner = web.AppRunner(
            app, access_log=None, handle_signals=False, shutdown_timeout=_PATIENCE_S
        )
        self._port = port

    @property
    def port(self) -> int:
        return self._port

    @property
    def url(self) -> str:
        return f"http://{LOOPBACK}:{self._port}"

    async def start(self) -> None:
        """Bind the port. Raises OSError."""
        await self._runner.setup()
        try:
            await web.TCPSite(self._runner, LOOPBACK, self._port).start()
        except OSError:
            await self._runner.cleanup()
            raise
        self._port = self._runner.addresses[0][1]

    def drop(self) -> int:
        """Abort every connection; returns how many there were."""
        server = self._runner.server
        handlers = [] if server is None else server.connections
        transports = [it.transport for it in handlers if it.transport is not None]
        for transport in transports:
            transport.abort()
        return len(transports)

    async def stop(self) -> None:
        self.drop()
        await self._runner.cleanup()


class Site:
    """A venue's port, its face and host behind it, and the two timers that drive it."""

    def __init__(
        self, config: VenueConfig, *, clock: Clock, seed: int, paths: Paths
    ) -> None:
        self.config = config
        self._clock = clock
        self._seed = seed
        self._face_class = face_class(config.face)
        self._begin(paths)
        app = web.Application()
        for path in self._sockets:
            app.router.add_get(path, self._socket(path))
        for method, path in self._handlers:
            app.router.add_route(method, path, self._dispatch(method, path))
        app.router.add_route("*", "/{path:.*}", self._no_path)
        self._listening = Listening(app, config.port)

    @property
    def url(self) -> str:
        return self._listening.url

    async def start(self) -> None:
        """Bind the port. Raises OSError."""
        await self._listening.start()

    async def stop(self) -> None:
        await self.host.close()
        await self._listening.stop()

    async def reset(self, paths: Paths) -> None:
        """Begin afresh from the configuration, on the same port."""
        await self.host.close()
        self._listening.drop()
        self._begin(paths)

    def restart(self) -> int:
        """Drop every connection and session, keep the orders; returns how many."""
        return self._listening.drop()

    def arm(self, order: FaultOrder, *, by_seed: bool = False) -> Armed:
        """Arm a fault; an event happens at once if it can."""
        armed = self.host.faults.arm(order, by_seed=by_seed)
        self.occur()
        return armed

    def occur(self) -> None:
        let_occur(self.host, self.restart)

    def tick(self) -> None:
        self.host.tick()
        self.face.tick(self._clock.time_ns())
        self.occur()

    def beat(self) -> None:
        """Let every connection send its heartbeat, if one is due."""
        now_ns = self.host.now_ns()
        for connection in list(self.host.connections):
            connection.beat(now_ns)

    async def drive(self) -> None:
        """Tick for ever."""
        while True:
            await self._clock.sleep(TICK_S)
            self.tick()

    async def beat_on(self) -> None:
        """Send heartbeats for ever, whatever the data does."""
        while True:
            await self._clock.sleep(_HEARTBEAT_S)
            self.beat()

    def _begin(self, paths: Paths) -> None:
        self.host = Host(
            self.config,
            clock=self._clock,
            seed=self._seed,
            rules=self._face_class.venue_rules,
        )
        self.face = self._face_class(self.host, Dealing(self.host, self._seed))
        self.host.feed.word_by(self.face)
        self._calls = Calls(self.face)
        self._handlers = self._calls.handlers()
        self._sockets = {route.path: route for route in self.face.sockets()}
        now_ns = self._clock.time_ns()
        self.host.bars.begin(
            attach(self.host.venue, self.config, paths, self._seed, now_ns)
        )
        self.host.tick()

    def _dispatch(self, method: str, path: str) -> Handler:
        async def handle(request: web.Request) -> web.StreamResponse:
            return await self._handlers[method, path](request)

        return handle

    def _socket(self, path: str) -> Handler:
        async def handle(request: web.Request) -> web.StreamResponse:
            return await serve(self.host, self._sockets[path], request)

        return handle

    async def _no_path(self, request: web.Request) -> web.StreamResponse:
        return self._calls.no_path()
