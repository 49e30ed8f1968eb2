"""Orders: asked about, rehearsed, placed, amended, cancelled."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query, Request, status

from crossdock.web.api.handed_in import FOR_VIEWERS, Desk, Trader, who
from crossdock.web.exact_numbers import ExactRoute
from crossdock.web.idempotency import require_key
from crossdock.web.identity.routes.session import require_person
from crossdock.web.shapes.orders import (
    Amendment,
    Doubt,
    Fill,
    NewOrder,
    Order,
    OrderTerms,
    Rehearsal,
    StoryLine,
)

router = APIRouter(tags=["orders"], dependencies=[FOR_VIEWERS], route_class=ExactRoute)
Strategy = Annotated[
    str, Query(max_length=64, description="Of this one alone; `manual`: placed by hand.")
]
Symbol = Annotated[
    str,
    Query(max_length=128, description="Of this one alone: BTC/USDT, or with its @venue."),
]
by_its_old_name = APIRouter(
    tags=["orders"], dependencies=[FOR_VIEWERS], route_class=ExactRoute
)


@router.get("/orders")
async def orders(
    desk: Desk,
    all: Annotated[bool, Query(description="Those that are done, too.")] = False,  # noqa: A002
    limit: Annotated[int, Query(ge=1, le=5000)] = 100,
    strategy: Strategy = "",
    symbol: Symbol = "",
) -> list[Order]:
    """Working orders, newest first."""
    asked = {"limit": limit, "strategy": strategy, "symbol": symbol}
    return await desk.ask(list[Order], "orders", all=all, **asked)


@router.post("/orders/dry-run")
async def dry_run(desk: Desk, terms: OrderTerms) -> Rehearsal:
    """Say whether an order would pass every check, and why not. Nothing is sent or kept."""
    return await desk.ask(Rehearsal, "dry_run", **terms.model_dump())


@router.post("/orders", status_code=status.HTTP_201_CREATED)
@by_its_old_name.post("/place-order", status_code=status.HTTP_201_CREATED)
async def place(request: Request, caller: Trader, desk: Desk, order: NewOrder) -> Order:
    """Place one order. It is journaled before its first byte goes out, and sent once.

    Only a person who is signed in may `approve` it: an API key is refused.
    """
    require_key(request, caller)
    if order.approve:
        require_person(caller)
    asked = order.model_dump(exclude={"approve"})
    approved_by = caller.name if order.approve else ""
    return await desk.ask(Order, "place", **asked, approved_by=approved_by, **who(caller))


@router.get("/orders/{order_id}/story")
async def story(desk: Desk, order_id: str) -> list[StoryLine]:
    """Every journal record of one order, oldest first."""
    return await desk.ask(list[StoryLine], "trace", id=order_id)


@router.patch("/orders/{order_id}")
async def amend(caller: Trader, desk: Desk, order_id: str, amendment: Amendment) -> Order:
    """Change a working order, where its venue amends; its outcome is told by the order."""
    return await desk.ask(
        Order, "amend", order=order_id, **amendment.model_dump(), **who(caller)
    )


@router.delete("/orders/{order_id}")
async def cancel(caller: Trader, desk: Desk, order_id: str) -> Order:
    """Ask the venue to cancel. The order stays working until the venue has proven it."""
    return await desk.ask(Order, "cancel", order=order_id, **who(caller))


@router.get("/fills")
async def fills(
    desk: Desk,
    limit: Annotated[int, Query(ge=1, le=5000)] = 100,
    strategy: Strategy = "",
    symbol: Symbol = "",
) -> list[Fill]:
    """Executions, newest first."""
    asked = {"limit": limit, "strategy": strategy, "symbol": symbol}
    return await desk.ask(list[Fill], "fills", **asked)


@router.get("/doubts")
async def doubts(desk: Desk) -> list[Doubt]:
    """Writes whose fate is not known, with what is set aside for each."""
    return await desk.ask(list[Doubt], "doubts")
