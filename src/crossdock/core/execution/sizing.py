"""Turns an opinion into a quantity."""

from __future__ import annotations

from decimal import Decimal

from crossdock.model import ZERO, Direction, Signal


def target_quantity(
    signal: Signal, capital: Decimal, price: Decimal, share: Decimal
) -> Decimal:
    """Return the signed position a signal asks for: a share of capital at full strength.

    Confidence and strength scale it down; they come as floats and are taken as the
    decimals they print as. Raises ValueError when there is no price to size by.
    """
    if price <= 0:
        raise ValueError(
            f"a position in {signal.symbol} needs a positive price: got {price}"
        )
    if signal.direction is Direction.FLAT:
        return ZERO
    weight = Decimal(repr(signal.confidence)) * Decimal(repr(signal.strength))
    size = capital * share * weight / price
    return size if signal.direction is Direction.LONG else -size
