"""Whether this instance does its work, and figures of it for machines that watch."""

from __future__ import annotations

from typing import TYPE_CHECKING

from crossdock.web.health.meters import Meters

if TYPE_CHECKING:
    from crossdock.web.dashboard import Dashboard
    from crossdock.web.parts import Part

__all__ = ["Meters", "health_part"]


def health_part(_: Dashboard) -> Part:
    from crossdock.web.health.routes import router
    from crossdock.web.parts import Part

    return Part(routers=[router])
