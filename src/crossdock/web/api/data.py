"""Stored series, downloads into them, and the jobs that do it."""

from __future__ import annotations

import asyncio
import tempfile
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

from fastapi import APIRouter, Query, status

from crossdock import model
from crossdock.app.financing.shown import shown
from crossdock.app.venues.statements import read_statement
from crossdock.errors import DataError
from crossdock.web.api.handed_in import FOR_TRADERS, FOR_VIEWERS, LATEST_NS, Here, Trader
from crossdock.web.api.times import span_ns
from crossdock.web.problems import Problem
from crossdock.web.shapes.history import Download, Job, Series
from crossdock.web.shapes.installation import Statement, VenueExport
from crossdock.web.shapes.market import Candles
from crossdock.web.shapes.orders import Fill

router = APIRouter(tags=["data"], dependencies=[FOR_VIEWERS])


@router.get("/data")
async def series(here: Here) -> list[Series]:
    """Every stored series, how fresh it is, and where it has gaps."""
    return [Series(**each) for each in await here.stored.all()]


@router.post("/data/download", status_code=status.HTTP_202_ACCEPTED)
async def download(caller: Trader, here: Here, asked: Download) -> Job:
    """Begin to fetch a venue's own history. Repeated, it goes on where it was."""
    start_ns, end_ns = span_ns(("since", "until"), asked.since, asked.until)
    now_ns = here.now_ns()
    if start_ns is None or start_ns >= now_ns:
        raise Problem(422, "bad-argument", "since is not before now")
    try:
        model.width_of(asked.timeframe)
    except ValueError as error:
        raise Problem(422, "bad-argument", f"timeframe: {error}") from error
    job = await here.jobs.begin(
        "download",
        {
            "symbol": asked.symbol,
            "timeframe": asked.timeframe,
            "start_ns": start_ns,
            "end_ns": min(end_ns or now_ns, now_ns),
        },
        by=caller.name,
        store=here.stored.folder,
    )
    return Job(**asdict(job))


@router.get("/data/{name:path}/bars")
async def bars(
    here: Here,
    name: str,
    start_ns: Annotated[int | None, Query(ge=0, le=LATEST_NS)] = None,
    end_ns: Annotated[int | None, Query(ge=0, le=LATEST_NS)] = None,
    last: Annotated[int, Query(ge=1, le=20_000)] = 500,
) -> Candles:
    """Bars of a series, named as the list names it: `BTC/USDT@binance 1m`."""
    try:
        told = await here.stored.bars(name, start_ns=start_ns, end_ns=end_ns, last=last)
    except DataError as error:
        is_missing = error.code == "data-missing"
        raise Problem(
            404 if is_missing else 409, error.code, error.message, hint=error.hint
        ) from error
    return Candles(**told)


@router.post("/data/statement", dependencies=[FOR_TRADERS])
async def statement(asked: VenueExport) -> Statement:
    """The fills in a venue's export, of closed venues, too. All of it or nothing is read,
    and nothing is kept.
    """
    try:
        return await asyncio.to_thread(_read, asked)
    except DataError as error:
        raise Problem(422, error.code, error.message, hint=error.hint) from error


def _read(asked: VenueExport) -> Statement:
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "statement.csv"
        file.write_bytes(asked.csv.encode())
        found = read_statement(
            asked.venue, file, account=asked.account, timezone=asked.timezone
        )
    return Statement(
        venue=found.venue,
        what=found.what,
        fills=[_told(fill) for fill in found.fills],
        left_out=dict(found.left_out),
        duplicates=found.duplicates,
        notes=list(found.notes),
    )


def _told(fill: model.Fill) -> Fill:
    more = ", ".join(f"{fee:f} {asset}" for asset, fee in fill.more_fees)
    return Fill.model_validate({**shown(fill), "more_fees": more or None})


@router.get("/jobs")
def jobs(here: Here) -> list[Job]:
    """Backtests and downloads that wait, run or have ended, newest first."""
    return [Job(**asdict(job)) for job in here.jobs.all()]


@router.get("/jobs/{id}")
def job(here: Here, id: str) -> Job:  # noqa: A002
    return Job(**asdict(here.jobs.find(id)))


@router.post("/jobs/{id}/cancel", dependencies=[FOR_TRADERS])
async def cancel(here: Here, id: str) -> Job:  # noqa: A002
    """End one that waits or runs. One that has ended stays as it is."""
    return Job(**asdict(await here.jobs.cancel(here.jobs.find(id))))


@router.delete("/jobs/{id}", dependencies=[FOR_TRADERS])
async def remove(here: Here, id: str) -> list[Job]:  # noqa: A002
    """Forget a job and all that it made, stored bars excepted; what is left is told."""
    await here.jobs.remove(here.jobs.find(id))
    return [Job(**asdict(each)) for each in here.jobs.all()]
