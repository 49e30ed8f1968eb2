"""What an account's venue tells besides prices: rates, chains, calendars, rights."""

from __future__ import annotations

from datetime import date
from typing import Annotated

from fastapi import APIRouter, Query

from crossdock.web.api.handed_in import LATEST_NS, Desk
from crossdock.web.problems import Problem
from crossdock.web.shapes.accounts import (
    AccountFacts,
    Asset,
    Auction,
    FeeRates,
    FundingRate,
    KeyRights,
    OptionQuote,
    Symbol,
    TradingDay,
)

LONGEST_HISTORY_NS = 366 * 24 * 3600 * 1_000_000_000  # asked of the venue page by page
LONGEST_CALENDAR_DAYS = 10 * 366

Symbols = Annotated[list[Symbol], Query(min_length=1, max_length=50)]
FirstDay = Annotated[date, Query(description="Like 2026-01-31.")]
LastDay = Annotated[date, Query(description="Included.")]

router = APIRouter()


@router.get("/funding-rates")
async def funding_rates(desk: Desk, account: str, symbols: Symbols) -> list[FundingRate]:
    """What longs of perpetuals pay shorts at the next funding."""
    return await desk.ask(
        list[FundingRate], "funding_rates", account=account, symbols=symbols
    )


@router.get("/funding-rates/history")
async def funding_rate_history(
    desk: Desk,
    account: str,
    symbol: Annotated[Symbol, Query()],
    start_ns: Annotated[int, Query(ge=0, le=LATEST_NS)],
    end_ns: Annotated[int, Query(ge=0, le=LATEST_NS)],
) -> list[FundingRate]:
    """Past rates of one perpetual, oldest first: a year of them at most."""
    if not 0 < end_ns - start_ns <= LONGEST_HISTORY_NS:
        raise Problem(422, "bad-argument", "start_ns is before end_ns, by 366 days at most")
    return await desk.ask(
        list[FundingRate],
        "funding_rate_history",
        account=account,
        symbol=symbol,
        start_ns=start_ns,
        end_ns=end_ns,
    )


@router.get("/fee-rates")
async def fee_rates(desk: Desk, account: str, symbols: Symbols) -> list[FeeRates]:
    """What this account pays, as fractions of the notional."""
    return await desk.ask(list[FeeRates], "fee_rates", account=account, symbols=symbols)


@router.get("/options")
async def option_chain(
    desk: Desk,
    account: str,
    underlying: Annotated[Asset, Query()],
    expiry_time_ns: Annotated[
        int | None, Query(ge=0, le=LATEST_NS, description="Only of this one.")
    ] = None,
) -> list[OptionQuote]:
    """The options on an asset, with implied volatilities and Greeks."""
    return await desk.ask(
        list[OptionQuote],
        "option_chain",
        account=account,
        underlying=underlying,
        expiry_time_ns=expiry_time_ns,
    )


@router.get("/calendar")
async def calendar(
    desk: Desk, account: str, start: FirstDay, end: LastDay
) -> list[TradingDay]:
    """The days on which the market is open."""
    return await desk.ask(
        list[TradingDay], "trading_days", account=account, **_days(start, end)
    )


@router.get("/auctions")
async def auctions(
    desk: Desk,
    account: str,
    symbol: Annotated[Symbol, Query()],
    start: FirstDay,
    end: LastDay,
) -> list[Auction]:
    """The official prints of an instrument's auctions."""
    return await desk.ask(
        list[Auction], "auctions", account=account, symbol=symbol, **_days(start, end)
    )


@router.get("/key-rights")
async def key_rights(desk: Desk, account: str) -> KeyRights:
    """What the account's key may do at the venue."""
    return await desk.ask(KeyRights, "key_rights", account=account)


@router.get("/facts")
async def facts(desk: Desk, account: str) -> AccountFacts:
    """What the broker says of the account: equity, buying power, day trades."""
    return await desk.ask(AccountFacts, "account_facts", account=account)


def _days(start: date, end: date) -> dict[str, str]:
    if not 0 <= (end - start).days <= LONGEST_CALENDAR_DAYS or start.year < 1970:
        raise Problem(
            422, "bad-argument", "start is not after end, by ten years at most, from 1970"
        )
    return {"start": start.isoformat(), "end": end.isoformat()}
