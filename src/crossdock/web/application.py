"""The dashboard as one ASGI application: by itself, or mounted in another one."""

from __future__ import annotations

import asyncio
import time
import traceback
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from typing import TYPE_CHECKING, Any

from fastapi import APIRouter, FastAPI, Request
from starlette.middleware.gzip import GZipMiddleware
from starlette.types import ASGIApp, Receive, Scope, Send

import crossdock
from crossdock.app.data import data_folder
from crossdock.app.settings import Settings
from crossdock.web.body_limit import BodyLimit
from crossdock.web.dashboard import Dashboard, dashboard_of
from crossdock.web.health.meters import Metering
from crossdock.web.idempotency import Once
from crossdock.web.identity.access import (
    Access,
    access,
    caller_of,
    require_rules,
    ruled_routes,
)
from crossdock.web.identity.identity import Identity
from crossdock.web.identity.threshold import Threshold
from crossdock.web.link import DeskLink
from crossdock.web.link.address import desk_address
from crossdock.web.link.desk_files import DeskFiles
from crossdock.web.parts import Part, PartOf, parts
from crossdock.web.problems import tell_problems
from crossdock.web.proxies import Proxies
from crossdock.web.schema.description import describe
from crossdock.web.security_headers import SecurityHeaders
from crossdock.web.site import Site
from crossdock.web.work.jobs import Jobs
from crossdock.web.work.stored import Stored

if TYPE_CHECKING:
    from argon2 import PasswordHasher

COMPRESSED_BYTES = 2_000  # fills and candles; shorter ones would cost more than they save


def create_application(
    settings: Settings,
    *,
    link: DeskLink | None = None,
    now_ns: Callable[[], int] = time.time_ns,
    hasher: PasswordHasher | None = None,
    made_of: Sequence[PartOf] | None = None,
) -> DashboardApplication:
    """Put a dashboard together. Raises ConfigError for settings it cannot use.

    In another ASGI application it may be mounted under any path. It starts with the first
    request then, unless the other one's lifespan enters `running()`.
    """
    started = now_ns()
    identity = Identity(settings.dashboard, now_ns, hasher=hasher)
    dashboard = Dashboard(
        settings=settings,
        link=link or desk_link(settings),
        identity=identity,
        kept=identity.kept,
        now_ns=now_ns,
        started_ns=started,
        files=None if settings.dashboard.platform_url else DeskFiles(settings),
        jobs=Jobs(settings.dashboard.database.parent / "jobs", settings.file, now_ns),
        stored=Stored(data_folder(), now_ns),
    )
    made = [part_of(dashboard) for part_of in (parts() if made_of is None else made_of)]
    return DashboardApplication(dashboard, made)


def desk_link(settings: Settings) -> DeskLink:
    """Return the way to the desk that these settings name."""
    chosen = settings.dashboard
    secret = chosen.platform_secret or settings.desk.control_secret
    return DeskLink(
        desk_address(
            chosen.platform_url,
            control=settings.desk.control,
            secret=secret.reveal(),
            certificate=chosen.platform_certificate,
        )
    )


class DashboardApplication:
    """An ASGI application. What it runs, it runs in a task of its own."""

    def __init__(self, dashboard: Dashboard, made_of: Sequence[Part]) -> None:
        self.dashboard = dashboard
        self._parts = made_of
        self.api = _api(dashboard, made_of, self._lifespan)
        once = Once(self.api, dashboard.identity.gatekeeper, dashboard.kept)
        within: ASGIApp = GZipMiddleware(
            BodyLimit(once), minimum_size=COMPRESSED_BYTES, compresslevel=4
        )
        self._within = Proxies(
            SecurityHeaders(within), dashboard.settings.dashboard.trusted_proxies
        )
        self._life: asyncio.Task[None] | None = None
        self._begun: asyncio.Future[None] | None = None
        self._end = asyncio.Event()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "lifespan":
            await self._begin()
        await self._within(scope, receive, send)

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """Start what runs beside the requests; end it on leaving."""
        await self._begin()
        try:
            yield
        finally:
            self._end.set()
            if self._life is not None:
                await asyncio.gather(self._life, return_exceptions=True)

    @asynccontextmanager
    async def _lifespan(self, _: FastAPI) -> AsyncIterator[None]:
        async with self.running():
            yield

    async def _begin(self) -> None:
        if self._begun is None:
            self._begun = asyncio.get_running_loop().create_future()
            self._life = asyncio.create_task(self._live(self._begun))
        if not self._begun.done():
            await asyncio.shield(self._begun)
        self._begun.result()

    async def _live(self, begun: asyncio.Future[None]) -> None:
        try:
            async with AsyncExitStack() as stack:
                stack.push_async_callback(self.dashboard.identity.close)
                await stack.enter_async_context(self.dashboard.link)
                for part in self._parts:
                    if part.running is not None:
                        await stack.enter_async_context(part.running)
                begun.set_result(None)
                await self._end.wait()
        except Exception as error:
            if begun.done():
                raise
            begun.set_exception(error)


def _api(dashboard: Dashboard, made_of: Sequence[Part], lifespan: Any) -> FastAPI:
    api = FastAPI(
        title="Crossdock",
        version=crossdock.__version__,
        summary="Everything a desk can be asked, and told.",
        openapi_url=None,  # the routes below tell it to those who are signed in
        docs_url=None,
        redoc_url=None,
        redirect_slashes=False,
        lifespan=lifespan,
    )
    api.state.dashboard = dashboard
    tell_problems(api, _told_inside)
    for part in made_of:
        for router in part.routers:
            api.include_router(router)
    api.include_router(_description())
    require_rules(api)
    describe(api)
    api.add_middleware(Threshold, routes=ruled_routes(api))
    api.add_middleware(Metering, meters=dashboard.meters)
    for part in made_of:
        for path, application in part.mounts.items():
            api.mount(path, application)
    # Not mounted: a mount would take every method of every path from the routes above.
    api.router.default = Site()
    return api


def _told_inside(request: Request, error: Exception) -> dict[str, Any]:
    """Return the traceback, to an administrator of a dashboard that is being debugged."""
    settings = dashboard_of(request).settings
    caller = caller_of(request)
    if not settings.dashboard.debug or caller is None or not caller.may(Access.ADMIN):
        return {}
    lines = "".join(traceback.format_exception(error))
    return {"traceback": settings.masker().scrub(lines)}


def _description() -> APIRouter:
    router = APIRouter()

    @router.get(
        "/openapi.json", include_in_schema=False, dependencies=[access(Access.VIEW)]
    )
    async def description(request: Request) -> dict[str, Any]:
        application: FastAPI = request.app
        return application.openapi()

    return router
