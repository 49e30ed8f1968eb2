"""Runs a dashboard until it is told to end: port, sign-in link, signals, parent."""

from __future__ import annotations

import asyncio
import contextlib
import errno
import os
import signal
import socket
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import uvicorn

from crossdock.app.paths import user_folders
from crossdock.app.settings import Settings
from crossdock.errors import ConfigError
from crossdock.web.application import DashboardApplication, create_application
from crossdock.web.identity.identity import Identity
from crossdock.web.identity.roles import Role
from crossdock.web.identity.users import Source
from crossdock.web.identity.ways.links import Purpose
from crossdock.web.kept import keeping_of
from crossdock.web.new_link import NewLink, is_set_up_due, make_link
from crossdock.web.patience import PatientProtocol
from crossdock.web.problems import Problem
from crossdock.web.running import RunningDashboard, announced
from crossdock.web.site import Site

PARENT_POLL_S = 0.5
LINK_POLL_S = 1.0
NEXT_PORTS = 50
GRACE_S = 3
MOST_WS_BYTES = 1 << 17  # a question over the socket, not its answer
_ENDS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


@dataclass(frozen=True, slots=True, kw_only=True)
class Served:
    """Where a dashboard listens. `link` works once; `notes` are for a person to read."""

    url: str
    link: str = ""
    purpose: str = ""
    notes: tuple[str, ...] = ()


async def serve(
    settings: Settings,
    tell: Callable[[Served], None],
    *,
    parent: int | None = None,
    signed_in: str = "",
    may_move: bool | None = None,
) -> None:
    """Serve until a signal, or until the parent process is gone.

    `tell` is called once it answers. `signed_in` names an administrator who comes in by a
    one-time link and no other way; `tell` is called again, without it, when it is spent.
    `may_move`: take the next free port where the chosen one is taken; None: unless the port
    was set on purpose. Raises ConfigError.
    """
    chosen = settings.dashboard
    moves = not _is_port_given(settings) if may_move is None else may_move
    with _listening(chosen.host, chosen.port, moves) as (listener, notes):
        application = create_application(settings)
        config = uvicorn.Config(
            application,
            log_config=None,
            log_level="info" if chosen.debug else "warning",
            access_log=False,
            http=PatientProtocol,
            ws_max_size=MOST_WS_BYTES,
            ws_per_message_deflate=False,  # it would compress for each client what was made once
            proxy_headers=False,  # ours believes those it was told to, and nobody else
            server_header=False,
            lifespan="on",
            timeout_graceful_shutdown=GRACE_S,
        )
        server = _Server(config)
        url = address_of(settings, listener.getsockname()[1])
        watching = asyncio.create_task(_end_with(server, parent))
        telling = asyncio.create_task(
            _tell_when_begun(server, application, url, notes, signed_in, tell)
        )
        running = RunningDashboard(
            url=url,
            desk=settings.desk.name,
            database=chosen.database.absolute(),
            keeps_in=keeping_of(chosen),
            settings=settings.file and settings.file.absolute(),
        )
        try:
            with (
                announced(running, dashboards_folder()),
                server.ended_by_signals(),
            ):
                await server.serve([listener])
            if telling.done():
                telling.result()
        finally:
            for task in (watching, telling):
                task.cancel()
            await asyncio.gather(watching, telling, return_exceptions=True)


def dashboards_folder() -> Path:
    """Return where this user's running dashboards are found."""
    return user_folders().runtime / "dashboards"


def address_of(settings: Settings, port: int | None = None) -> str:
    """Return the address that people type."""
    chosen = settings.dashboard
    if chosen.public_url:
        return chosen.public_url.rstrip("/")
    host = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(chosen.host, chosen.host)  # noqa: S104
    shown = f"[{host}]" if ":" in host else host
    return f"http://{shown}:{chosen.port if port is None else port}"


# ---- the port ----------------------------------------------------------------


def _is_port_given(settings: Settings) -> bool:
    return ("dashboard", "port") in settings.tree.leaves


