"""Strategies: what runs, what can be started."""

from __future__ import annotations

from typing import Literal

from fastapi import APIRouter, Request

from crossdock.web.api.handed_in import FOR_VIEWERS, Desk, Trader, who
from crossdock.web.idempotency import require_key
from crossdock.web.shapes.strategies import (
    Params,
    StartTrading,
    StopTrading,
    Strategy,
    StrategyKind,
)

router = APIRouter(tags=["strategies"], dependencies=[FOR_VIEWERS])


@router.get("/strategies")
async def strategies(desk: Desk) -> list[Strategy]:
    """Every strategy of the desk, with its figures and its last words."""
    return await desk.ask(list[Strategy], "strategies")


@router.get("/strategies/kinds")
async def kinds(desk: Desk) -> list[StrategyKind]:
    """What can be started by name, with its parameters."""
    return await desk.ask(list[StrategyKind], "strategy_kinds")


@router.post("/strategies/start-trading")
async def start_trading(
    request: Request, caller: Trader, desk: Desk, asked: StartTrading
) -> Strategy:
    """Start a strategy on symbols and accounts: one of this desk, or a new one of a kind.

    A program sends an Idempotency-Key, so that what it repeats begins no second one.
    """
    require_key(request, caller)
    return await desk.ask(Strategy, "start_trading", **asked.model_dump(), **who(caller))


@router.post("/strategies/stop-trading")
async def stop_trading(caller: Trader, desk: Desk, asked: StopTrading) -> list[Strategy]:
    """Stop one strategy, or all. Orders stay as they are."""
    return await desk.ask(
        list[Strategy], "stop_trading", strategy=asked.strategy, **who(caller)
    )


@router.post("/strategies/{name}/{action}")
async def steer(
    caller: Trader,
    desk: Desk,
    name: str,
    action: Literal["start", "stop", "pause", "resume", "remove"],
) -> Strategy:
    """Steer one strategy. A paused one hears of its orders and opens nothing."""
    return await desk.ask(Strategy, "strategy", name=name, action=action, **who(caller))


@router.put("/strategies/{name}/params")
async def set_params(caller: Trader, desk: Desk, name: str, asked: Params) -> Strategy:
    """Give a strategy other parameters; it is restarted with them and keeps its state."""
    return await desk.ask(
        Strategy, "set_params", name=name, params=asked.params, **who(caller)
    )
