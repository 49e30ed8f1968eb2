"""What portfolios and strategies have to trade with and what they made, in one currency."""

from __future__ import annotations

from collections.abc import Collection
from decimal import Decimal
from typing import NamedTuple

from crossdock.app.desk.risk_view import DeskView
from crossdock.app.settings import Settings
from crossdock.core.ledger import Pnl
from crossdock.core.state import State
from crossdock.model import AccountId, Asset, PortfolioId, StrategyId


class Share(NamedTuple):
    """What one strategy made in one portfolio."""

    portfolio: PortfolioId
    strategy: StrategyId
    pnl: Pnl


class Figures:
    """Reads the ledger at the prices that risk has; `accounts` are all that count."""

    def __init__(
        self,
        settings: Settings,
        state: State,
        view: DeskView,
        accounts: Collection[AccountId],
    ) -> None:
        self._portfolios = settings.portfolios
        self._currency = Asset(settings.desk.currency)
        self._state = state
        self._view = view
        self._accounts = accounts

    def capital(self, portfolio: PortfolioId) -> Decimal:
        """Return a portfolio's capital; without a bound of its own, the desk's equity."""
        chosen = self._portfolios.get(portfolio)
        if chosen is not None and chosen.capital > 0:
            return chosen.capital
        worths = [self._view.equity(account) for account in self._accounts]
        return sum((worth for worth in worths if worth is not None), Decimal(0))

    def pnl(self) -> tuple[Decimal, list[str]]:
        """Return profit in the currency, and what of it has no rate or price now.

        Of every account that ever was: what was made in one that is gone stays made. What
        it still holds counts by the last price that was seen here, if any was.
        """
        found = self._state.ledger.pnl(
            self._currency, self._view.rates(), self._view.marks()
        )
        missing = [*found.missing_rates, *found.missing_marks]
        return found.total, [str(name) for name in missing]

    def has_price_for_all(self) -> bool:
        """Tell whether all that connected accounts hold and paid can be valued now."""
        rates, marks = self._view.rates(), self._view.marks()
        for account in self._accounts:
            found = self._state.ledger.pnl(self._currency, rates, marks, account=account)
            if found.missing_rates or found.missing_marks:
                return False
        return True

    def shares(self) -> list[Share]:
        """Return each portfolio's and strategy's part of the profit, in the currency."""
        ledger, currency = self._state.ledger, self._currency
        owners = {(part.portfolio, part.strategy) for part in ledger.attributions()}
        rates, marks = self._view.rates(), self._view.marks()
        return [
            Share(
                *owner,
                ledger.pnl(currency, rates, marks, portfolio=owner[0], strategy=owner[1]),
            )
            for owner in sorted(owners)
        ]
