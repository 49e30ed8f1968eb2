"""Bars of a time, the one not closed yet among them."""

from __future__ import annotations

from crossdock.sandbox.host import SECOND_NS, Host
from crossdock.sandbox.market import Candle


def bars_of(
    host: Host,
    symbol: str,
    width_s: int,
    *,
    start_ns: int | None,
    end_ns: int | None,
    limit: int,
) -> list[tuple[int, Candle]]:
    """Return (start in seconds, candle), oldest first; without a start the newest."""
    until_ns = host.clock.time_ns() if end_ns is None else end_ns
    width_ns = width_s * SECOND_NS
    if start_ns is None:
        start_ns = max(0, (until_ns // width_ns - limit + 1) * width_ns)
    rows = host.bars.closed(
        symbol, width_s, start_ns=start_ns, end_ns=until_ns, limit=limit
    )
    forming = host.bars.forming(symbol, width_s)
    if forming is not None and start_ns <= forming[0] * SECOND_NS < until_ns:
        rows.append(forming)
    return rows[:limit]
