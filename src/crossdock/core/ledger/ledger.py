"""What the ledger says: holdings, positions, and P&L by account, portfolio or strategy."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Any

from crossdock.core.ledger import views
from crossdock.core.ledger.account import Account
from crossdock.core.ledger.books import Books
from crossdock.core.ledger.money import Amounts, add, credit_all, plain
from crossdock.core.ledger.position_log import Attribution
from crossdock.core.ledger.rates import Rates
from crossdock.model import (
    ZERO,
    AccountId,
    Asset,
    Balance,
    ContractKind,
    Instrument,
    InstrumentId,
    PortfolioId,
    Position,
    PositionKey,
    PositionSide,
    StrategyId,
)


class Ledger(Books):
    """The books, and every question they answer.

    Holdings are balances. A spot position beside them is no holding: it is what was
    traded since the baseline, and what that cost.
    """

    __slots__ = ()

    def accounts(self) -> list[AccountId]:
        return list(self._accounts)

    def balance(self, account: AccountId, asset: Asset) -> Decimal:
        known = self._accounts.get(account)
        return ZERO if known is None else known.balances.get(asset, ZERO)

    def balances(self, account: AccountId) -> list[Balance]:
        """Return every asset the account ever held. What orders hold is not known here."""
        known = self._accounts.get(account)
        return [
            Balance(account=account, asset=asset, total=plain(total))
            for asset, total in (known.balances if known else {}).items()
        ]

    def position(self, key: PositionKey) -> Position | None:
        """Return a position, flat ones included; None when nothing ever touched it."""
        for log in self._logs(key.account, key.instrument):
            if log.key == key:
                return log.position()
        return None

    def positions(
        self, account: AccountId | None = None, instrument: InstrumentId | None = None
    ) -> list[Position]:
        """Return positions, flat ones included; spot ones keep cost and are no holdings."""
        return [log.position() for log in self._logs(account, instrument)]

    def net_quantity(self, account: AccountId, instrument: InstrumentId) -> Decimal:
        """Return what is held of an instrument over all sides and margin modes, signed."""
        total = ZERO
        for log in self._logs(account, instrument):
            total = add(total, log.leg.quantity)
        return total

    def holding(self, account: AccountId, instrument: Instrument) -> Decimal:
        """Return what is held of an instrument: of spot, the balance of its base."""
        if instrument.kind is ContractKind.SPOT:
            return self.balance(account, instrument.base)
        return self.net_quantity(account, instrument.id)

    def quantity(
        self, account: AccountId, instrument: InstrumentId, position_side: PositionSide
    ) -> Decimal:
        """Return what is held on one side over all margin modes, signed."""
        known = self._accounts.get(account)
        total: Decimal | None = None
        for log in () if known is None else known.logs(instrument):
            if log.key.position_side is position_side:
                held = log.leg.quantity
                total = held if total is None else add(total, held)
        return ZERO if total is None else total

    def contracts(self, account: AccountId) -> Iterator[tuple[InstrumentId, PositionSide]]:
        """Yield each side of each contract that is held; more than once per margin mode."""
        for log in self._logs(account):
            if log.leg.quantity and log.instrument.kind is not ContractKind.SPOT:
                yield log.key.instrument, log.key.position_side

    def attributions(
        self, account: AccountId | None = None, instrument: InstrumentId | None = None
    ) -> list[Attribution]:
        """Return every strategy's part of the positions; external parts included."""
        logs = self._logs(account, instrument)
        return [attribution for log in logs for attribution in log.attributions()]

    def valued(
        self, account: AccountId, marks: Mapping[InstrumentId, Decimal]
    ) -> list[tuple[Attribution, Decimal | None]]:
        """Return `attributions` with what closing each at its mark would realise.

        Before fees, in the settlement asset; None where there is no mark to value it at.
        """
        return list(views.unrealized_by_part(self._logs(account, None), marks))

    def part(
        self,
        account: AccountId,
        instrument: InstrumentId,
        portfolio: PortfolioId,
        strategy: StrategyId,
    ) -> Position | None:
        """Return one strategy's part of a position, flat ones included; None: it has none."""
        known = self._accounts.get(account)
        for log in () if known is None else known.logs(instrument):
            part = log.parts.get((portfolio, strategy))
            if part is not None:
                return log.position(part.leg)
        return None

    def realized(
        self,
        *,
        account: AccountId | None = None,
        portfolio: PortfolioId | None = None,
        strategy: StrategyId | None = None,
    ) -> Amounts:
        """Return realised P&L by asset, before fees."""
        return views.realized(self._selection(account, portfolio, strategy))

    def unrealized(
        self,
        marks: Mapping[InstrumentId, Decimal],
        *,
        account: AccountId | None = None,
        portfolio: PortfolioId | None = None,
        strategy: StrategyId | None = None,
    ) -> views.Unrealized:
        """Return what closing at the marks would realise, by asset, before fees."""
        return views.unrealized(self._selection(account, portfolio, strategy), marks)

    def fees(
        self,
        *,
        account: AccountId | None = None,
        portfolio: PortfolioId | None = None,
        strategy: StrategyId | None = None,
    ) -> Amounts:
        """Return fees by asset, positive when paid."""
        selection = self._selection(account, portfolio, strategy)
        amounts = views.fees(selection)
        for known in self._unattributed(selection, account):
            credit_all(amounts, known.fees)
        return amounts

    def income(
        self,
        *,
        account: AccountId | None = None,
        portfolio: PortfolioId | None = None,
        strategy: StrategyId | None = None,
    ) -> Amounts:
        """Return funding, interest and dividends by asset, positive when received."""
        selection = self._selection(account, portfolio, strategy)
        amounts = views.income(selection)
        for known in self._unattributed(selection, account):
            credit_all(amounts, known.income)
        return amounts

    def capital(self, account: AccountId) -> Amounts:
        """Return what was paid in, less what was paid out, since the baseline."""
        known = self._accounts.get(account)
        return {} if known is None else dict(known.capital)

    def pnl(
        self,
        currency: Asset,
        rates: Rates,
        marks: Mapping[InstrumentId, Decimal],
        *,
        account: AccountId | None = None,
        portfolio: PortfolioId | None = None,
        strategy: StrategyId | None = None,
    ) -> views.Pnl:
        """Return realised, unrealised, fees and income in one currency."""
        whose: dict[str, Any] = {
            "account": account,
            "portfolio": portfolio,
            "strategy": strategy,
        }
        conversion = views.Conversion(currency, rates)
        open_now = self.unrealized(marks, **whose)
        return views.Pnl(
            currency=currency,
            realized=conversion.total(self.realized(**whose)),
            unrealized=conversion.total(open_now.amounts),
            fees=conversion.total(self.fees(**whose)),
            income=conversion.total(self.income(**whose)),
            missing_rates=tuple(conversion.missing),
            missing_marks=open_now.missing_marks,
        )

    def equity(
        self,
        account: AccountId,
        currency: Asset,
        rates: Rates,
        marks: Mapping[InstrumentId, Decimal],
    ) -> views.Equity:
        """Return balances and open contracts in one currency; spot is in the balances."""
        known = self._accounts.get(account) or Account(account)
        conversion = views.Conversion(currency, rates)
        contracts = views.contract_value(known.logs(), marks)
        credit_all(contracts.amounts, known.balances)
        return views.Equity(
            currency=currency,
            total=conversion.total(contracts.amounts),
            missing_rates=tuple(conversion.missing),
            missing_marks=contracts.missing_marks,
        )

    def worth(
        self,
        account: AccountId,
        currency: Asset,
        rates: Rates,
        marks: Mapping[InstrumentId, Decimal],
    ) -> Decimal | None:
        """Return `equity` as a number alone, None while a price or rate is missing."""
        known = self._accounts.get(account)
        if known is None:
            return ZERO
        for log in known.logs():
            if log.instrument.kind is not ContractKind.SPOT:
                equity = self.equity(account, currency, rates, marks)
                return equity.total if equity.complete else None
        total = ZERO
        for asset, amount in known.balances.items():
            converted = rates.convert(amount, asset, currency)
            if converted is None:
                return None
            total = add(total, converted)
        return total

    def _selection(
        self,
        account: AccountId | None,
        portfolio: PortfolioId | None,
        strategy: StrategyId | None,
    ) -> views.Selection:
        return views.Selection(list(self._logs(account)), portfolio, strategy)

    def _unattributed(
        self, selection: views.Selection, account: AccountId | None
    ) -> Iterator[Account]:
        """Yield the accounts whose own cash events count: those are nobody's part."""
        if not selection.attributed:
            for name, known in self._accounts.items():
                if account in (None, name):
                    yield known
