"""`/health`, the one answer that needs no sign-in; `/integration-status`; `/metrics`."""

import sqlite3
import time
from typing import Any, Literal

from fastapi import APIRouter, Request, Response
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, generate_latest
from pydantic import BaseModel, Field

from crossdock.errors import Error
from crossdock.web.dashboard import Dashboard, dashboard_of
from crossdock.web.health.desk_figures import DeskFigures
from crossdock.web.health.meters import Heard
from crossdock.web.identity.access import Access, access, public

router = APIRouter(tags=["health"])

ASKED_S = 2.0  # within which a desk that is well answers
FRESH_S = 1.0  # whoever asks more often is told the same

Standing = Literal["ok", "away"]


class Health(BaseModel):
    """`platform`: the way to the desk; `desk`: it answers; `redis`, `database`: where
    sessions and users are kept. No more than that is told to everybody.
    """

    status: Literal["ok", "degraded", "failing"]
    platform: Standing
    desk: Standing
    database: Standing
    redis: Literal["ok", "away", "unused"]


@router.get("/health", dependencies=[public()])
async def health(request: Request, response: Response) -> Health:
    """Tell a load balancer whether to send people here: 503 when nobody could sign in.

    Without its desk an instance is `degraded`, and still answers from the desk's files.
    """
    dashboard = dashboard_of(request)
    database = _database(dashboard)
    redis: Literal["ok", "away", "unused"] = "unused"
    if dashboard.settings.dashboard.redis_url.reveal():
        redis = await _kept(dashboard)
    desk = await _desk(dashboard)
    platform: Standing = "ok" if dashboard.link.standing.is_connected else "away"
    is_failing = database == "away" or redis == "away"
    if is_failing:
        response.status_code = 503
    status: Literal["ok", "degraded", "failing"] = "ok" if desk == "ok" else "degraded"
    return Health(
        status="failing" if is_failing else status,
        platform="ok" if desk == "ok" else platform,
        desk=desk,
        database=database,
        redis=redis,
    )


def _database(dashboard: Dashboard) -> Standing:
    try:
        dashboard.identity.database.row("SELECT 1 FROM users LIMIT 1")
    except sqlite3.Error:
        return "away"
    return "ok"


async def _kept(dashboard: Dashboard) -> Standing:
    try:
        await dashboard.kept.ping()
    except OSError:
        return "away"
    return "ok"


async def _desk(dashboard: Dashboard) -> Standing:
    """Ask the desk for little, and not more often than once a second."""
    heard = dashboard.meters.heard
    now_s = time.monotonic()
    if heard is None or now_s - heard.at_s > FRESH_S:
        try:
            await dashboard.link.ask("flags", within_s=ASKED_S)
            is_well = True
        except Error:
            is_well = False
        heard = dashboard.meters.heard = Heard(is_well=is_well, at_s=now_s)
    return "ok" if heard.is_well else "away"


class Link(BaseModel):
    """The way to the desk, since when it is as it is, and why it is not there."""

    connected: bool
    address: str
    since_ns: int
    words: str = ""


class Freshness(BaseModel):
    """A market: since when it has said nothing, null before its first word."""

    instrument: str
    ready: bool
    age_s: float | None


class IntegrationStatus(BaseModel):
    platform: Link
    data_freshness: list[Freshness] = Field(description="The stalest first.")
    websocket_clients: int
    last_update_ns: int | None = Field(description="The newest word of any market.")


@router.get("/integration-status", dependencies=[access(Access.VIEW)])
async def integration_status(request: Request) -> IntegrationStatus:
    """Whether the desk is connected, how fresh its data is, and how many are pushed to."""
    dashboard = dashboard_of(request)
    try:
        books: list[dict[str, Any]] = await dashboard.link.ask("books", within_s=ASKED_S)
    except Error:
        books = []
    now_ns = time.time_ns()
    rows = [
        Freshness(
            instrument=book["instrument"],
            ready=book["ready"],
            age_s=round(max(now_ns - book["at"], 0) / 1e9, 3) if book["at"] else None,
        )
        for book in books
    ]
    rows.sort(key=lambda row: (row.age_s is not None, -(row.age_s or 0.0)))
    standing = dashboard.link.standing
    return IntegrationStatus(
        platform=Link(
            connected=standing.is_connected,
            address=str(dashboard.link.address),
            since_ns=standing.since_ns,
            words=standing.words,
        ),
        data_freshness=rows,
        websocket_clients=dashboard.meters.push_clients(),
        last_update_ns=max((book["at"] for book in books), default=0) or None,
    )


@router.get(
    "/metrics",
    dependencies=[access(Access.VIEW)],
    response_class=Response,
    responses={200: {"content": {"text/plain": {}}, "description": "Prometheus's text."}},
)
async def metrics(request: Request) -> Response:
    """Figures for Prometheus, which signs in by an API key with the scope `view`."""
    dashboard = dashboard_of(request)
    try:
        status: Any = await dashboard.link.ask("status", within_s=ASKED_S)
    except Error:
        status = None
    desk = CollectorRegistry()
    desk.register(DeskFigures(status))
    text = generate_latest(dashboard.meters.registry) + generate_latest(desk)
    return Response(text, media_type=CONTENT_TYPE_LATEST)
