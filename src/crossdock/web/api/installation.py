"""How this installation is set up, and how the calls it makes fare."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query

from crossdock.web.api.handed_in import FOR_ADMINS, FOR_VIEWERS, Desk, Here
from crossdock.web.shapes.history import Setting
from crossdock.web.shapes.venues import Integration

router = APIRouter(tags=["installation"], dependencies=[FOR_VIEWERS])


@router.get("/integrations")
async def integrations(
    desk: Desk,
    month: Annotated[
        str, Query(pattern=r"^(\d{4}-(0[1-9]|1[0-2]))?$", examples=["2026-11"])
    ] = "",
) -> list[Integration]:
    """Calls, success, latency and limits of each host that accounts talk to."""
    return await desk.ask(list[Integration], "integrations", month=month)


@router.get("/settings", dependencies=[FOR_ADMINS])
def settings(here: Here) -> list[Setting]:
    """Every setting of the dashboard's file, secrets masked, and where each came from."""
    return [
        Setting(key=row.key, value=row.value, origin=str(row.origin))
        for row in here.settings.shown()
    ]
