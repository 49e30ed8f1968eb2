"""What some venues do with money besides trading, one small Protocol per ability.

Changes keep the rules of `ports.venue`: sent at most once; they return the venue's word or
raise `Rejected`, `RateLimited`, `AuthFailed`, `NotSent`, and for everything else
`OutcomeUnknown`. `deadline_ns` is monotonic. Money that moves (`Movement`) is journaled
before it is asked for; where its fate is in doubt, it is never asked for again.
"""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import Protocol, runtime_checkable

from crossdock.model import (
    Asset,
    BorrowRate,
    EarnHolding,
    EarnOffer,
    FeeRates,
    FundingRate,
    InstrumentId,
    Leverage,
    Loan,
    MarginMode,
    Movement,
    SubAccount,
)


@runtime_checkable
class LeverageSetting(Protocol):
    async def leverage(self, instrument: InstrumentId) -> Leverage: ...
    async def set_leverage(
        self,
        instrument: InstrumentId,
        leverage: Decimal,
        *,
        margin_mode: MarginMode,
        deadline_ns: int,
    ) -> None:
        """Set it for the next orders. Safe to repeat: it is absolute."""


@runtime_checkable
class MarginModeSetting(Protocol):
    async def set_margin_mode(
        self, instrument: InstrumentId, mode: MarginMode, *, deadline_ns: int
    ) -> None: ...


@runtime_checkable
class Borrowing(Protocol):
    """Margin loans: cross, or isolated to one instrument."""

    async def borrow_rates(self, assets: Sequence[Asset]) -> Sequence[BorrowRate]: ...
    async def loans(self) -> Sequence[Loan]: ...
    async def borrow(
        self,
        asset: Asset,
        amount: Decimal,
        *,
        instrument: InstrumentId | None = None,
        deadline_ns: int,
    ) -> Movement: ...
    async def repay(
        self,
        asset: Asset,
        amount: Decimal,
        *,
        instrument: InstrumentId | None = None,
        deadline_ns: int,
    ) -> Movement: ...


@runtime_checkable
class Transfers(Protocol):
    """Between wallets of one account, and between a main account and its sub-accounts."""

    def wallets(self) -> Sequence[str]:
        """Return the names of this account's wallets."""

    async def transfer(
        self,
        asset: Asset,
        amount: Decimal,
        *,
        source: str,
        destination: str,
        deadline_ns: int,
    ) -> Movement:
        """Move between two wallets, or sub-accounts written as `sub:NAME`."""

    async def transfers_after(self, since_ns: int) -> Sequence[Movement]: ...


@runtime_checkable
class SubAccounts(Protocol):
    async def sub_accounts(self) -> Sequence[SubAccount]: ...


@runtime_checkable
class Earn(Protocol):
    """Savings, staking and lending, through the venue's own products."""

    async def earn_offers(self, asset: Asset | None = None) -> Sequence[EarnOffer]: ...
    async def earn_holdings(self) -> Sequence[EarnHolding]: ...
    async def earn_subscribe(
        self, offer: EarnOffer, amount: Decimal, *, deadline_ns: int
    ) -> Movement: ...
    async def earn_redeem(
        self, holding: EarnHolding, amount: Decimal, *, deadline_ns: int
    ) -> Movement: ...


@runtime_checkable
class FundingRates(Protocol):
    """What perpetuals pay. Payments to an account are its `AccountEvent`s."""

    async def funding_rates(
        self, instruments: Sequence[InstrumentId]
    ) -> Sequence[FundingRate]: ...
    async def funding_rate_history(
        self, instrument: InstrumentId, *, start_ns: int, end_ns: int
    ) -> Sequence[FundingRate]:
        """Return past rates, oldest first; it may be the oldest part only."""


@runtime_checkable
class FeeSchedule(Protocol):
    async def fee_rates(
        self, instruments: Sequence[InstrumentId]
    ) -> Sequence[FeeRates]: ...
