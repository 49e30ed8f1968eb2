"""What the application is made of. A new part is one line in `PARTS`."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field
from typing import Any

from fastapi import APIRouter
from starlette.types import ASGIApp

from crossdock.web.dashboard import Dashboard


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """Routes, applications under a path of their own, and what runs with them.

    `running` is entered before the first request and left after the last. A mounted
    application finds out itself who asks, by `dashboard.identity.gatekeeper`.
    """

    routers: Sequence[APIRouter] = ()
    mounts: Mapping[str, ASGIApp] = field(default_factory=dict)
    running: AbstractAsyncContextManager[Any] | None = None


PartOf = Callable[[Dashboard], Part]


def parts() -> Sequence[PartOf]:
    """Return how each part is made. They are imported only where a dashboard is."""
    from crossdock.web.api import api_part
    from crossdock.web.health import health_part
    from crossdock.web.identity.routes import identity_part
    from crossdock.web.push.part import push_part

    return (identity_part, api_part, push_part, health_part)
