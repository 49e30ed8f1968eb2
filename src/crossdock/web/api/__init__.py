"""The routes, one file a subject."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from crossdock.web.dashboard import Dashboard
    from crossdock.web.parts import Part


def api_part(dashboard: Dashboard) -> Part:
    from fastapi import APIRouter

    from crossdock.web.api import (
        accounts,
        audit,
        backtests,
        data,
        installation,
        market,
        orders,
        portfolio,
        risk,
        strategies,
        venues,
    )
    from crossdock.web.parts import Part
    from crossdock.web.schema import page

    newest = APIRouter(prefix="/api/v1")
    for subject in (
        orders,
        portfolio,
        market,
        strategies,
        risk,
        venues,
        accounts,
        backtests,
        data,
        audit,
        installation,
    ):
        newest.include_router(subject.router)
    unversioned = APIRouter(prefix="/api")
    unversioned.include_router(venues.brokers)
    unversioned.include_router(orders.by_its_old_name)
    return Part(routers=[newest, unversioned, page.router], running=dashboard.jobs)
