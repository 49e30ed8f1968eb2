"""Loans, transfers and what idle assets earn: money that moves.

Administrators who are signed in ask for it, never a key, and always under an
Idempotency-Key: the desk could not tell a wish from its repetition.
"""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Query, Request, status

from crossdock.web.api.handed_in import Admin, Desk, who
from crossdock.web.exact_numbers import ExactRoute
from crossdock.web.idempotency import HEADER
from crossdock.web.identity.access import Caller
from crossdock.web.identity.routes.session import require_person
from crossdock.web.problems import Problem
from crossdock.web.shapes.accounts import (
    Asset,
    BorrowRate,
    EarnHolding,
    EarnOffer,
    EarnTerms,
    Loan,
    LoanTerms,
    Moved,
    Movement,
    SubAccount,
    TransferTerms,
)
from crossdock.web.shapes.orders import Verdict

router = APIRouter(route_class=ExactRoute)


@router.get("/borrow-rates")
async def borrow_rates(
    desk: Desk,
    account: str,
    assets: Annotated[list[Asset], Query(min_length=1, max_length=50)],
) -> list[BorrowRate]:
    """What borrowing costs now."""
    return await desk.ask(list[BorrowRate], "borrow_rates", account=account, assets=assets)


@router.get("/loans")
async def loans(desk: Desk, account: str) -> list[Loan]:
    """What is owed."""
    return await desk.ask(list[Loan], "loans", account=account)


@router.post("/loans/borrow", status_code=status.HTTP_201_CREATED)
async def borrow(
    request: Request, caller: Admin, desk: Desk, account: str, terms: LoanTerms
) -> Moved:
    """Borrow on margin: a person who is signed in, with an Idempotency-Key."""
    return await _move(request, caller, desk, "borrow", account, terms.model_dump())


@router.post("/loans/repay", status_code=status.HTTP_201_CREATED)
async def repay(
    request: Request, caller: Admin, desk: Desk, account: str, terms: LoanTerms
) -> Moved:
    """Pay back what was borrowed: a person who is signed in, with an Idempotency-Key."""
    return await _move(request, caller, desk, "repay", account, terms.model_dump())


@router.get("/wallets")
async def wallets(desk: Desk, account: str) -> list[str]:
    """The names that a transfer knows."""
    return await desk.ask(list[str], "wallets", account=account)


@router.get("/sub-accounts")
async def sub_accounts(desk: Desk, account: str) -> list[SubAccount]:
    """The accounts beneath this one."""
    return await desk.ask(list[SubAccount], "sub_accounts", account=account)


@router.post("/transfers", status_code=status.HTTP_201_CREATED)
async def transfer(
    request: Request, caller: Admin, desk: Desk, account: str, terms: TransferTerms
) -> Moved:
    """Move money between two wallets, or a wallet and a sub-account.

    A person who is signed in asks it, with an Idempotency-Key.
    """
    return await _move(request, caller, desk, "transfer", account, terms.model_dump())


@router.get("/movements")
async def movements(desk: Desk, account: str) -> list[Movement]:
    """Money that was asked to move: the newest that is done, then all that is open."""
    return await desk.ask(list[Movement], "movements", account=account)


@router.post("/movements/{movement}/settle")
async def settle(
    caller: Admin, desk: Desk, account: str, movement: str, verdict: Verdict
) -> Movement:
    """Let a person who is signed in, no key, end the doubt of a movement."""
    require_person(caller)
    return await desk.ask(
        Movement,
        "settle_movement",
        account=account,
        movement=movement,
        **verdict.model_dump(),
        **who(caller),
    )


@router.get("/earn/offers")
async def earn_offers(
    desk: Desk, account: str, asset: Annotated[str, Query(max_length=64)] = ""
) -> list[EarnOffer]:
    """What the venue pays for assets left with it."""
    return await desk.ask(list[EarnOffer], "earn_offers", account=account, asset=asset)


@router.get("/earn/holdings")
async def earn_holdings(desk: Desk, account: str) -> list[EarnHolding]:
    """What is left with the venue to earn."""
    return await desk.ask(list[EarnHolding], "earn_holdings", account=account)


@router.post("/earn/subscribe", status_code=status.HTTP_201_CREATED)
async def earn_subscribe(
    request: Request, caller: Admin, desk: Desk, account: str, terms: EarnTerms
) -> Moved:
    """Leave an amount with the venue: a person signed in, with an Idempotency-Key."""
    return await _move(request, caller, desk, "earn_subscribe", account, terms.model_dump())


@router.post("/earn/redeem", status_code=status.HTTP_201_CREATED)
async def earn_redeem(
    request: Request, caller: Admin, desk: Desk, account: str, terms: EarnTerms
) -> Moved:
    """Take an amount back: a person who is signed in, with an Idempotency-Key."""
    return await _move(request, caller, desk, "earn_redeem", account, terms.model_dump())


async def _move(
    request: Request,
    caller: Caller,
    desk: Desk,
    op: str,
    account: str,
    terms: dict[str, Any],
) -> Moved:
    """Ask for money to move. Raises Problem with nothing asked of the desk."""
    require_person(caller)
    if not request.headers.get(HEADER):
        raise Problem(
            422,
            "idempotency-key-missing",
            f"the header {HEADER} is missing",
            hint="send a new random text with every movement, and the same to repeat it",
        )
    return await desk.ask(Moved, op, account=account, **terms, **who(caller))
