"""Pages of an account's gap-free history."""

from __future__ import annotations

from crossdock.sandbox.faces.native.payloads import Payload, event_payload, fill_payload
from crossdock.sandbox.faces.passage import Passage
from crossdock.sandbox.host import Host


def fills_page(
    host: Host, passage: Passage, account: str, after: int, limit: int
) -> Payload:
    history = host.venue.fills(account)
    rows = passage.page(account, history[after : after + limit])
    return {"fills": [fill_payload(row) for row in rows], "last": len(history)}


def events_page(
    host: Host, passage: Passage, account: str, after: int, limit: int
) -> Payload:
    history = host.venue.events(account)
    rows = passage.page(account, history[after : after + limit])
    return {"events": [event_payload(row) for row in rows], "last": len(history)}
