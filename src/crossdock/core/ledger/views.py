"""Sums over positions: realised, unrealised, fees, and their worth in one currency."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from decimal import Decimal

from crossdock.core.ledger.leg import Leg, worth
from crossdock.core.ledger.money import Amounts, add, credit, credit_all, subtract
from crossdock.core.ledger.position_log import Attribution, Part, PositionLog
from crossdock.core.ledger.rates import Rates
from crossdock.model import ZERO, Asset, ContractKind, InstrumentId, PortfolioId, StrategyId


@dataclass(frozen=True, slots=True, kw_only=True)
class Unrealized:
    """What closing everything at the marks would realise. Unmarked positions are named."""

    amounts: Amounts
    missing_marks: tuple[InstrumentId, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Pnl:
    """P&L in one currency. What is named as missing is in none of the numbers."""

    currency: Asset
    realized: Decimal
    unrealized: Decimal
    fees: Decimal  # positive when paid
    income: Decimal  # funding, interest, dividends
    missing_rates: tuple[Asset, ...] = ()
    missing_marks: tuple[InstrumentId, ...] = ()

    @property
    def total(self) -> Decimal:
        earned = add(add(self.realized, self.unrealized), self.income)
        return subtract(earned, self.fees)

    @property
    def complete(self) -> bool:
        return not self.missing_rates and not self.missing_marks


@dataclass(frozen=True, slots=True, kw_only=True)
class Equity:
    """What an account is worth. What is named as missing is not in `total`."""

    currency: Asset
    total: Decimal
    missing_rates: tuple[Asset, ...] = ()
    missing_marks: tuple[InstrumentId, ...] = ()

    @property
    def complete(self) -> bool:
        return not self.missing_rates and not self.missing_marks


@dataclass(frozen=True, slots=True)
class Selection:
    """The legs and parts a question is about: an account's, or somebody's part of them."""

    logs: Iterable[PositionLog]
    portfolio: PortfolioId | None = None
    strategy: StrategyId | None = None

    @property
    def attributed(self) -> bool:
        return self.portfolio is not None or self.strategy is not None

    def parts(self) -> Iterable[tuple[PositionLog, Part]]:
        for log in self.logs:
            for (portfolio, strategy), part in log.parts.items():
                if self.portfolio not in (None, portfolio):
                    continue
                if self.strategy not in (None, strategy):
                    continue
                yield log, part

    def legs(self) -> Iterable[tuple[PositionLog, Leg]]:
        if self.attributed:
            return ((log, part.leg) for log, part in self.parts())
        return ((log, log.leg) for log in self.logs)


def realized(selection: Selection) -> Amounts:
    amounts: Amounts = {}
    for log, leg in selection.legs():
        if leg.realized:
            credit(amounts, log.key.settle, leg.realized)
    return amounts


def unrealized(selection: Selection, marks: Mapping[InstrumentId, Decimal]) -> Unrealized:
    amounts: Amounts = {}
    missing: dict[InstrumentId, None] = {}
    for log, leg in selection.legs():
        if not leg.quantity:
            continue
        gain = _gain(log, leg, marks)
        if gain is None:
            missing[log.key.instrument] = None
        else:
            credit(amounts, log.key.settle, gain)
    return Unrealized(amounts=amounts, missing_marks=tuple(missing))


def _gain(
    log: PositionLog, leg: Leg, marks: Mapping[InstrumentId, Decimal]
) -> Decimal | None:
    """Return what closing a leg at its mark would realise; None without a mark."""
    if not leg.quantity:
        return ZERO
    mark = marks.get(log.key.instrument)
    if mark is None or (leg.inverse and mark <= 0):
        return None
    return leg.unrealized(mark, log.instrument.multiplier)


def unrealized_by_part(
    logs: Iterable[PositionLog], marks: Mapping[InstrumentId, Decimal]
) -> Iterator[tuple[Attribution, Decimal | None]]:
    """Yield every strategy's part with its own unrealised P&L, in the settlement asset."""
    for log in logs:
        for attribution, part in zip(log.attributions(), log.parts.values(), strict=True):
            yield attribution, _gain(log, part.leg, marks)


def contract_value(
    logs: Iterable[PositionLog], marks: Mapping[InstrumentId, Decimal]
) -> Unrealized:
    """Return what open contracts add to balances: an option its price, others their gain."""
    futures: list[PositionLog] = []
    amounts: Amounts = {}
    missing: list[InstrumentId] = []
    for log in logs:
        kind = log.instrument.kind
        if kind is ContractKind.SPOT:
            continue
        if kind is not ContractKind.OPTION or not log.leg.quantity:
            futures.append(log)
            continue
        mark = marks.get(log.key.instrument)
        if mark is None:
            missing.append(log.key.instrument)
        else:
            size = log.leg.quantity
            value = worth(size, mark, log.instrument.multiplier, inverse=False)
            credit(amounts, log.key.settle, value)
    if not futures:
        return Unrealized(amounts=amounts, missing_marks=tuple(dict.fromkeys(missing)))
    gains = unrealized(Selection(futures), marks)
    credit_all(amounts, gains.amounts)
    return Unrealized(
        amounts=amounts,
        missing_marks=tuple(dict.fromkeys([*missing, *gains.missing_marks])),
    )


def fees(selection: Selection) -> Amounts:
    amounts: Amounts = {}
    for _, part in selection.parts():
        credit_all(amounts, part.fees)
    return amounts


def income(selection: Selection) -> Amounts:
    amounts: Amounts = {}
    for _, part in selection.parts():
        credit_all(amounts, part.income)
    return amounts


@dataclass(slots=True)
class Conversion:
    """Adds amounts up in one currency, and remembers what it could not."""

    currency: Asset
    rates: Rates
    missing: dict[Asset, None] = field(default_factory=dict)

    def total(self, amounts: Amounts) -> Decimal:
        total = ZERO
        for asset, amount in amounts.items():
            worth = self.rates.convert(amount, asset, self.currency)
            if worth is None:
                self.missing[asset] = None
            else:
                total = add(total, worth)
        return total
