"""One venue on its port: the sockets stay while what is behind them may start afresh."""

from __future__ import annotations

from aiohttp import web

from crossdock.sandbox.clock import Clock
from crossdock.sandbox.config import VenueConfig
from crossdock.sandbox.events import let_occur
from crossdock.sandbox.faults import Armed, FaultOrder
from crossdock.sandbox.host import Host
from crossdock.sandbox.native import stream
from crossdock.sandbox.native.auth import STREAM_PATH
from crossdock.sandbox.native.feed import encode
from crossdock.sandbox.native.frames import text_frame
from crossdock.sandbox.native.gateway import Gateway
from crossdock.sandbox.native.refusals import bad_request
from crossdock.sandbox.native.rest import Handler, Rest
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
    """A venue's port, its host behind it, and the two timers that drive it."""

    def __init__(
        self, config: VenueConfig, *, clock: Clock, seed: int, paths: Paths
    ) -> None:
        self.config = config
        self._clock = clock
        self._seed = seed
        self._begin(paths)
        app = web.Application()
        for method, path in self._handlers:
            app.router.add_route(method, path, self._dispatch(method, path))
        app.router.add_get(STREAM_PATH, self._stream)
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
        self.occur()

    def beat(self) -> None:
        """Send the heartbeat to every connection."""
        beat = {"type": "heartbeat", "time_ns": self.host.now_ns()}
        frame = text_frame(encode(beat))
        for connection in list(self.host.connections):
            connection.wire.write(frame)

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
        self.host = Host(self.config, clock=self._clock, seed=self._seed)
        self.gateway = Gateway(self.host, self._seed)
        self._rest = Rest(self.host, self.gateway)
        self._handlers = self._rest.routes()
        now_ns = self._clock.time_ns()
        self.host.bars.begin(
            attach(self.host.venue, self.config, paths, self._seed, now_ns)
        )
        self.host.tick()

    def _dispatch(self, method: str, path: str) -> Handler:
        async def handle(request: web.Request) -> web.StreamResponse:
            return await self._handlers[method, path](request)

        return handle

    async def _stream(self, request: web.Request) -> web.StreamResponse:
        return await stream.serve(self.host, self.gateway, request)

    async def _no_path(self, request: web.Request) -> web.StreamResponse:
        return self._rest.refusal(bad_request("no such method and path"))
