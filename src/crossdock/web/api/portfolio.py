"""What is held and what it is worth."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query

from crossdock.web.api.handed_in import FOR_VIEWERS, LATEST_NS, Desk
from crossdock.web.shapes.portfolio import EquityCurve, Holdings, Position

router = APIRouter(tags=["portfolio"], dependencies=[FOR_VIEWERS])


@router.get("/positions")
async def positions(desk: Desk) -> list[Position]:
    """Balances and positions of every account, with their owners."""
    return await desk.ask(list[Position], "positions")


@router.get("/portfolio")
async def portfolio(desk: Desk) -> Holdings:
    """The whole desk in its own currency."""
    return await desk.ask(Holdings, "portfolio")


@router.get("/portfolio/equity")
async def equity(
    desk: Desk,
    since_ns: Annotated[int, Query(ge=0, le=LATEST_NS)] = 0,
    portfolio: Annotated[str, Query(max_length=64)] = "",
    strategy: Annotated[str, Query(max_length=128)] = "",
) -> EquityCurve:
    """Equity, profit, drawdown and exposure over time: all, a portfolio's, a strategy's."""
    return await desk.ask(
        EquityCurve, "equity", since_ns=since_ns, portfolio=portfolio, strategy=strategy
    )
