"""The last 24 hours of a market in a few numbers."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Context, Decimal

from crossdock.model import ZERO
from crossdock.sandbox.host import SECOND_NS, Host

_HOUR_S = 3600
_DAY_HOURS = 24
_AVERAGE = Context(prec=28)
_ROUND = Decimal("0.00001")


@dataclass(frozen=True, slots=True)
class Day:
    """`vwap` is made of hours, each at its closing price."""

    open: Decimal = ZERO
    high: Decimal = ZERO
    low: Decimal = ZERO
    last: Decimal = ZERO
    volume: Decimal = ZERO
    vwap: Decimal = ZERO
    count: int = 0


def day_of(host: Host, symbol: str) -> Day:
    now_ns = host.clock.time_ns()
    start_ns = now_ns - _DAY_HOURS * _HOUR_S * SECOND_NS
    bars = [
        candle
        for _, candle in host.bars.closed(
            symbol, _HOUR_S, start_ns=start_ns, end_ns=now_ns, limit=_DAY_HOURS
        )
    ]
    forming = host.bars.forming(symbol, _HOUR_S)
    if forming is not None:
        bars.append(forming[1])
    if not bars:
        return Day()
    volume = sum((it.volume for it in bars), ZERO)
    cost = sum((it.volume * it.close for it in bars), ZERO)
    vwap = _AVERAGE.divide(cost, volume).quantize(_ROUND) if volume else bars[-1].close
    return Day(
        open=bars[0].open,
        high=max(it.high for it in bars),
        low=min(it.low for it in bars),
        last=host.venue.last_price(symbol) or bars[-1].close,
        volume=volume,
        vwap=vwap,
        count=len(host.feed.trades(symbol, 1000)),
    )
