"""The ledger as plain data, for the journal's snapshots.

Only what cannot be derived is kept: positions are posted again from their entries.
"""

from __future__ import annotations

from decimal import Decimal

import msgspec

from crossdock.core.ledger.entries import Entry, Opening
from crossdock.model import AccountId, Asset, FillKey, Instrument, PositionKey


class PositionState(msgspec.Struct, frozen=True):
    key: PositionKey
    opening: Opening | None
    entries: list[Entry]


class AccountState(msgspec.Struct, frozen=True):
    baseline: bool
    balances: dict[Asset, Decimal]
    fees: dict[Asset, Decimal]
    income: dict[Asset, Decimal]
    capital: dict[Asset, Decimal]
    event_ids: list[str]


class LedgerState(msgspec.Struct, frozen=True):
    """Encodable by msgspec; `void` are fills known to have no effect (any more)."""

    instruments: list[Instrument]
    accounts: dict[AccountId, AccountState]
    positions: list[PositionState]
    void: list[FillKey]
    replaced_by: list[tuple[FillKey, FillKey]]
