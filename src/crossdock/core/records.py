"""Every journal record. The state of the desk changes only by applying these.

A record never changes its meaning: a new shape gets a new version of the format, and
`core.upcasts` turns what an older version wrote into today's on reading.
"""

from __future__ import annotations

from decimal import Decimal
from enum import StrEnum
from typing import Any

import msgspec

from crossdock.core.movement_records import MarginDecided as MarginDecided  # noqa: PLC0414  they read it here
from crossdock.core.movement_records import MovementEnded as MovementEnded  # noqa: PLC0414  they read it here
from crossdock.core.movement_records import MovementIntended as MovementIntended  # noqa: PLC0414  they read it here
from crossdock.core.movement_records import MovementSettled as MovementSettled  # noqa: PLC0414  they read it here
from crossdock.core.person_records import FlagSet as FlagSet  # noqa: PLC0414  they read it here
from crossdock.core.person_records import LimitSet as LimitSet  # noqa: PLC0414  they read it here
from crossdock.core.person_records import PersonActed as PersonActed  # noqa: PLC0414  they read it here
from crossdock.core.person_records import StrategySteered as StrategySteered  # noqa: PLC0414  they read it here
from crossdock.core.record import Outcome as Outcome  # noqa: PLC0414  they read it here
from crossdock.core.record import Record as Record  # noqa: PLC0414  they read it here
from crossdock.core.record import Verdict as Verdict  # noqa: PLC0414  they read it here
from crossdock.core.upcasts import FORMAT_VERSION, UPCASTS
from crossdock.errors import JournalError
from crossdock.model import (
    AccountEvent,
    AccountId,
    AttemptId,
    Balance,
    ClientOrderId,
    CorrelationId,
    Fill,
    Instrument,
    OrderId,
    OrderReport,
    OrderRequest,
    PortfolioId,
    Position,
    Signal,
    StrategyId,
    WriteKind,
)


class Source(StrEnum):
    """Where a word from the venue came from."""

    REPLY = "reply"
    STREAM = "stream"
    LOOKUP = "lookup"
    HISTORY = "history"


class SessionStarted(Record, frozen=True, kw_only=True, tag="session_started"):
    session: str
    version: str
    settings_digest: str
    durability: str
    process_id: int


class SessionEnded(Record, frozen=True, kw_only=True, tag="session_ended"):
    reason: str


class InstrumentListed(Record, frozen=True, kw_only=True, tag="instrument_listed"):
    """An instrument as the venue describes it from now on."""

    instrument: Instrument


class BaselineTaken(Record, frozen=True, kw_only=True, tag="baseline_taken"):
    """What an account held when Crossdock first saw it, between two equal cursors."""

    account: AccountId
    balances: tuple[Balance, ...]
    positions: tuple[Position, ...]
    fill_cursor: str
    event_cursor: str


class DayOpened(Record, frozen=True, kw_only=True, tag="day_opened"):
    """Equity at the start of a UTC day, which the daily loss limit is measured from."""

    account: AccountId
    day: str
    equity: Decimal
    currency: str


class SignalEmitted(Record, frozen=True, kw_only=True, tag="signal_emitted"):
    signal: Signal
    routed: str  # why this venue: the net prices compared


class RequestRefused(Record, frozen=True, kw_only=True, tag="request_refused"):
    request: OrderRequest
    reasons: tuple[tuple[str, str], ...]
    allowed_quantity: str | None = None


class OrderIntended(Record, frozen=True, kw_only=True, tag="order_intended"):
    """An approved order, ours from here on. Nothing of it has left yet."""

    order_id: OrderId
    client_order_id: ClientOrderId
    request: OrderRequest
    approval_id: str
    reference_price: Decimal


class AttemptStarted(Record, frozen=True, kw_only=True, tag="attempt_started"):
    """A write is about to be sent, once. A replace carries its new absolute values."""

    attempt_id: AttemptId
    order_id: OrderId
    kind: WriteKind
    quantity: Decimal | None = None
    limit_price: Decimal | None = None
    stop_price: Decimal | None = None


class AttemptEnded(Record, frozen=True, kw_only=True, tag="attempt_ended"):
    attempt_id: AttemptId
    order_id: OrderId
    outcome: Outcome
    report: OrderReport | None = None
    venue_code: str = ""
    words: str = ""


class DoubtResolved(Record, frozen=True, kw_only=True, tag="doubt_resolved"):
    """Evidence, or a named person, ended the doubt of one attempt."""

    attempt_id: AttemptId
    order_id: OrderId
    verdict: Verdict
    by: str  # "lookup", "fill", "stream", "person:NAME"
    words: str = ""


class DoubtEscalated(Record, frozen=True, kw_only=True, tag="doubt_escalated"):
    """No evidence can settle it: a person must."""

    attempt_id: AttemptId
    order_id: OrderId
    words: str


class OrderReported(Record, frozen=True, kw_only=True, tag="order_reported"):
    order_id: OrderId
    report: OrderReport
    source: Source


class ForeignOrderSeen(Record, frozen=True, kw_only=True, tag="foreign_order_seen"):
    """An order in our account that is not ours. It gets an id, to be spoken of."""

    order_id: OrderId
    report: OrderReport
    adopted: bool


class LegSeen(Record, frozen=True, kw_only=True, tag="leg_seen"):
    """The venue made an attached leg of one of our orders: it is ours as its parent is."""

    order_id: OrderId
    parent: OrderId
    report: OrderReport
    portfolio: PortfolioId
    strategy: StrategyId
    correlation: CorrelationId


