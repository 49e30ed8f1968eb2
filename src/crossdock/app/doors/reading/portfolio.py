"""What the desk is worth and what it made: in all, by account and by portfolio."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from crossdock.app.doors.reading.risk import exposure_told
from crossdock.core.amounts import money
from crossdock.model import ZERO

if TYPE_CHECKING:
    from crossdock.app.desk import Desk

DAY_NS = 86_400 * 10**9


def portfolio_told(desk: Desk) -> dict[str, Any]:
    """Return plain values in the desk's currency; None for what has no price yet."""
    profit, missing = desk.figures.pnl()
    now_ns = desk.kernel.now()
    midnight_ns = now_ns - now_ns % DAY_NS
    accounts = []
    total, day, is_known = ZERO, ZERO, True
    for account in desk.gateways:
        facts = desk.view.account(account)
        assert facts is not None, "it is one of the desk's"
        equity, day_pnl = facts.equity, facts.day_pnl
        since = desk.kernel.state.account(account).day_since
        is_known &= equity is not None and day_pnl is not None
        total, day = total + (equity or ZERO), day + (day_pnl or ZERO)
        accounts.append(
            {
                "account": account,
                "live": facts.live,
                "equity": None if equity is None else money(equity),
                "day_pnl": None if day_pnl is None else money(day_pnl),
                "day_since_ns": since if since >= midnight_ns else None,
            }
        )
    return {
        "currency": desk.settings.desk.currency,
        "equity": money(total) if is_known else None,
        "day_pnl": money(day) if is_known else None,
        "pnl": money(profit),
        "missing": missing,
        "drawdown": desk.equity_history.drawdown(),
        "exposure": exposure_told(desk),
        "accounts": accounts,
        "declared": list(desk.settings.portfolios),
        "portfolios": shares_told(desk),
    }


def shares_told(desk: Desk) -> list[dict[str, Any]]:
    """Return what each strategy made in each portfolio, in plain values."""
    return [
        {
            "portfolio": portfolio,
            "strategy": strategy,
            "pnl": money(pnl.total),
            "realized": money(pnl.realized),
            "unrealized": money(pnl.unrealized),
            "fees": money(pnl.fees),
            "currency": pnl.currency,
        }
        for portfolio, strategy, pnl in desk.figures.shares()
    ]
