"""The pattern-day-trader rule: four day trades in five business days need 25,000 USD.

FINRA Rule 4210(f)(8)(B). What is counted and what the equity is, the view says.
"""

from __future__ import annotations

from crossdock.core.amounts import telling
from crossdock.core.risk.case import Case, Finding

_CHECK = "pattern_day_trader"


def opening(case: Case) -> Finding | None:
    """Refuse to open what could not be closed the same day without breaking the rule."""
    return _breach(case, "so what is opened now could not be closed today")


def fourth(case: Case) -> Finding | None:
    """Refuse to close today what was opened today, where that is one day trade too many.

    The kill switch passes: it flattens, whatever the broker then does.
    """
    if not case.terms.day_trade_rule or not case.reducing:
        return None
    if not case.account.opened_today(case.request.instrument):
        return None
    return _breach(case, "and this order would make one more")


def _breach(case: Case, words: str) -> Finding | None:
    most = case.limits.day_trades_max
    if most is None or not case.terms.day_trade_rule:
        return None
    account = case.account
    equity, trades = account.day_trade_equity, account.day_trades
    if equity is None or trades is None:
        name = case.request.account
        return Finding(_CHECK, f"day trades or equity of {name} are not known")
    if equity >= case.limits.day_trade_equity or trades < most:
        return None
    held, least = telling(equity, case.limits.day_trade_equity)
    return Finding(
        _CHECK,
        f"{trades} day trades in five days with equity {held}, below {least}, {words}",
    )