@contextlib.contextmanager
def _listening(
    host: str, port: int, moves: bool
) -> Iterator[tuple[socket.socket, tuple[str, ...]]]:
    """Bind a socket before anything else is opened. Raises ConfigError."""
    last = min(port + (NEXT_PORTS if port else 0), 65535)
    for candidate in range(port, last + 1):
        try:
            listener = _bound(host, candidate)
        except OSError as error:
            if error.errno != errno.EADDRINUSE:
                raise ConfigError(
                    f"the dashboard cannot listen on {host}:{candidate}: {error.strerror}",
                    code="dashboard-port",
                    hint="set dashboard.host and dashboard.port",
                ) from None
            continue
        notes: tuple[str, ...] = ()
        if candidate != port and port:
            notes = (f"port {port} is taken: the dashboard takes {candidate}",)
            if not moves:
                listener.close()
                raise ConfigError(
                    f"port {port} is taken",
                    code="dashboard-port",
                    hint=f"{candidate} is free: --set dashboard.port={candidate}",
                )
        with listener:
            yield listener, notes
        return
    raise ConfigError(
        f"ports {port} to {last} are taken",
        code="dashboard-port",
        hint="set dashboard.port, or 0 for any that is free",
    )


def _bound(host: str, port: int) -> socket.socket:
    try:
        family, kind, protocol, _, where = socket.getaddrinfo(
            host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )[0]
    except socket.gaierror as error:
        raise ConfigError(
            f"dashboard.host = {host!r} is no address of this machine: {error.strerror}",
            code="config-value",
        ) from None
    listener = socket.socket(family, kind, protocol)
    try:
        if os.name == "posix":  # else it would share the port with whoever has it
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind(where)
        listener.listen()
    except OSError:
        listener.close()
        raise
    return listener


# ---- the end -----------------------------------------------------------------


class _Server(uvicorn.Server):
    """Ends in order on the first signal, at once on the second, and raises neither again."""

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield

    @contextlib.contextmanager
    def ended_by_signals(self) -> Iterator[None]:
        loop = asyncio.get_running_loop()
        for number in _ENDS:
            loop.add_signal_handler(number, self.end)
        try:
            yield
        finally:
            for number in _ENDS:
                loop.remove_signal_handler(number)

    def end(self) -> None:
        self.force_exit = self.should_exit
        self.should_exit = True


async def _end_with(server: _Server, parent: int | None) -> None:
    while parent is not None and os.getppid() == parent:  # noqa: ASYNC110  nothing tells of it but looking
        await asyncio.sleep(PARENT_POLL_S)
    if parent is not None:
        server.end()


async def _tell_when_begun(
    server: _Server,
    application: DashboardApplication,
    url: str,
    notes: tuple[str, ...],
    signed_in: str,
    tell: Callable[[Served], None],
) -> None:
    while not server.started:  # noqa: ASYNC110  nothing tells of it but looking
        await asyncio.sleep(0.02)
    dashboard = application.dashboard
    identity = dashboard.identity
    made: NewLink | None = None
    if signed_in:
        if identity.users.get(signed_in) is None:
            identity.users.add(signed_in, Role.ADMIN, Source.LINK)
        made = await make_link(identity.links, url, Purpose.SIGN_IN, signed_in)
    elif is_set_up_due(dashboard.settings.dashboard, identity.users):
        made = await make_link(identity.links, url, Purpose.SET_UP)
    if not Site().is_built:
        notes = (
            *notes,
            "its pages are not built: `make site` builds them; the API answers",
        )
    if made is None:
        tell(Served(url=url, notes=notes))
        return
    tell(Served(url=url, link=made.link, purpose=made.purpose, notes=notes))
    if signed_in:
        await _until_spent(identity, made.token, server)
        tell(Served(url=url))


async def _until_spent(identity: Identity, link: str, server: uvicorn.Server) -> None:
    with contextlib.suppress(Problem):
        while not server.should_exit:
            await identity.links.look(link)
            await asyncio.sleep(LINK_POLL_S)