class FillRecorded(Record, frozen=True, kw_only=True, tag="fill_recorded"):
    """A fill, once. `supersedes` are keys of inferred fills this one takes the place of.

    `order_id` is None for a fill of an order nobody here knows.
    """

    fill: Fill
    source: Source
    order_id: OrderId | None = None
    supersedes: tuple[str, ...] = ()


class FillHeld(Record, frozen=True, kw_only=True, tag="fill_held"):
    """A fill in what the venue does not list: it is booked when it is listed."""

    fill: Fill
    source: Source


class EventHeld(Record, frozen=True, kw_only=True, tag="event_held"):
    """An event in what the venue does not list: it is booked when it is listed."""

    event: AccountEvent


class AccountMoved(Record, frozen=True, kw_only=True, tag="account_moved"):
    event: AccountEvent


class CursorsMoved(Record, frozen=True, kw_only=True, tag="cursors_moved"):
    """Everything up to here in the venue's histories has been recorded."""

    account: AccountId
    fill_cursor: str | None = None
    event_cursor: str | None = None


class KillSwitched(Record, frozen=True, kw_only=True, tag="kill_switched"):
    engaged: bool
    by: str
    reason: str
    flatten: bool = False
    account: AccountId | None = None  # None: all


class AccountHalted(Record, frozen=True, kw_only=True, tag="account_halted"):
    """No new risk in this account until a person resumes it."""

    account: AccountId
    halted: bool
    by: str
    reason: str


class LiveConfirmed(Record, frozen=True, kw_only=True, tag="live_confirmed"):
    """A named person let this account trade real money: `words` are what they typed."""

    account: AccountId
    adapter: str
    venue: str
    by: str
    words: str


class StrategySaved(Record, frozen=True, kw_only=True, tag="strategy_saved"):
    strategy: StrategyId
    state: dict[str, Any]


class Alarmed(Record, frozen=True, kw_only=True, tag="alarmed"):
    """Something a person should see. `code` is a heading in `docs/runbook.md`."""

    code: str
    words: str
    account: AccountId | None = None
    order_id: OrderId | None = None
    correlation: CorrelationId = CorrelationId("")


class Snapshot(Record, frozen=True, kw_only=True, tag="snapshot"):
    """The whole state, so that recovery need not read what came before."""

    state: msgspec.Raw


AnyRecord = (
    SessionStarted
    | SessionEnded
    | InstrumentListed
    | BaselineTaken
    | DayOpened
    | SignalEmitted
    | RequestRefused
    | OrderIntended
    | AttemptStarted
    | AttemptEnded
    | DoubtResolved
    | DoubtEscalated
    | OrderReported
    | ForeignOrderSeen
    | LegSeen
    | FillRecorded
    | FillHeld
    | EventHeld
    | MovementIntended
    | MovementEnded
    | MovementSettled
    | MarginDecided
    | AccountMoved
    | CursorsMoved
    | KillSwitched
    | AccountHalted
    | LiveConfirmed
    | StrategySaved
    | PersonActed
    | FlagSet
    | LimitSet
    | StrategySteered
    | Alarmed
    | Snapshot
)

_encoder = msgspec.json.Encoder()
_decoder = msgspec.json.Decoder(AnyRecord)
_UNREADABLE = (msgspec.MsgspecError, UnicodeDecodeError)
_VERSION_MARK = b'{"v":%d,' % FORMAT_VERSION


def encode(record: Record) -> bytes:
    """Return the record as one JSON object whose first member is the format version."""
    return _VERSION_MARK + _encoder.encode(record)[1:]


def encode_readable(record: Record) -> bytes:
    """Return what `encode` does, of a record that was seen to decode again.

    Raises JournalError for one that would not.
    """
    try:
        body = _encoder.encode(record)
    except (TypeError, ValueError) as error:
        raise JournalError(
            f"a record cannot be written: {error}", code="record-unfit"
        ) from error
    try:
        # Without the version the tag comes first, which decodes faster.
        _decoder.decode(body)
    except msgspec.MsgspecError as error:
        raise JournalError(f"a journal record does not read: {error}") from error
    return _VERSION_MARK + body[1:]


def decode(payload: bytes) -> AnyRecord:
    """Read a record of any version up to today's. Raises JournalError otherwise."""
    if payload.startswith(_VERSION_MARK):
        try:
            record: AnyRecord = _decoder.decode(payload)
            return record
        except _UNREADABLE as error:
            raise JournalError(f"a journal record does not read: {error}") from error
    try:
        raw = msgspec.json.decode(payload)
        version = raw.pop("v")
    except (*_UNREADABLE, KeyError, AttributeError, TypeError) as error:
        raise JournalError("a journal record is not one of ours") from error
    if type(version) is not int or version < 1:
        raise JournalError(f"a journal record has the format {version!r}, which never was")
    if version > FORMAT_VERSION:
        raise JournalError(
            f"the journal was written by a newer Crossdock (format {version}, this one "
            f"reads up to {FORMAT_VERSION})",
            code="journal-newer",
            hint="upgrade crossdock; nothing was changed",
        )
    try:
        while version < FORMAT_VERSION:
            raw = UPCASTS[version](raw)
            version += 1
        upcast: AnyRecord = msgspec.convert(raw, AnyRecord)
        return upcast
    except (msgspec.ValidationError, KeyError) as error:
        raise JournalError(f"a journal record does not read: {error}") from error
