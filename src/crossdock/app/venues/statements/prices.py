"""The price of one, from the money paid for all."""

from __future__ import annotations

from decimal import Context, Decimal

_DIGITS = 40  # so that price times quantity is the money again, to its last digit


def unit_price(total: Decimal, quantity: Decimal, told: Decimal) -> Decimal:
    """Return the price the export tells where it is exact, else money by quantity.

    Exports round the price of one to eight places. The money is what was paid.
    """
    exact = Context(prec=_DIGITS)
    if told > 0 and exact.multiply(told, quantity) == total:
        return told
    return exact.divide(total, quantity)
