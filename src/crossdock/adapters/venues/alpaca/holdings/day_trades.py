"""Day trades, counted from fills: the vendor stopped counting them on 2026-07-06.

https://docs.alpaca.markets/us/changelog/2026-07-06-pdt-db49dba, read 2026-11-21. The rule
is the one that held: what is opened and closed again on one day is one day trade, however
many orders it took; opening more after a close begins another.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal

from crossdock.adapters.venues.alpaca.holdings.activities import moment_ns
from crossdock.adapters.venues.alpaca.orders import side_of
from crossdock.adapters.venues.alpaca.stamps import day_of
from crossdock.adapters.venues.alpaca.wire import WireActivity

_ZERO = Decimal(0)


@dataclass(slots=True)
class _Day:
    held: Decimal
    opened: Decimal = _ZERO  # today and not closed yet, signed
    counted: bool = False  # the opening before the last close
    count: int = 0

    def trade(self, quantity: Decimal) -> None:
        closing = _ZERO
        if self.held * quantity < 0:
            closing = min(abs(quantity), abs(self.held)).copy_sign(quantity)
        if closing:
            self._close(closing)
        opening = quantity - closing
        if opening:
            self.opened += opening
            self.counted = False
        self.held += quantity

    def _close(self, closing: Decimal) -> None:
        if not self.opened:
            return
        if not self.counted:
            self.count += 1
            self.counted = True
        left = self.opened + closing
        self.opened = left if left * self.opened > 0 else _ZERO


def count(fills: Iterable[WireActivity], held_now: Mapping[str, Decimal]) -> int:
    """Count the day trades among fills that led to what is held now, by symbol.

    Coins are left out: they are not margined, and the rule was not theirs.
    """
    held = dict(held_now)
    trades: list[tuple[str, str, Decimal]] = []
    for fill in sorted(fills, key=moment_ns):
        if fill.symbol and "/" not in fill.symbol and fill.qty:
            signed = fill.qty * side_of(fill.side).sign
            trades.append((day_of(moment_ns(fill)), fill.symbol, signed))
            held[fill.symbol] = held.get(fill.symbol, _ZERO) - signed
    days: dict[tuple[str, str], _Day] = {}
    for day, symbol, signed in trades:
        known = days.get((day, symbol))
        if known is None:
            known = days[day, symbol] = _Day(held[symbol])
        known.trade(signed)
        held[symbol] = known.held
    return sum(day.count for day in days.values())
