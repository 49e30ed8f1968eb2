"""The journal: searched, one order's story, why a position is what it is, and its checks."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query

from crossdock.web.api.handed_in import FOR_VIEWERS, LATEST_NS, Desk
from crossdock.web.shapes.history import JournalEntry, JournalPage, Step, Verified
from crossdock.web.shapes.orders import StoryLine

router = APIRouter(tags=["audit"], dependencies=[FOR_VIEWERS])


@router.get("/audit")
async def search(
    desk: Desk,
    text: Annotated[
        str, Query(max_length=200, description="Every word of it must occur.")
    ] = "",
    kinds: Annotated[list[str] | None, Query(max_length=50)] = None,
    account: Annotated[str, Query(max_length=64)] = "",
    since_ns: Annotated[int, Query(ge=0, le=LATEST_NS)] = 0,
    until_ns: Annotated[int | None, Query(ge=0, le=LATEST_NS)] = None,
    before: Annotated[
        int | None, Query(ge=0, le=LATEST_NS, description="A sequence number.")
    ] = None,
    limit: Annotated[int, Query(ge=1, le=1000)] = 100,
) -> JournalPage:
    """Records of the journal, newest first."""
    entries = await desk.ask(
        list[JournalEntry],
        "search",
        text=text,
        kinds=kinds or [],
        account=account,
        since_ns=since_ns,
        until_ns=until_ns,
        before=before,
        limit=limit,
    )
    more = entries[-1].sequence if len(entries) == limit else None
    return JournalPage(entries=entries, before=more)


@router.get("/audit/verify")
async def verify(desk: Desk) -> Verified:
    """Check every byte of the journal: nothing changed, nothing missing."""
    return await desk.ask(Verified, "verify")


@router.get("/audit/story/{name}")
async def story(desk: Desk, name: str) -> list[StoryLine]:
    """Every record of one cycle, found by any id in it: order, client, venue, correlation."""
    return await desk.ask(list[StoryLine], "trace", id=name)


@router.get("/audit/why/{instrument:path}")
async def why(
    desk: Desk, instrument: str, limit: Annotated[int, Query(ge=1, le=2000)] = 200
) -> list[Step]:
    """Why is my position this: what made it, newest first, with the position after each."""
    return await desk.ask(list[Step], "why", instrument=instrument, limit=limit)
