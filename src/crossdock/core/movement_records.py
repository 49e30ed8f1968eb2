"""Records of money asked to move, and of margin chosen for an instrument."""

from __future__ import annotations

from decimal import Decimal

from crossdock.core.record import Outcome, Record, Verdict
from crossdock.model import (
    AccountId,
    Asset,
    CorrelationId,
    InstrumentId,
    MarginMode,
    MovementKind,
)


class MovementIntended(Record, frozen=True, kw_only=True, tag="movement_intended"):
    """Money is about to be asked to move, once. Nothing of it has left yet."""

    movement_id: str  # ours
    account: AccountId
    kind: MovementKind
    asset: Asset
    amount: Decimal
    source: str = ""
    destination: str = ""
    instrument: InstrumentId | None = None
    product: str = ""
    by: str = ""
    correlation: CorrelationId = CorrelationId("")


class MovementEnded(Record, frozen=True, kw_only=True, tag="movement_ended"):
    """How the asking ended. `is_under_way`: accepted, and not carried out yet."""

    movement_id: str
    account: AccountId
    outcome: Outcome
    venue_movement_id: str = ""
    is_under_way: bool = False
    venue_code: str = ""
    words: str = ""
    correlation: CorrelationId = CorrelationId("")


class MovementSettled(Record, frozen=True, kw_only=True, tag="movement_settled"):
    """The venue's history, or a named person, ended the doubt of one movement."""

    movement_id: str
    account: AccountId
    verdict: Verdict
    by: str  # "history", "person:NAME"
    venue_movement_id: str = ""
    words: str = ""
    correlation: CorrelationId = CorrelationId("")


class MarginDecided(Record, frozen=True, kw_only=True, tag="margin_decided"):
    """Somebody chose leverage or margin mode: before it is sent, then with its outcome.

    It is absolute, so one whose outcome is not known may simply be asked for again.
    """

    account: AccountId
    instrument: InstrumentId
    margin_mode: MarginMode
    by: str
    leverage: Decimal | None = None
    outcome: Outcome | None = None  # None: about to be sent
    words: str = ""
    correlation: CorrelationId = CorrelationId("")
