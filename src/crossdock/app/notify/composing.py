"""One message of one event, or of a burst of them."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from decimal import Decimal

from crossdock.app.notify.rules import highest
from crossdock.ports import Alert, AlertEvent, AlertKind

MOST_LINES = 20
MOST_EVENTS = 1000
_ORDER = (
    AlertKind.KILL,
    AlertKind.DOUBT,
    AlertKind.DISCONNECT,
    AlertKind.ALARM,
    AlertKind.FILL,
)
_MANY = {
    AlertKind.FILL: "fills",
    AlertKind.DOUBT: "events of orders in doubt",
    AlertKind.DISCONNECT: "disconnects and returns",
    AlertKind.KILL: "kills and halts",
    AlertKind.ALARM: "alarms",
}


def messages_of(
    events: Sequence[AlertEvent], *, desk: str, mode: str, receiver: str
) -> list[Alert]:
    """Return one message for each kind of event; what matters most comes first.

    The id follows from the events and the receiver.
    """
    made = []
    for kind in _ORDER:
        of_kind = [event for event in events if event.kind is kind]
        for start in range(0, len(of_kind), MOST_EVENTS):
            part = of_kind[start : start + MOST_EVENTS]
            made.append(_message(part, kind, desk, mode, receiver))
    return made


def _message(
    events: Sequence[AlertEvent], kind: AlertKind, desk: str, mode: str, receiver: str
) -> Alert:
    names = "\n".join([receiver, *(event.id for event in events)])
    only = events[0] if len(events) == 1 else None
    if only is not None:
        title, lines = only.title, [only.words] if only.words else []
    else:
        title = f"{len(events)} {_MANY[kind]}"
        lines = list(_fills(events) if kind is AlertKind.FILL else map(_line, events))
    return Alert(
        id=f"msg-{hashlib.sha256(names.encode()).hexdigest()[:32]}",
        at=max(event.at for event in events),
        kind=kind,
        level=highest([event.level for event in events]),
        title=f"{mode.upper()} {desk}: {title}",
        lines=tuple(_shortened(lines)),
        events=tuple(events),
        desk=desk,
        mode=mode,
    )


def _line(event: AlertEvent) -> str:
    return f"{event.title}: {event.words}" if event.words else event.title


def _shortened(lines: Sequence[str]) -> Iterable[str]:
    yield from lines[:MOST_LINES]
    if len(lines) > MOST_LINES:
        yield f"and {len(lines) - MOST_LINES} more"


def _fills(events: Sequence[AlertEvent]) -> Iterable[str]:
    """Return a line for each account, market and side: how much, at which average price."""
    sums: dict[tuple[str, str, str], list[Decimal]] = {}
    for event in events:
        facts = event.facts
        if facts.get("fill_kind") in ("busted", "corrected"):
            yield _line(event)
            continue
        key = (facts["account"], facts["side"], facts["instrument"])
        quantity, price = Decimal(facts["quantity"]), Decimal(facts["price"])
        total = sums.setdefault(key, [Decimal(0), Decimal(0), Decimal(0)])
        total[0] += 1
        total[1] += quantity
        total[2] += quantity * price
    for (account, side, instrument), (count, quantity, value) in sums.items():
        average = value / quantity if quantity else Decimal(0)
        yield (
            f"{side} {quantity:f} {instrument} at {average:.8g} on average, "
            f"{count} fills ({account})"
        )
