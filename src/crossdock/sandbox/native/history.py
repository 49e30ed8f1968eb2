"""Pages of an account's gap-free history."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeVar

from crossdock.sandbox.faults import FaultKind, Operation
from crossdock.sandbox.host import Host
from crossdock.sandbox.native.payloads import Payload, event_payload, fill_payload

Row = TypeVar("Row")


def fills_page(host: Host, account: str, after: int, limit: int) -> Payload:
    history = host.venue.fills(account)
    rows = _page(host, account, history, after, limit)
    return {"fills": [fill_payload(row) for row in rows], "last": len(history)}


def events_page(host: Host, account: str, after: int, limit: int) -> Payload:
    history = host.venue.events(account)
    rows = _page(host, account, history, after, limit)
    return {"events": [event_payload(row) for row in rows], "last": len(history)}


def _page(
    host: Host, account: str, history: Sequence[Row], after: int, limit: int
) -> Sequence[Row]:
    rows = history[after : after + limit]
    if rows and host.faults.take(FaultKind.HISTORY_TRUNCATED, Operation.READ, account):
        return rows[: len(rows) // 2]
    return rows
