"""What moved an account besides its trades, for the lists that tell of it."""

from __future__ import annotations

from crossdock.model import AccountEventKind
from crossdock.sandbox.engine import VenueEvent
from crossdock.sandbox.faces.kucoin_gateway.orders import Span
from crossdock.sandbox.host import Host


def moves(
    host: Host,
    account: str,
    kinds: frozenset[AccountEventKind],
    asset: str | None,
    span: Span,
) -> list[VenueEvent]:
    """Return events of these kinds, newest first."""
    return [
        it
        for it in reversed(host.venue.events(account))
        if it.kind in kinds and asset in (None, it.asset) and it.time_ns in span
    ]
