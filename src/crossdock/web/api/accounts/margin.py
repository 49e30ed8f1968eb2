"""Leverage and margin mode. Both are absolute: safe to ask for again after a doubt."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query

from crossdock.web.api.handed_in import Desk, RiskOfficer, who
from crossdock.web.exact_numbers import ExactRoute
from crossdock.web.shapes.accounts import (
    Leverage,
    LeverageChange,
    LeverageChosen,
    MarginModeChange,
    MarginModeChosen,
    Symbol,
)

router = APIRouter(route_class=ExactRoute)


@router.get("/leverage")
async def leverage(
    desk: Desk, account: str, symbol: Annotated[Symbol, Query()]
) -> Leverage:
    """The leverage of an instrument, as its venue says."""
    return await desk.ask(Leverage, "leverage", account=account, symbol=symbol)


@router.put("/leverage")
async def set_leverage(
    caller: RiskOfficer, desk: Desk, account: str, change: LeverageChange
) -> LeverageChosen:
    """Set it for the next orders. A key may lower it; whoever raises it is a person."""
    asked = change.model_dump()
    return await desk.ask(
        LeverageChosen, "set_leverage", account=account, **asked, **who(caller)
    )


@router.put("/margin-mode")
async def set_margin_mode(
    caller: RiskOfficer, desk: Desk, account: str, change: MarginModeChange
) -> MarginModeChosen:
    """Set cross or isolated margin of an instrument. A key may isolate it, and no more."""
    asked = change.model_dump()
    return await desk.ask(
        MarginModeChosen, "set_margin_mode", account=account, **asked, **who(caller)
    )
