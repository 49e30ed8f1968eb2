"""Accounts: cash, positions, and what moves them besides our own fills."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

from crossdock.model.ids import AccountId, Asset, InstrumentId
from crossdock.model.instruments import ZERO
from crossdock.model.words import MarginMode, PositionSide


@dataclass(frozen=True, slots=True, kw_only=True)
class Balance:
    """One asset in one account. `total` includes what `held` sets aside for open orders."""

    account: AccountId
    asset: Asset
    total: Decimal
    held: Decimal = ZERO


@dataclass(frozen=True, slots=True, kw_only=True)
class PositionKey:
    """Everything that tells one position from another."""

    account: AccountId
    instrument: InstrumentId
    position_side: PositionSide = PositionSide.NET
    margin_mode: MarginMode = MarginMode.NONE
    settle: Asset


@dataclass(frozen=True, slots=True, kw_only=True)
class Position:
    """A holding. `quantity` is signed; `entry_price` is the average cost, None when flat.

    `realized_pnl` is in the key's settlement asset (quote, for spot), before fees.
    """

    key: PositionKey
    quantity: Decimal
    entry_price: Decimal | None
    realized_pnl: Decimal = ZERO


class AccountEventKind(StrEnum):
    DEPOSIT = "deposit"
    WITHDRAWAL = "withdrawal"
    TRANSFER = "transfer"
    FUNDING = "funding"
    INTEREST = "interest"
    DIVIDEND = "dividend"
    SPLIT = "split"
    LIQUIDATION = "liquidation"
    AUTO_DELEVERAGE = "auto_deleverage"
    EXPIRY = "expiry"
    ASSIGNMENT = "assignment"
    FEE = "fee"
    ADJUSTMENT = "adjustment"


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountEvent:
    """Cash or position moved without an order of ours.

    `amount` is the signed change of `asset`. Where a position moved, `instrument`,
    the signed `quantity` change and `price` say how; cash from realised P&L of that move
    is not in `amount` (the ledger computes it as for a fill), fees are.
    For a split, `quantity` is the signed change and `price` the new entry price.
    """

    account: AccountId
    event_id: str  # the venue's, unique per account
    kind: AccountEventKind
    asset: Asset
    amount: Decimal
    instrument: InstrumentId | None = None
    quantity: Decimal = ZERO
    price: Decimal | None = None
    position_side: PositionSide = PositionSide.NET
    margin_mode: MarginMode = MarginMode.NONE
    note: str = ""
    account_sequence: int = 0  # as in Fill: one order for fills and events
    venue_time_ns: int = 0
    received_time_ns: int = 0
