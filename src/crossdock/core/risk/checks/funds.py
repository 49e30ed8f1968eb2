"""Whether the account can pay for the order, and may trade it as often."""

from __future__ import annotations

from crossdock.core.risk.case import Case, Finding


def buying_power(case: Case) -> Finding | None:
    account = case.request.account
    asset = case.reserved.cash_asset
    needed = case.reserved.cash
    free = case.view.free_cash(account, asset)
    if free is None:
        return Finding("buying_power", f"free {asset} of {account} is not known")
    if case.working is not None and case.working.reserved is not None:
        free += case.working.reserved.cash
    if needed <= free:
        return None
    return Finding(
        "buying_power",
        f"{needed:f} {asset} needed with fees, {free:f} free",
        case.fitting(case.payable(free)),
    )


def pattern_day_trader(case: Case) -> Finding | None:
    """Refuse to open what could not be closed the same day without breaking the rule.

    FINRA Rule 4210(f)(8)(B): four day trades within five business days need 25,000 USD of equity.
    """
    most = case.limits.day_trades_max
    if most is None or not case.terms.day_trade_rule:
        return None
    account = case.account
    if account.equity is None or account.day_trades is None:
        return Finding(
            "pattern_day_trader",
            f"day trades or equity of {case.request.account} are not known",
        )
    if account.equity >= case.limits.day_trade_equity or account.day_trades < most:
        return None
    return Finding(
        "pattern_day_trader",
        f"{account.day_trades} day trades in five days with equity {account.equity:f}, below "
        f"{case.limits.day_trade_equity}",
    )
