"""The desk as a whole, how this installation is set up and fares, and who is told what."""

from __future__ import annotations

import asyncio
from typing import Annotated, Any

from fastapi import APIRouter, Query

from crossdock.app.care.doctor import examine
from crossdock.app.notify import Outbox, outbox_of, send_test_message
from crossdock.app.settings import Settings
from crossdock.web.api.handed_in import (
    FOR_ADMINS,
    FOR_VIEWERS,
    Admin,
    Desk,
    Here,
    RiskOfficer,
    who,
)
from crossdock.web.dashboard import Dashboard
from crossdock.web.identity.routes.session import require_person
from crossdock.web.problems import Problem
from crossdock.web.shapes._shape import Written
from crossdock.web.shapes.history import Setting
from crossdock.web.shapes.installation import (
    DeskStatus,
    Finding,
    Message,
    MessageTried,
    Receiver,
    Stop,
    Stopping,
)
from crossdock.web.shapes.venues import Integration

router = APIRouter(tags=["installation"], dependencies=[FOR_VIEWERS])


@router.get("/desk")
async def desk_status(desk: Desk) -> DeskStatus:
    """The desk as a whole: mode, journal, counts, profit, the newest alarms."""
    return await desk.ask(DeskStatus, "status")


@router.post("/desk/stop")
async def stop(caller: Admin, desk: Desk, asked: Stop) -> Stopping:
    """End the desk as Ctrl-C would: a person who is signed in, no key."""
    require_person(caller)
    return await desk.ask(Stopping, "stop", on_exit=asked.on_exit, **who(caller))


@router.get("/integrations")
async def integrations(
    desk: Desk,
    month: Annotated[
        str,
        Written(r"^(\d{4}-(0[1-9]|1[0-2]))?$", "a month, like 2026-11"),
        Query(examples=["2026-11"]),
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


@router.get("/doctor", dependencies=[FOR_ADMINS])
async def doctor(here: Here) -> list[Finding]:
    """What is wrong with the machine, the settings, the journal and the desk.

    The settings are read again as at the start: the file, and what was set over it.
    """
    _require_beside(here)
    settings = here.settings
    found = await asyncio.to_thread(examine, settings.file, settings.overrides())
    return [Finding.model_validate(each) for each in found]


@router.get("/notify")
def receivers(here: Here) -> list[Receiver]:
    """Who is told what, as in the settings."""
    return [
        Receiver(
            name=name,
            adapter=each.adapter,
            enabled=each.enabled,
            on=[str(kind) for kind in each.on],
            level=str(each.level),
            quiet=f"{each.quiet} {each.quiet_zone}" if each.quiet else "",
        )
        for name, each in here.settings.notify.items()
    ]


@router.get("/notify/outbox")
async def outbox(
    here: Here, limit: Annotated[int, Query(ge=1, le=1000)] = 100
) -> list[Message]:
    """Messages, newest first: sent, waiting, refused or too old, and why."""
    _require_beside(here)
    rows = await asyncio.to_thread(_messages, here.settings, limit)
    return [Message.model_validate(row) for row in rows]


@router.post("/notify/{name}/test")
async def send_test(caller: RiskOfficer, here: Here, name: str) -> MessageTried:
    """Send one message now, past the rules of its receiver."""
    alert = await send_test_message(here.settings, name, caller.name)
    return MessageTried(receiver=name, id=alert.id)


def _messages(settings: Settings, limit: int) -> list[dict[str, Any]]:
    path = outbox_of(settings)
    if not path.exists():
        return []
    kept = Outbox(path)
    try:
        return kept.rows(limit)
    finally:
        kept.close()


def _require_beside(here: Dashboard) -> None:
    """Raise Problem 409 where the desk's files lie on another machine."""
    if here.files is None:
        raise Problem(
            409,
            "desk-elsewhere",
            "the desk's files are not on this dashboard's machine",
            hint="ask a dashboard, or the command line, beside the desk",
        )
