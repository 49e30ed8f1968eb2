"""What a journal record means to people, if anything."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any

from crossdock.core import records as r
from crossdock.core.orders import OrderState
from crossdock.core.projection import more_fees_words
from crossdock.core.state import State
from crossdock.model import FillKind, OrderId
from crossdock.ports import AlertEvent, AlertKind, AlertLevel

_DISCONNECTS = frozenset({"account-away", "market-down"})
_Parts = tuple[AlertKind, AlertLevel, str, str, Mapping[str, object]]

_Kind, _Level = AlertKind, AlertLevel


def event_of(record: r.AnyRecord, state: State) -> AlertEvent | None:
    """Return what is told of a record; None for one that is nobody's concern.

    Its id follows from the record alone, so a record read again makes the same event.
    """
    tell = _TELLERS.get(type(record))
    parts = None if tell is None else tell(record, state)
    if parts is None:
        return None
    kind, level, title, words, facts = parts
    digest = hashlib.sha256(r.encode(record)).hexdigest()
    return AlertEvent(
        id=f"{kind}-{digest[:24]}",
        at=record.at,
        kind=kind,
        level=level,
        title=title,
        words=words,
        facts={
            name: f"{value:f}" if isinstance(value, Decimal) else str(value)
            for name, value in facts.items()
            if value not in (None, "")
        },
    )


def is_told(record: object) -> bool:
    """Tell at once whether `event_of` can have something to say of it."""
    match record:
        case r.AttemptEnded() | r.MovementEnded():
            return record.outcome is r.Outcome.UNKNOWN
        case r.FlagSet():
            return record.name == "notifications"
    return type(record) in _TELLERS


def _fill(record: r.FillRecorded, state: State) -> _Parts:
    fill = record.fill
    order = state.orders.get(record.order_id) if record.order_id else None
    what = f"{fill.side} {fill.quantity:f} {fill.instrument} at {fill.price:f}"
    level = _Level.NOTE
    match fill.kind:
        case FillKind.BUSTED:
            level, title = _Level.WARNING, f"Fill taken back by the venue: {what}"
        case FillKind.CORRECTED:
            level, title = _Level.WARNING, f"Fill corrected by the venue: {what}"
        case _:
            title = f"Filled: {what}"
    if order is None or order.foreign:
        title = f"{title} (not ours)"
    facts = {
        "account": fill.account,
        "instrument": fill.instrument,
        "side": fill.side,
        "quantity": fill.quantity,
        "price": fill.price,
        "fee": fill.fee,
        "fee_asset": fill.fee_asset,
        "more_fees": more_fees_words(fill),
        "fill_kind": fill.kind,
        "execution_id": fill.execution_id,
        "venue_order_id": fill.venue_order_id,
        **_of_order(order),
    }
    return _Kind.FILL, level, title, _by(order, fill.account), facts


def _attempt_ended(record: r.AttemptEnded, state: State) -> _Parts | None:
    if record.outcome is not r.Outcome.UNKNOWN:
        return None
    order = state.orders.get(record.order_id)
    title = f"In doubt: {_what(order, record.order_id)}"
    facts = {"attempt_id": record.attempt_id, **_of_order(order)}
    return _Kind.DOUBT, _Level.WARNING, title, record.words, facts


def _doubt_resolved(record: r.DoubtResolved, state: State) -> _Parts:
    order = state.orders.get(record.order_id)
    title = f"Doubt settled, {record.verdict}: {_what(order, record.order_id)}"
    words = f"by {record.by}" + (f": {record.words}" if record.words else "")
    facts = {
        "attempt_id": record.attempt_id,
        "verdict": record.verdict,
        "by": record.by,
        **_of_order(order),
    }
    return _Kind.DOUBT, _Level.NOTE, title, words, facts


def _doubt_escalated(record: r.DoubtEscalated, state: State) -> _Parts:
    order = state.orders.get(record.order_id)
    title = f"Doubt needs a person: {_what(order, record.order_id)}"
    facts = {"attempt_id": record.attempt_id, **_of_order(order)}
    return _Kind.DOUBT, _Level.URGENT, title, record.words, facts


def _movement_ended(record: r.MovementEnded, _: State) -> _Parts | None:
    if record.outcome is not r.Outcome.UNKNOWN:
        return None
    title = f"Money in doubt: movement {record.movement_id} of {record.account}"
    facts = {"account": record.account, "movement_id": record.movement_id}
    return _Kind.DOUBT, _Level.URGENT, title, record.words, facts


def _movement_settled(record: r.MovementSettled, _: State) -> _Parts:
    title = f"Movement {record.movement_id} of {record.account} settled: {record.verdict}"
    facts = {
        "account": record.account,
        "movement_id": record.movement_id,
        "verdict": record.verdict,
        "by": record.by,
    }
    return _Kind.DOUBT, _Level.NOTE, title, f"by {record.by}", facts


def _killed(record: r.KillSwitched, _: State) -> _Parts:
    whom = record.account or "all accounts"
    facts = {"account": record.account, "by": record.by, "reason": record.reason}
    if not record.engaged:
        return (
            _Kind.KILL,
            _Level.WARNING,
            f"Kill switch released: {whom}",
            (f"by {record.by}"),
            facts,
        )
    flat = ", and flatten" if record.flatten else ""
    words = f"by {record.by}: {record.reason or 'no reason given'}"
    return _Kind.KILL, _Level.URGENT, f"KILL SWITCH: cancel {whom}{flat}", words, facts


def _halted(record: r.AccountHalted, _: State) -> _Parts:
    facts = {"account": record.account, "by": record.by, "reason": record.reason}
    words = f"by {record.by}: {record.reason}"
    if record.halted:
        title = f"{record.account} is halted: it takes no new risk"
        return _Kind.KILL, _Level.URGENT, title, words, facts
    return _Kind.KILL, _Level.NOTE, f"{record.account} is resumed", words, facts


def _alarmed(record: r.Alarmed, _: State) -> _Parts:
    kind = _Kind.DISCONNECT if record.code in _DISCONNECTS else _Kind.ALARM
    facts = {
        "code": record.code,
        "account": record.account,
        "order_id": record.order_id,
        "correlation": record.correlation,
    }
    return kind, _Level.WARNING, record.code, record.words, facts


def _flag_set(record: r.FlagSet, _: State) -> _Parts | None:
    if record.name != "notifications":
        return None
    if record.value:
        title = "Notifications are on again"
        return _Kind.ALARM, _Level.NOTE, title, f"by {record.by}", {"by": record.by}
    title = "Notifications are OFF: this is the last message"
    return _Kind.ALARM, _Level.URGENT, title, f"by {record.by}", {"by": record.by}


_TELLERS: Mapping[type, Callable[[Any, State], _Parts | None]] = {
    r.FillRecorded: _fill,
    r.AttemptEnded: _attempt_ended,
    r.DoubtResolved: _doubt_resolved,
    r.DoubtEscalated: _doubt_escalated,
    r.MovementEnded: _movement_ended,
    r.MovementSettled: _movement_settled,
    r.KillSwitched: _killed,
    r.AccountHalted: _halted,
    r.Alarmed: _alarmed,
    r.FlagSet: _flag_set,
}
TOLD = tuple(_TELLERS)
"""The kinds of record to listen for."""


def _what(order: OrderState | None, order_id: OrderId) -> str:
    if order is None:
        return f"order {order_id}"
    request = order.request
    return f"{request.side} {order.quantity:f} {request.instrument} ({order_id})"


def _by(order: OrderState | None, account: str) -> str:
    strategy = "" if order is None else order.request.strategy
    return f"{account}, {strategy}" if strategy else account


def _of_order(order: OrderState | None) -> dict[str, object]:
    if order is None:
        return {}
    request = order.request
    return {
        "account": request.account,
        "instrument": request.instrument,
        "order_id": order.order_id,
        "portfolio": request.portfolio,
        "strategy": request.strategy,
        "correlation": request.correlation,
    }
