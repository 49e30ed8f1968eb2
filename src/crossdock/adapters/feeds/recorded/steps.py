"""Tick and lot of an instrument that nobody described, from the finest step seen."""

from __future__ import annotations

from decimal import Decimal

from crossdock.model import (
    ONE,
    ZERO,
    Asset,
    BookChange,
    ContractKind,
    Instrument,
    InstrumentId,
    TickBand,
    Trade,
    symbol_of,
)
from crossdock.ports import MarketEvent


class FinestSteps:
    """The most places after the point that prices and quantities were written with."""

    def __init__(self) -> None:
        self._places: dict[InstrumentId, list[int]] = {}

    def take(self, event: MarketEvent) -> None:
        if isinstance(event, BookChange):
            places = self._of(event.instrument)
            for price, quantity in (*event.bids, *event.asks):
                _widen(places, price, quantity)
        elif isinstance(event, Trade):
            _widen(self._of(event.instrument), f"{event.price:f}", f"{event.quantity:f}")

    def instrument(self, instrument: InstrumentId, venue_key: str) -> Instrument:
        """Describe an instrument as far as its symbol and the steps seen tell."""
        pair, _, rest = symbol_of(instrument).partition(":")
        base, _, quote = pair.partition("/")
        settle = rest.partition("-")[0]
        of_price, of_quantity = self._of(instrument)
        return Instrument(
            id=instrument,
            venue_key=venue_key,
            kind=_kind_of(base, settle, rest),
            base=Asset(base),
            quote=Asset(quote or base),
            settle=Asset(settle or quote or base),
            tick_table=(TickBand(floor=ZERO, tick=ONE.scaleb(-of_price)),),
            quantity_step=ONE.scaleb(-of_quantity),
        )

    def _of(self, instrument: InstrumentId) -> list[int]:
        return self._places.setdefault(instrument, [0, 0])


def _widen(places: list[int], *numbers: str) -> None:
    for which, number in enumerate(numbers):
        part = number.partition(".")[2].rstrip("0")
        if "e" in part or "E" in number:
            part = f"{Decimal(number):f}".partition(".")[2].rstrip("0")
        places[which] = max(places[which], len(part))


def _kind_of(base: str, settle: str, rest: str) -> ContractKind:
    if not settle:
        return ContractKind.SPOT
    if rest.endswith(("-C", "-P")):
        return ContractKind.OPTION
    return ContractKind.INVERSE if settle == base else ContractKind.LINEAR
