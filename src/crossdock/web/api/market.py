"""The market as the desk sees it. A symbol may name its venue after @."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query

from crossdock.web.api.handed_in import FOR_VIEWERS, LATEST_NS, Desk
from crossdock.web.shapes.market import Candles, Instrument, Ladder, Signal, Top

router = APIRouter(tags=["market"], dependencies=[FOR_VIEWERS])


@router.get("/market/books")
async def books(desk: Desk) -> list[Top]:
    """The best prices of every book that the desk follows."""
    return await desk.ask(list[Top], "books")


@router.get("/market/ladder/{symbol:path}")
async def ladder(
    desk: Desk, symbol: str, depth: Annotated[int, Query(ge=1, le=200)] = 20
) -> Ladder:
    """All venues' books of a symbol as one, with our own orders in it."""
    return await desk.ask(Ladder, "ladder", symbol=symbol, depth=depth)


@router.get("/market/candles/{symbol:path}")
async def candles(
    desk: Desk,
    symbol: str,
    timeframe: Annotated[str, Query(max_length=8)] = "1m",
    last: Annotated[int, Query(ge=1, le=2000)] = 500,
    end_ns: Annotated[int | None, Query(ge=0, le=LATEST_NS)] = None,
) -> Candles:
    """Bars, the one that forms, and the indicators that strategies go by."""
    return await desk.ask(
        Candles, "candles", symbol=symbol, timeframe=timeframe, last=last, end_ns=end_ns
    )


@router.get("/market/instruments/{account}")
async def instruments(desk: Desk, account: str) -> list[Instrument]:
    """What an account can trade, in which steps, and by which types of order."""
    rows = await desk.ask(list[Instrument], "instruments", account=account)
    for row in rows:
        row.account, row.venue = account, row.instrument.rpartition("@")[2]
    return rows


@router.get("/signals")
async def signals(
    desk: Desk, limit: Annotated[int, Query(ge=1, le=1000)] = 100
) -> list[Signal]:
    """What strategies said, how sure they were, and what became of it; newest first."""
    return await desk.ask(list[Signal], "signals", limit=limit)
