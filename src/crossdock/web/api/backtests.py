"""Backtests: each runs in a process of its own, and is kept until it is removed."""

from __future__ import annotations

import asyncio
from decimal import Decimal
from typing import Annotated, Any

from fastapi import APIRouter, Query, status

from crossdock.app.backtest import KeptRun, compare, load_run
from crossdock.app.catalogue import strategy_kinds
from crossdock.app.replay import Terms, check_run
from crossdock.errors import ConfigError, DataError
from crossdock.web.api.handed_in import FOR_TRADERS, FOR_VIEWERS, Here, Trader
from crossdock.web.api.times import span_ns, text_of
from crossdock.web.dashboard import Dashboard
from crossdock.web.exact_numbers import ExactRoute
from crossdock.web.problems import Problem
from crossdock.web.shapes.history import (
    Backtest,
    BacktestOrder,
    BacktestResult,
    Comparison,
    Difference,
)
from crossdock.web.work import Job
from crossdock.web.work.backtesting import plain_param

router = APIRouter(
    prefix="/backtests",
    tags=["backtests"],
    dependencies=[FOR_VIEWERS],
    route_class=ExactRoute,
)
KIND = "backtest"


@router.get("")
def backtests(here: Here) -> list[Backtest]:
    """Every backtest, newest first."""
    return [Backtest(**_told(job)) for job in here.jobs.all(KIND)]


@router.post("", status_code=status.HTTP_202_ACCEPTED)
async def begin(caller: Trader, here: Here, order: BacktestOrder) -> Backtest:
    """Begin a backtest on a stored series. Ask for it again to see how far it is."""
    start_ns, end_ns = span_ns(("start", "end"), order.start, order.end)
    await asyncio.to_thread(_check, here, order, start_ns, end_ns)
    asked = {
        **order.model_dump(exclude={"start", "end"}),
        "start_ns": start_ns,
        "end_ns": end_ns,
    }
    store = here.stored.folder
    return Backtest(
        **_told(await here.jobs.begin(KIND, asked, by=caller.name, store=store))
    )


def _check(
    here: Dashboard, order: BacktestOrder, start_ns: int | None, end_ns: int | None
) -> None:
    """Raise Problem, or ConfigError, for what would only fail in the worker."""
    known = {kind.name: kind for kind in strategy_kinds()}
    found = known.get(order.strategy)
    if found is None or found.problem:
        raise Problem(
            404,
            "unknown-strategy",
            f"there is no strategy {order.strategy!r} to test",
            hint=found.problem if found else f"there are: {', '.join(known)}",
        )
    if not Decimal(order.capital):
        raise Problem(422, "bad-argument", "capital: expected above zero")
    params = {name: plain_param(value) for name, value in order.params.items()}
    check_run(order.strategy, params, cash=order.capital)
    Terms(
        maker_fee=order.fee,
        taker_fee=order.fee,
        slippage_bps=order.slippage_bps,
        latency_ms=order.latency_ms,
    )
    try:
        series = here.stored.find(order.symbol, order.timeframe)
    except DataError as error:
        raise Problem(
            404,
            error.code,
            error.message,
            hint=f"{error.hint}; POST /api/v1/data/download fetches a venue's history",
        ) from error
    first_ns, last_ns = series.first_time_ns, series.last_time_ns
    ends = end_ns is not None and end_ns <= first_ns
    if ends or (start_ns is not None and start_ns > last_ns):
        raise Problem(
            422,
            "bad-argument",
            f"there are no {order.timeframe} bars of {order.symbol} in that time",
            hint=f"there are from {text_of(first_ns)} to {text_of(last_ns)}",
        )


@router.get("/compare")
def compared(
    here: Here,
    ids: Annotated[
        str, Query(max_length=2000, description="Two or more, with commas between.")
    ],
) -> Comparison:
    """Backtests side by side: what they differ in, and every figure."""
    names = list(dict.fromkeys(name for name in ids.split(",") if name))
    if not 2 <= len(names) <= 20:
        raise Problem(422, "bad-argument", "a comparison is of 2 to 20 backtests")
    jobs = [here.jobs.find(name, KIND) for name in names]
    for job in jobs:
        if job.state != "done":
            raise Problem(409, "backtest-unfinished", f"{job.id} is {job.state}")
    runs = [_kept(here, job) for job in jobs]
    return Comparison(
        runs=[BacktestResult(**_result(here, job)) for job in jobs],
        rows=[Difference(**row) for row in compare(runs)],
    )


@router.get("/{id}")
def one(here: Here, id: str) -> BacktestResult:  # noqa: A002
    """A backtest with its equity, drawdown, trades, and profit by day."""
    return BacktestResult(**_result(here, here.jobs.find(id, KIND)))


@router.post("/{id}/cancel", dependencies=[FOR_TRADERS])
async def cancel(here: Here, id: str) -> Backtest:  # noqa: A002
    """End one that waits or runs. One that has ended stays as it is."""
    return Backtest(**_told(await here.jobs.cancel(here.jobs.find(id, KIND))))


@router.delete("/{id}", dependencies=[FOR_TRADERS])
async def remove(here: Here, id: str) -> list[Backtest]:  # noqa: A002
    """Forget a backtest and all that it made; what is left is told."""
    await here.jobs.remove(here.jobs.find(id, KIND))
    return [Backtest(**_told(job)) for job in here.jobs.all(KIND)]


def _told(job: Job) -> dict[str, Any]:
    return {
        **job.asked,
        "id": job.id,
        "state": job.state,
        "progress": job.progress,
        "words": job.words,
        "error": job.words if job.state == "failed" else "",
        "by": job.by,
        "created_ns": job.created_ns,
        "started_ns": job.started_ns,
        "ended_ns": job.ended_ns,
        "figures": job.figures,
    }


def _result(here: Dashboard, job: Job) -> dict[str, Any]:
    return {**here.jobs.folder(job).read("result"), **_told(job)}


def _kept(here: Dashboard, job: Job) -> KeptRun:
    folder = here.jobs.folder(job)
    try:
        return load_run(str(folder.read("result").get("run")), root=folder.path / "run")
    except ConfigError as error:
        raise Problem(409, error.code, error.message, hint=error.hint) from error
