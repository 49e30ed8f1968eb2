"""What a snapshot of the state holds, as plain data."""

from __future__ import annotations

from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from crossdock.core import records as r
from crossdock.core.ledger import LedgerState
from crossdock.core.movements import MovementState
from crossdock.core.orders import Attempt, OrderState
from crossdock.core.risk.day_trades import note_fill, trading_day
from crossdock.core.steering import SteeringImage
from crossdock.model import (
    ZERO,
    AccountId,
    Asset,
    Fill,
    Instrument,
    InstrumentId,
    OrderId,
    StrategyId,
    WriteKind,
)


@dataclass(slots=True, kw_only=True)
class Counts:
    """What a day's log line needs: how requests and writes ended."""

    accepted: int = 0
    rejected: int = 0
    failed: int = 0
    refused: int = 0
    fills: int = 0
    doubts_opened: int = 0
    doubts_live: int = 0
    doubts_absent: int = 0
    doubts_by_person: int = 0

    def end(self, attempt: Attempt | None, outcome: r.Outcome) -> None:
        """Count how a write ended; late repeats of an ending have no attempt any more."""
        if attempt is None:
            return
        if outcome is r.Outcome.UNKNOWN and not attempt.in_doubt:
            self.doubts_opened += 1
        if attempt.kind is not WriteKind.SUBMIT:
            return
        if outcome is r.Outcome.ACCEPTED:
            self.accepted += 1
        elif outcome is r.Outcome.REJECTED:
            self.rejected += 1
        else:
            self.failed += 1

    def resolve(self, record: r.DoubtResolved) -> None:
        if record.by.startswith("person:"):
            self.doubts_by_person += 1
        elif record.verdict is r.Verdict.ABSENT:
            self.doubts_absent += 1
        else:
            self.doubts_live += 1


@dataclass(slots=True, kw_only=True)
class AccountState:
    """What recovery needs of one account."""

    fill_cursor: str = ""
    event_cursor: str = ""
    has_baseline: bool = False
    halted: str = ""  # why, empty when it trades
    killed: str = ""
    live_as: str = ""  # adapter and venue at which a person let it trade real money
    live_since: int = 0
    day: str = ""
    day_since: int = 0  # when it was first worth something known
    day_equity: Decimal = ZERO
    day_currency: str = ""
    day_capital: dict[Asset, Decimal] = field(default_factory=dict)  # paid in before
    day_trades: dict[int, int] = field(default_factory=dict)  # by `trading_day`
    opened_on: dict[InstrumentId, int] = field(default_factory=dict)  # not closed since

    def note_fill(self, fill: Fill, held: Decimal, at: int) -> None:
        """Count a day trade where this fill of a US stock, `held` before it, makes one."""
        note_fill(
            self.day_trades,
            self.opened_on,
            fill.instrument,
            held,
            fill.quantity * fill.side.sign,
            trading_day(fill.venue_time_ns or at),
        )


@dataclass(slots=True, kw_only=True)
class Image:
    """The state as a snapshot stores it."""

    orders: list[OrderState]
    accounts: dict[AccountId, AccountState]
    instruments: list[Instrument]
    ledger: LedgerState
    strategies: dict[StrategyId, dict[str, Any]]
    alarms: list[r.Alarmed]
    counts: Counts
    killed: str
    inferred: dict[OrderId, list[Fill]] = field(default_factory=dict)
    unplaced: list[Fill] = field(default_factory=list)
    held_fills: list[r.FillHeld] = field(default_factory=list)
    held_events: list[r.EventHeld] = field(default_factory=list)
    movements: list[MovementState] = field(default_factory=list)
    steering: SteeringImage = field(default_factory=SteeringImage)
