"""What one account has at work: its holdings and open orders, line by line, at worst."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from decimal import Context, Decimal
from typing import NamedTuple

from crossdock.core.risk.reservations import NOTHING_OPEN, OpenExposure
from crossdock.core.risk.view import UnderlyingExposure
from crossdock.core.state import State
from crossdock.model import (
    ZERO,
    AccountId,
    Asset,
    ContractKind,
    Instrument,
    InstrumentId,
    PositionSide,
    venue_of,
)

_WIDE = Context(prec=200)  # sums that are added to and taken from must not round
_add, _subtract, _multiply = _WIDE.add, _WIDE.subtract, _WIDE.multiply

_Key = Asset | tuple[InstrumentId, PositionSide]
"""What counts once: of spot an asset, whatever it trades against; else a position."""

UnitWorth = Callable[[Instrument], Decimal | None]
"""What one unit of an instrument is worth in the reporting currency; None: not known."""


class Line(NamedTuple):
    """One line's worth in the reporting currency; `priced` is False when nobody knows it.

    `long` is the signed value if every open buy fills and no sell does, `short` the
    reverse, `gross` the larger of the two sizes.
    """

    underlying: Asset
    gross: Decimal = ZERO
    long: Decimal = ZERO
    short: Decimal = ZERO
    priced: bool = True


class _Underlying:
    __slots__ = ("long", "short", "unpriced")

    def __init__(self) -> None:
        self.long = self.short = ZERO
        self.unpriced = 0


class AccountExposure:
    """Sums over everything an account holds or has open, kept in step as orders come.

    What an order or approval reserves changes one line; a fill, a cash event, a listing
    or `revalue` has all lines counted anew, at the next read.
    """

    def __init__(
        self,
        state: State,
        account: AccountId,
        venue: str,
        currency: Asset,
        unit_worth: UnitWorth,
    ) -> None:
        self._state = state
        self._account = account
        self._venue = venue
        self._currency = currency
        self._unit_worth = unit_worth
        self._touched = state.reservations.watch(account)
        self._counted_at = (-1, -1)
        self._pairs: dict[Asset, list[Instrument]] = {}
        self._paired_at = -1
        self._units: dict[_Key, Decimal] = {}
        self._lines: dict[_Key, Line] = {}
        self._gross = ZERO
        self._unpriced = 0
        self._underlyings: dict[Asset, _Underlying] = {}

    def gross(self) -> Decimal | None:
        """Return the worst case of all lines, unsigned. None: something has no price."""
        self._keep_up()
        return None if self._unpriced else self._gross

    def underlying(self, underlying: Asset) -> UnderlyingExposure | None:
        """Return the worst case of one underlying. None: something in it has no price."""
        self._keep_up()
        known = self._underlyings.get(underlying)
        if known is None:
            return UnderlyingExposure(ZERO, ZERO)
        return None if known.unpriced else UnderlyingExposure(known.long, known.short)

    def open_exposure(
        self, instrument: Instrument, position_side: PositionSide
    ) -> OpenExposure:
        """Return what is open against a holding: of spot, on every pair of its base."""
        reservations = self._state.reservations
        if instrument.kind is ContractKind.SPOT:
            return self._open_on(self._spot_pairs().get(instrument.base) or [instrument])
        return reservations.open_exposure(self._account, instrument.id, position_side)

    def held(self, instrument: Instrument, position_side: PositionSide) -> Decimal:
        """Return the signed quantity held: of spot, the balance of its base."""
        ledger = self._state.ledger
        if instrument.kind is ContractKind.SPOT:
            return ledger.balance(self._account, instrument.base)
        return ledger.quantity(self._account, instrument.id, position_side)

    def revalue(self) -> None:
        """Have every line priced anew at the next read."""
        self._units.clear()
        self._counted_at = (-1, -1)

    def _keep_up(self) -> None:
        state = self._state
        now = (state.holdings_moved.get(self._account, 0), state.listings)
        if now != self._counted_at:
            self._count_all(now)
        elif self._touched:
            for _, instrument, position_side in self._touched:
                listed = state.instruments.get(instrument)
                if listed is not None and self._is_here(listed):
                    self._count(_key(listed, position_side), listed)
            self._touched.clear()

    def _count_all(self, now: tuple[int, int]) -> None:
        self._counted_at = now
        self._lines.clear()
        self._underlyings.clear()
        self._gross, self._unpriced = ZERO, 0
        self._touched.clear()
        for key, instrument in self._active():
            if key not in self._lines and self._is_here(instrument):
                self._count(key, instrument)

    def _spot_pairs(self) -> dict[Asset, list[Instrument]]:
        """Return the venue's spot instruments by what they trade, as listed now."""
        if self._paired_at != self._state.listings:
            self._paired_at = self._state.listings
            self._pairs = {}
            for instrument in self._state.instruments.values():
                if instrument.kind is ContractKind.SPOT and self._is_here(instrument):
                    self._pairs.setdefault(instrument.base, []).append(instrument)
        return self._pairs

    def _is_here(self, instrument: Instrument) -> bool:
        return venue_of(instrument.id) == self._venue

    def _active(self) -> Iterator[tuple[_Key, Instrument]]:
        """Yield every line that holds something or has something open, some twice."""
        instruments, spot = self._state.instruments, self._spot_pairs()
        for balance in self._state.ledger.balances(self._account):
            pairs = spot.get(balance.asset)
            if balance.total and pairs:
                yield balance.asset, pairs[0]
        for instrument_id, position_side in self._state.ledger.contracts(self._account):
            yield (instrument_id, position_side), instruments[instrument_id]
        for line, _ in self._state.reservations.lines():
            if line[0] == self._account and line[1] in instruments:
                listed = instruments[line[1]]
                yield _key(listed, line[2]), listed

    def _count(self, key: _Key, instrument: Instrument) -> None:
        old = self._lines.get(key)
        new = self._lines[key] = self._line(key, instrument)
        sums = self._underlyings.get(new.underlying)
        if sums is None:
            sums = self._underlyings[new.underlying] = _Underlying()
        if old is not None:
            self._gross = _subtract(self._gross, old.gross)
            sums.long = _subtract(sums.long, old.long)
            sums.short = _subtract(sums.short, old.short)
            sums.unpriced -= not old.priced
            self._unpriced -= not old.priced
        self._gross = _add(self._gross, new.gross)
        sums.long = _add(sums.long, new.long)
        sums.short = _add(sums.short, new.short)
        sums.unpriced += not new.priced
        self._unpriced += not new.priced

    def _line(self, key: _Key, instrument: Instrument) -> Line:
        base = instrument.base
        if isinstance(key, tuple):
            held = self._state.ledger.quantity(self._account, *key)
            open_ = self._state.reservations.open_exposure(self._account, *key)
        elif base == self._currency:
            return Line(base)
        else:
            held = self._state.ledger.balance(self._account, base)
            open_ = self._open_on(self._spot_pairs()[base])
        long = _add(held, open_.buy_quantity)
        short = _subtract(held, open_.sell_quantity)
        if not long and not short:
            return Line(base)
        unit = self._unit(key, instrument)
        if unit is None:
            return Line(base, priced=False)
        long, short = _multiply(long, unit), _multiply(short, unit)
        return Line(base, max(long.copy_abs(), short.copy_abs()), long, short)

    def _unit(self, key: _Key, instrument: Instrument) -> Decimal | None:
        """Return what one unit is worth; of an asset that has several pairs, at most."""
        known = self._units.get(key)
        if known is not None:
            return known
        pairs = [instrument] if isinstance(key, tuple) else self._spot_pairs()[key]
        worths = [worth for pair in pairs if (worth := self._unit_worth(pair)) is not None]
        if not worths:
            return None
        worth = self._units[key] = max(worths)
        return worth

    def _open_on(self, pairs: list[Instrument]) -> OpenExposure:
        open_exposure = self._state.reservations.open_exposure
        total = open_exposure(self._account, pairs[0].id)
        for pair in pairs[1:]:
            more = open_exposure(self._account, pair.id)
            if more is not NOTHING_OPEN:
                total = OpenExposure(*map(_add, total, more))
        return total


def _key(instrument: Instrument, position_side: PositionSide) -> _Key:
    if instrument.kind is ContractKind.SPOT:
        return instrument.base
    return instrument.id, position_side
