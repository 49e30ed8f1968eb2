"""Whether the account can pay for the order."""

from __future__ import annotations

from crossdock.core.amounts import telling
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
    cost, left = telling(needed, free)
    return Finding(
        "buying_power",
        f"{cost} {asset} needed with fees, {left} free",
        case.fitting(case.payable(free)),
    )
