"""The instrument of a recording that names no steps: from the finest step seen."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from decimal import Decimal
from typing import Any

from crossdock.adapters.feeds.recorded.names import assets_of, is_pair
from crossdock.model import (
    ONE,
    Asset,
    ContractKind,
    Instrument,
    TickBand,
    instrument_id,
)

MOST_DECIMALS = 8  # what is finer is a float's noise, but in numbers below a thousandth
_DIGITS = 8  # that a small number keeps whatever it takes: coins cost 0.0000000123 too
_MOST_DIGITS = 17  # of a float: one that has more is whole
_LEAST_DIGIT = -325  # beneath it a float is 0
DEAREST_SHARE = 1_000.0
_SAMPLE = 2_000  # of numbers in a block, whose decimals are slow to find


def decimals_of(values: Sequence[Any]) -> int:
    """Return the most decimals among numbers, without those that are a float's noise.

    Of floats, and of text with exponents or more than eight decimals, a sample decides.
    """
    if values and isinstance(values[0], str):
        joined = " ".join(values)
        if "e" not in joined and "E" not in joined:
            found = _decimals_in(joined)
            if found < MOST_DECIMALS:
                return found
    step = max(1, len(values) // _SAMPLE)
    return max((_decimals(value) for value in values[::step]), default=0)


def exact_of(value: Any) -> Decimal:
    """Return a float as it was meant: 0.014596000000000001 was written for 0.014596.

    Raises ArithmeticError for what is no finite number.
    """
    exact = Decimal(str(value))
    if exact.adjusted() < _LEAST_DIGIT:
        return Decimal(0)
    if exact.adjusted() > _MOST_DIGITS:
        return Decimal(format(exact.to_integral_value(), "f"))
    kept = max(MOST_DECIMALS, _DIGITS - 1 - exact.adjusted())
    return Decimal(format(round(exact, kept).normalize(), "f"))


def _decimals_in(text: str) -> int:
    found = 0
    while found < MOST_DECIMALS and re.search(rf"\.\d{{{found}}}\d*[1-9]", text):
        found += 1
    return found


def _decimals(value: Any) -> int:
    exponent = exact_of(value).as_tuple().exponent
    return max(0, -exponent) if isinstance(exponent, int) else 0


def is_whole(values: Iterable[float]) -> bool:
    return all(map(float.is_integer, values))


def step_of(decimals: int) -> Decimal:
    return Decimal(1).scaleb(-decimals)


def recorded_instrument(
    symbol: str, venue: str, *, price_decimals: int, quantity_step: Decimal
) -> Instrument:
    """Return an instrument with the given steps; a symbol like BTC/USDT:USDT is linear."""
    base, quote, settle = assets_of(symbol)
    return Instrument(
        id=instrument_id(symbol, venue),
        venue_key=symbol,
        kind=ContractKind.LINEAR if ":" in symbol else ContractKind.SPOT,
        base=Asset(base),
        quote=Asset(quote),
        settle=Asset(settle),
        tick_table=(TickBand(floor=Decimal(0), tick=step_of(price_decimals)),),
        quantity_step=quantity_step,
    )


def lot_of_bars(symbol: str, *, whole_volumes: bool, price: float) -> Decimal:
    """Return 1 for what looks like a share, and 1e-8 for everything else.

    A share is no pair of known currencies or coins, and trades in whole numbers. One that
    costs more than most accounts would put into it is taken to trade in fractions.
    """
    is_share = whole_volumes and not is_pair(symbol) and price <= DEAREST_SHARE
    return ONE if is_share else step_of(MOST_DECIMALS)
