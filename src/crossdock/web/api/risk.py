"""Limits, the kill switch, flags, and doubts that a person ends."""

from __future__ import annotations

from fastapi import APIRouter

from crossdock.app.settings import FlagSettings
from crossdock.app.settings.limits import LIMIT_HELP
from crossdock.web.api.handed_in import FOR_VIEWERS, Admin, Desk, RiskOfficer, Trader, who
from crossdock.web.identity.routes.session import require_person
from crossdock.web.shapes.orders import Order, Verdict
from crossdock.web.shapes.risk import (
    Flag,
    FlagChange,
    Kill,
    Killed,
    LimitChange,
    LimitUse,
    Release,
    Released,
    Risk,
)

Flags = dict[str, bool | str | None]

router = APIRouter(tags=["risk"], dependencies=[FOR_VIEWERS])


@router.get("/risk")
async def risk(desk: Desk) -> Risk:
    """Every limit and how much of it is used; exposure; switches."""
    told = await desk.ask(Risk, "risk")
    for limit in told.limits:
        limit.help = LIMIT_HELP.get(limit.name, "")
    return told


@router.put("/risk/limits")
async def set_limit(caller: RiskOfficer, desk: Desk, change: LimitChange) -> LimitUse:
    """Override a limit until it is taken back. Needs the flag `risk_override`.

    A key may tighten it; whoever loosens it is a person who is signed in.
    """
    told = await desk.ask(LimitUse, "set_limit", **change.model_dump(), **who(caller))
    told.help = LIMIT_HELP.get(told.name, "")
    return told


@router.post("/risk/kill")
async def kill(caller: Trader, desk: Desk, asked: Kill) -> Killed:
    """Cancel everything of ours, refuse what is new, flatten if asked."""
    return await desk.ask(
        Killed, "kill", **asked.model_dump(exclude={"confirm"}), **who(caller)
    )


@router.post("/risk/release")
async def release(caller: RiskOfficer, desk: Desk, asked: Release) -> Released:
    """Let trading begin again after the kill switch: a person who is signed in, no key."""
    require_person(caller)
    return await desk.ask(Released, "release", account=asked.account, **who(caller))


@router.post("/doubts/{attempt}/resolve")
async def resolve(caller: RiskOfficer, desk: Desk, attempt: str, verdict: Verdict) -> Order:
    """Let a person who is signed in, no key, end a doubt that no evidence can settle."""
    require_person(caller)
    return await desk.ask(
        Order, "resolve", attempt=attempt, **verdict.model_dump(), **who(caller)
    )


@router.get("/flags")
async def flags(desk: Desk) -> list[Flag]:
    """What is switched on."""
    return _flags(await desk.ask(Flags, "flags"))


@router.put("/flags/{name}")
async def set_flag(caller: Admin, desk: Desk, name: str, change: FlagChange) -> list[Flag]:
    """Switch a feature on or off. The desk obeys it, journals it, and keeps it.

    A key may tighten what guards the desk; whoever loosens it is a person who is signed in.
    """
    return _flags(
        await desk.ask(Flags, "set_flag", name=name, value=change.value, **who(caller))
    )


def _flags(told: Flags) -> list[Flag]:
    known = FlagSettings.model_fields
    return [
        Flag(
            name=name,
            value=value,
            help=(known[name].description or "") if name in known else "",
        )
        for name, value in told.items()
    ]
