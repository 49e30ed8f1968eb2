"""What every route of one dashboard is handed: settings, the way to the desk, identity."""

from __future__ import annotations

import socket
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import cast

from starlette.requests import HTTPConnection

from crossdock.app.settings import Settings
from crossdock.web.health.meters import Meters
from crossdock.web.identity.identity import Identity
from crossdock.web.kept.kept import Kept
from crossdock.web.link import DeskLink
from crossdock.web.link.desk_files import DeskFiles
from crossdock.web.work.jobs import Jobs
from crossdock.web.work.stored import Stored


@dataclass(frozen=True, slots=True, kw_only=True)
class Dashboard:
    settings: Settings
    link: DeskLink
    identity: Identity
    kept: Kept
    now_ns: Callable[[], int]
    started_ns: int
    files: DeskFiles | None  # None: the desk is another machine's, or not of these settings
    jobs: Jobs
    stored: Stored
    meters: Meters = field(default_factory=Meters)

    @property
    def instance_id(self) -> str:
        chosen = self.settings.dashboard
        return chosen.instance_id or f"{socket.gethostname()}:{chosen.port}"


def dashboard_of(connection: HTTPConnection) -> Dashboard:
    """Return the dashboard that a request, or a WebSocket, came to."""
    return cast("Dashboard", connection.app.state.dashboard)
