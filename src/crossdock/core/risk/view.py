"""What the gate must know, as reads that neither wait nor copy.

Money that crosses instruments (equity, exposure, P&L) is in the desk's one reporting
currency. None always means "not known", and each read says what the gate makes of it.
Orders that only reduce risk pass without most of this knowledge.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import NamedTuple, Protocol

from crossdock.core.risk.reservations import OpenExposure
from crossdock.model import (
    AccountId,
    Asset,
    Contingency,
    Instrument,
    InstrumentId,
    OrderType,
    PositionSide,
    Side,
    StrategyId,
    TimeInForce,
)


class Mark(NamedTuple):
    """The price an instrument is valued at, and when it reached us (UTC)."""

    price: Decimal
    received_time_ns: int


class UnderlyingExposure(NamedTuple):
    """Signed value of everything an account has in one underlying, at worst.

    `long` is the value if every open buy fills and no sell does, `short` the reverse;
    with no open orders both are the value of the net position.
    """

    long: Decimal
    short: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class VenueTerms:
    """What one account may ask of its venue for one instrument."""

    order_types: frozenset[OrderType]
    times_in_force: frozenset[TimeInForce]
    can_look_up: bool  # some look-up can end a doubt
    contingencies: frozenset[Contingency] = frozenset()  # attached legs it holds itself
    most_legs: int = 0
    can_replace: bool = True
    enforces_reduce_only: bool = False  # the venue itself trims reduce-only orders
    day_trade_rule: bool = False  # a US equity in a margin account


class AccountFacts(Protocol):
    """One account as it stands now. May be the desk's own live object."""

    @property
    def equity(self) -> Decimal | None:
        """None refuses: limits that are shares of equity cannot be checked."""

    @property
    def day_start_equity(self) -> Decimal | None:
        """None refuses: the daily loss cannot be measured."""

    @property
    def day_pnl(self) -> Decimal | None:
        """Realised and unrealised since the day began. None refuses."""

    @property
    def gross_exposure(self) -> Decimal | None:
        """Sum of the larger worst-case side of each line, unsigned. None refuses.

        A line is what `RiskView.position` and `open_exposure` speak of: of spot all that
        is held of a base, of contracts one position.
        """

    @property
    def open_orders(self) -> int:
        """Count working and doubtful orders, and approvals not used yet."""

    @property
    def day_trades(self) -> int | None:
        """Day trades of the last five business days. None refuses, where the rule holds."""

    @property
    def day_trade_equity(self) -> Decimal | None:
        """Equity as the day-trade rule counts it: the broker's own figure where it tells."""

    def opened_today(self, instrument: InstrumentId) -> bool:
        """True where closing what is held would be a day trade."""

    @property
    def first_day_notional(self) -> Decimal | None:
        """Value of what was ordered today, on an account's first day of real money only.

        None on every other day and account. Infinite where something has no price.
        """

    @property
    def quarantine(self) -> str:
        """Why the account must not trade, empty when it may."""

    @property
    def live(self) -> bool:
        """True where real money moves."""


class RiskView(Protocol):
    """The desk as the gate sees it. Every read is synchronous and O(1)."""

    def time_ns(self) -> int:
        """Return UTC nanoseconds."""

    def monotonic_ns(self) -> int: ...

    def journal_writable(self) -> bool: ...

    def kill_switch(self, account: AccountId) -> str:
        """Return who engaged it and why, for all or for this account; empty when not."""

    def instrument(self, instrument: InstrumentId) -> Instrument | None:
        """None refuses: nobody trades what is not listed."""

    def terms(self, account: AccountId, instrument: InstrumentId) -> VenueTerms | None:
        """None refuses: the account does not trade this instrument."""

    def account(self, account: AccountId) -> AccountFacts | None:
        """None refuses: the account is not one of the desk's."""

    def mark(self, instrument: InstrumentId) -> Mark | None:
        """None refuses as stale data."""

    def worst_price(
        self, instrument: InstrumentId, side: Side, quantity: Decimal
    ) -> Decimal | None:
        """Return the last price a market order of this size would reach in the book.

        Where only quotes are known, the touch. None refuses a market order under a price
        collar: nobody can say what it would cost.
        """

    def rate(self, asset: Asset) -> Decimal | None:
        """Return reporting currency per unit of `asset`. None refuses as stale data."""

    def position(
        self, account: AccountId, instrument: InstrumentId, position_side: PositionSide
    ) -> Decimal:
        """Return the signed quantity held, 0 when flat. Of spot: the holding of its base."""

    def open_exposure(
        self, account: AccountId, instrument: InstrumentId, position_side: PositionSide
    ) -> OpenExposure:
        """Return the worst case of open orders. Of spot: over every pair of its base."""

    def doubts(self, account: AccountId, instrument: InstrumentId, side: Side) -> int:
        """Count the orders of this side with a write in doubt."""

    def free_cash(self, account: AccountId, asset: Asset) -> Decimal | None:
        """Return what is left of an asset after reservations. None refuses."""

    def margin_rate(self, account: AccountId, instrument: InstrumentId) -> Decimal | None:
        """Return the share of notional set aside for new exposure. None counts as 1."""

    def underlying_exposure(
        self, account: AccountId, underlying: Asset
    ) -> UnderlyingExposure | None:
        """Return the worst case in one underlying (an instrument's `base`).

        None refuses as stale data: something held or open in it has no price.
        """

    def correlations(self, underlying: Asset) -> Mapping[Asset, float]:
        """Return one row of the correlation matrix. What is missing is not correlated.

        The mapping is replaced by another object when a value changes, never edited:
        the gate keeps what it derived from it.
        """

    def average_quantity(
        self, account: AccountId, instrument: InstrumentId, strategy: StrategyId
    ) -> Decimal | None:
        """Return a strategy's usual order size of late. None passes: there is none yet."""

    def open_orders(self) -> int:
        """Count open orders over all accounts, as `AccountFacts.open_orders` does."""
