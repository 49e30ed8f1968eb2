"""Routes by which platforms push, and by which what they pushed is read."""

# No deferred annotations here: FastAPI reads them off functions that are made in a loop.

from collections.abc import Awaitable, Callable
from typing import Annotated, Any

from fastapi import APIRouter, Body, Query

from crossdock.web.exact_numbers import ExactRoute
from crossdock.web.identity.access import access
from crossdock.web.identity.roles import Access
from crossdock.web.platforms.history import History
from crossdock.web.platforms.platforms import Platforms
from crossdock.web.shapes.platforms import (
    PUSHED,
    HeldValue,
    MetricHistory,
    PlatformTold,
    Pushed,
    Taken,
)

MOST_AT_ONCE = 500


Take = Callable[[str, list[Pushed]], Awaitable[None]]
"""Takes in what a platform says of one subject. Raises Problem."""


def platform_routes(platforms: Platforms, history: History, take: Take) -> APIRouter:
    router = APIRouter(
        prefix="/api/v1/platforms", tags=["platforms"], route_class=ExactRoute
    )

    @router.get("", dependencies=[access(Access.VIEW)])
    async def all_platforms() -> list[PlatformTold]:
        """Every platform that has pushed something, and how much is kept of it."""
        return [PlatformTold(**row) for row in platforms.all()]

    @router.get("/{platform}", dependencies=[access(Access.VIEW)])
    async def everything(platform: str) -> list[HeldValue]:
        """All that is kept of a platform, newest first."""
        return [HeldValue(**row) for row in platforms.rows(platform)]

    @router.get("/{platform}/metrics/history", dependencies=[access(Access.VIEW)])
    async def metric_history(
        platform: str,
        name: str,
        since_ns: Annotated[int, Query(ge=0, lt=1 << 63)] = 0,
        limit: Annotated[int, Query(ge=1, le=10_000)] = 2_000,
    ) -> MetricHistory:
        """A custom metric over time: its newest values, oldest first."""
        points = history.points(platform, name, since_ns, limit)
        return MetricHistory(platform=platform, name=name, points=points)

    for subject, shape in PUSHED.items():
        _add(router, subject, shape, platforms, take)
    return router


def _add(
    router: APIRouter,
    subject: str,
    shape: type[Pushed],
    platforms: Platforms,
    take: Take,
) -> None:
    one: Any = shape
    words = subject.replace("-", " ")
    name = subject.replace("-", "_")

    async def push(
        platform: str,
        said: Annotated[
            one | Annotated[list[one], Body(min_length=1, max_length=MOST_AT_ONCE)], Body()
        ],
    ) -> Taken:
        all_said = said if isinstance(said, list) else [said]
        await take(platform, all_said)
        return Taken(taken=len(all_said))

    async def read(platform: str) -> list[HeldValue]:
        return [HeldValue(**row) for row in platforms.rows(platform, subject)]

    router.add_api_route(
        f"/{{platform}}/{subject}",
        push,
        methods=["POST"],
        name=f"push_{name}",
        summary=f"Push {words}",
        description=f"One or several at once, {MOST_AT_ONCE} at most.",
        dependencies=[access(Access.PUSH)],
    )
    router.add_api_route(
        f"/{{platform}}/{subject}",
        read,
        methods=["GET"],
        name=f"pushed_{name}",
        summary=f"The newest {words} of a platform",
        dependencies=[access(Access.VIEW)],
    )
