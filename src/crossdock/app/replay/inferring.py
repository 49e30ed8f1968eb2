"""What can be told of an instrument from its prices alone."""

from __future__ import annotations

from decimal import Decimal
from itertools import islice

from crossdock.model import (
    Asset,
    Bars,
    ContractKind,
    Instrument,
    TickBand,
    symbol_of,
)

_MOST_PLACES = 8  # what is finer is a float's noise, but in prices below a thousandth
_DIGITS = 8  # that a small price keeps whatever it takes
_LOOK_AT = 500
_LOT = Decimal("1e-8")


def instrument_of(bars: Bars) -> Instrument:
    """Return a spot instrument whose tick is the finest step in the prices."""
    base, _, quote = symbol_of(bars.instrument).partition("/")
    quote = quote.partition(":")[0] or "USD"
    prices = islice(zip(bars.open, bars.high, bars.low, bars.close, strict=True), _LOOK_AT)
    places = max((_places(price) for row in prices for price in row), default=2)
    return Instrument(
        id=bars.instrument,
        venue_key=symbol_of(bars.instrument),
        kind=ContractKind.SPOT,
        base=Asset(base),
        quote=Asset(quote),
        settle=Asset(quote),
        tick_table=(TickBand(floor=Decimal(0), tick=Decimal(1).scaleb(-places)),),
        quantity_step=_LOT,
    )


def _places(price: float) -> int:
    exact = Decimal(repr(price))
    most = max(_MOST_PLACES, _DIGITS - 1 - exact.adjusted())
    exponent = round(exact, most).normalize().as_tuple().exponent
    return max(-exponent, 0) if isinstance(exponent, int) else 0
