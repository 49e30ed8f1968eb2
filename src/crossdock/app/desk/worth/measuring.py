"""What each portfolio and strategy of a desk is worth now, for the equity history."""

from __future__ import annotations

from collections import defaultdict
from decimal import Decimal
from typing import TYPE_CHECKING

from crossdock.app.desk.worth.equity import DESK, Reading
from crossdock.model import ZERO, PortfolioId

if TYPE_CHECKING:
    from crossdock.app.desk import Desk


def measured(desk: Desk) -> dict[str, Reading]:
    """Return a reading of the desk, and of every portfolio and strategy that traded.

    Empty while a price of a connected account is missing: half of the worth would look
    like a loss. What others hold may never have one again.
    """
    worths, exposures = [], []
    for account in desk.gateways:
        equity, gross = desk.view.equity(account), desk.view.gross_exposure(account)
        if equity is None or gross is None:
            return {}
        worths.append(equity)
        exposures.append(gross)
    if not worths or not desk.figures.has_price_for_all():
        return {}
    pnl, _ = desk.figures.pnl()
    total = sum(worths, ZERO)
    readings = {DESK: _reading(total, pnl, sum(exposures, ZERO))}
    portfolios: dict[str, Decimal] = defaultdict(lambda: ZERO)
    strategies: dict[str, Decimal] = defaultdict(lambda: ZERO)
    for share in desk.figures.shares():
        portfolios[share.portfolio] += share.pnl.total
        strategies[share.strategy] += share.pnl.total
    for name, made in strategies.items():
        readings[f"strategy:{name}"] = _reading(made, made, ZERO)
    for name, made in portfolios.items():
        capital = desk.figures.capital(PortfolioId(name))
        bounded = name in desk.settings.portfolios and bool(
            desk.settings.portfolios[name].capital
        )
        worth = capital + made if bounded else total
        readings[f"portfolio:{name}"] = _reading(worth, made, ZERO)
    return readings


def _reading(equity: Decimal, pnl: Decimal, gross: Decimal) -> Reading:
    return Reading(float(equity), float(pnl), float(gross))
