"""Round trips: from flat to flat."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal

from crossdock.model import (
    ONE,
    ZERO,
    Asset,
    ContractKind,
    Fill,
    FillKey,
    FillKind,
    Instrument,
    InstrumentId,
    Side,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class RoundTrip:
    """A position from flat to flat. A fill that turns it around ends one and begins another.

    `quantity` is the most that was held, `side` that of the entry. Prices are averages by
    quantity, harmonic for inverse contracts. Money is in the instrument's settlement asset
    (quote, for spot); `pnl` is after fees. One that is still open has the P&L of what was
    closed so far, at average cost.
    """

    instrument: InstrumentId
    side: Side
    quantity: Decimal
    entry_time_ns: int
    entry_price: Decimal
    exit_time_ns: int | None  # None: still open
    exit_price: Decimal | None  # of what was closed so far
    gross_pnl: Decimal
    fees: Decimal
    fills: int

    @property
    def pnl(self) -> Decimal:
        return self.gross_pnl - self.fees


def round_trips(
    fills: Iterable[Fill],
    instruments: Mapping[InstrumentId, Instrument],
    *,
    rates: Mapping[Asset, Decimal] | None = None,
) -> list[RoundTrip]:
    """Pair fills, oldest first, into round trips in order of exit; open ones come last.

    Accounts, hedge legs and margin modes are paired apart. Corrected and busted fills take
    the place of what they replace. A fee in base or quote is turned into the settlement
    asset at its fill's price, one in a third asset by `rates` (settlement per unit).
    Raises ValueError for a fee without a rate and for a fill that comes twice, KeyError
    for an unlisted instrument.
    """
    rates = rates or {}
    building: dict[tuple[object, ...], _Building] = {}
    closed: list[RoundTrip] = []
    for fill in _in_effect(fills):
        instrument = instruments[fill.instrument]
        key = (fill.account, fill.instrument, fill.position_side, fill.margin_mode)
        trip = building.get(key)
        fee = _fee(fill, instrument, rates)
        left = fill.quantity if fill.side is Side.BUY else -fill.quantity
        if trip is not None and (trip.held > 0) != (left > 0):
            closing = max(left, -trip.held) if left < 0 else min(left, -trip.held)
            share = fee if closing == left else fee * closing / left
            trip.take(fill, closing, share)
            left -= closing
            fee -= share
            if not trip.held:
                closed.append(trip.end(fill.venue_time_ns))
                del building[key]
                trip = None
        if left:
            if trip is None:
                trip = building[key] = _Building(fill, instrument)
            trip.take(fill, left, fee)
    return closed + [trip.end(None) for trip in building.values()]


class _Building:
    """A round trip under way. Values are signed by quantity, as is `held`."""

    __slots__ = (
        "_entered",
        "_entered_value",
        "_exited",
        "_exited_value",
        "_fees",
        "_fills",
        "_first",
        "_instrument",
        "_most",
        "held",
    )

    def __init__(self, first: Fill, instrument: Instrument) -> None:
        self.held = ZERO
        self._first = first
        self._instrument = instrument
        self._most = ZERO
        self._entered = self._entered_value = ZERO
        self._exited = self._exited_value = ZERO
        self._fees = ZERO
        self._fills = 0

    def take(self, fill: Fill, quantity: Decimal, fee: Decimal) -> None:
        """Enter or leave by a signed quantity, which never goes through zero."""
        value = self._instrument.notional(quantity, fill.price)
        if self.held and (self.held > 0) != (quantity > 0):
            self._exited += quantity
            self._exited_value += value
        else:
            self._entered += quantity
            self._entered_value += value
        self.held += quantity
        self._most = max(self._most, abs(self.held))
        self._fees += fee
        self._fills += 1

    def end(self, time_ns: int | None) -> RoundTrip:
        cost = self._entered_value
        if self.held and self._exited:
            cost = self._entered_value * -self._exited / self._entered
        gross = -(cost + self._exited_value) if self._exited else ZERO
        if self._instrument.kind is ContractKind.INVERSE:
            gross = -gross
        return RoundTrip(
            instrument=self._instrument.id,
            side=self._first.side,
            quantity=self._most,
            entry_time_ns=self._first.venue_time_ns,
            entry_price=self._price(self._entered, self._entered_value),
            exit_time_ns=time_ns,
            exit_price=self._price(self._exited, self._exited_value)
            if self._exited
            else None,
            gross_pnl=gross,
            fees=self._fees,
            fills=self._fills,
        )

    def _price(self, quantity: Decimal, value: Decimal) -> Decimal:
        size = quantity * self._instrument.multiplier
        if self._instrument.kind is ContractKind.INVERSE:
            return size / value
        return value / size


def _in_effect(fills: Iterable[Fill]) -> Iterable[Fill]:
    """Put corrections where the fill they replace stood, and leave out what was taken back."""
    places: dict[FillKey, int] = {}
    standing: list[Fill] = []
    for fill in fills:
        if fill.key in places:
            raise ValueError(f"fill {fill.key} comes twice")
        place = len(standing)
        if fill.replaces is not None:
            place = places.get((*fill.key[:3], fill.replaces), place)
        elif fill.kind in (FillKind.CORRECTED, FillKind.BUSTED):
            raise ValueError(
                f"the {fill.kind} fill {fill.key} does not say which it replaces"
            )
        if place == len(standing):
            standing.append(fill)
        else:
            standing[place] = fill
        places[fill.key] = place
    return (fill for fill in standing if fill.quantity)


def _fee(fill: Fill, instrument: Instrument, rates: Mapping[Asset, Decimal]) -> Decimal:
    paid = (_in_settle(fill, asset, fee, instrument, rates) for asset, fee in fill.fees)
    return sum(paid, ZERO)


def _in_settle(
    fill: Fill,
    asset: Asset,
    fee: Decimal,
    instrument: Instrument,
    rates: Mapping[Asset, Decimal],
) -> Decimal:
    settle = instrument.quote if instrument.kind is ContractKind.SPOT else instrument.settle
    if asset == settle:
        return fee
    rate = rates.get(asset)
    if rate is None and asset == instrument.base and settle == instrument.quote:
        rate = fill.price
    if rate is None and asset == instrument.quote and settle == instrument.base:
        rate = ONE / fill.price
    if rate is None:
        raise ValueError(
            f"fill {fill.execution_id} of {fill.instrument} paid its fee in {asset}: "
            f"give its rate in {settle}"
        )
    return fee * rate
