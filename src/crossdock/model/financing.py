"""Money moved and lent on purpose: margin, loans, transfers, what idle assets earn."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

from crossdock.model.ids import AccountId, Asset, InstrumentId
from crossdock.model.instruments import ZERO
from crossdock.model.words import MarginMode


@dataclass(frozen=True, slots=True, kw_only=True)
class Leverage:
    """What a venue multiplies the margin of one instrument by."""

    account: AccountId
    instrument: InstrumentId
    long: Decimal
    short: Decimal
    margin_mode: MarginMode = MarginMode.NONE  # NONE: the venue does not say


@dataclass(frozen=True, slots=True, kw_only=True)
class BorrowRate:
    """What borrowing an asset costs now. `rate` is a fraction for `per_s` seconds."""

    asset: Asset
    rate: Decimal
    per_s: int
    instrument: InstrumentId | None = None  # of isolated margin
    venue_time_ns: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Loan:
    """What is owed: principal and the interest that came on top."""

    account: AccountId
    asset: Asset
    principal: Decimal
    interest: Decimal = ZERO
    instrument: InstrumentId | None = None  # of isolated margin


class MovementKind(StrEnum):
    """What a write that is no order asks a venue to do with money."""

    BORROW = "borrow"
    REPAY = "repay"
    TRANSFER = "transfer"
    EARN_SUBSCRIBE = "earn_subscribe"
    EARN_REDEEM = "earn_redeem"


@dataclass(frozen=True, slots=True, kw_only=True)
class Movement:
    """The venue's word on money it moved at our asking."""

    account: AccountId
    kind: MovementKind
    movement_id: str  # the venue's; "" where it gives none
    asset: Asset
    amount: Decimal
    is_done: bool  # False: accepted, and still under way
    source: str = ""  # wallet or sub-account it left
    destination: str = ""
    venue_time_ns: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class SubAccount:
    """An account beneath a main one at the same venue."""

    name: str  # what transfers name it by
    venue_id: str
    is_frozen: bool = False


class EarnKind(StrEnum):
    SAVINGS = "savings"
    STAKING = "staking"
    LIQUID_STAKING = "liquid_staking"
    LENDING = "lending"


@dataclass(frozen=True, slots=True, kw_only=True)
class EarnOffer:
    """What a venue pays for an asset left with it. `rate` is a fraction a year."""

    offer_id: str
    kind: EarnKind
    asset: Asset
    rate: Decimal | None
    min_amount: Decimal = ZERO
    max_amount: Decimal | None = None
    lock_s: int = 0  # 0: redeemable at any time
    is_open: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class EarnHolding:
    """What is left with a venue to earn."""

    account: AccountId
    offer_id: str
    kind: EarnKind
    asset: Asset
    amount: Decimal
    earned: Decimal = ZERO
    redeemable_time_ns: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class FundingRate:
    """What longs of a perpetual pay shorts at the next funding. A fraction of notional."""

    instrument: InstrumentId
    rate: Decimal
    funding_time_ns: int  # of the payment this rate is for
    interval_s: int = 0  # between payments; 0: the venue does not say
    mark_price: Decimal | None = None
    index_price: Decimal | None = None
    venue_time_ns: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class FeeRates:
    """What this account pays now, of notional; makers' negative rates are rebates."""

    instrument: InstrumentId
    maker: Decimal
    taker: Decimal
