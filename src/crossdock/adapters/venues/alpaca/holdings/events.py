"""Activities that are no fills, as events of the account.

https://docs.alpaca.markets/docs/account-activities and
https://docs.alpaca.markets/docs/non-trade-activities-for-option-events, read 2026-11-21.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from decimal import Decimal

from crossdock.adapters.venues.alpaca.holdings.activities import (
    is_split,
    moment_ns,
    split_key,
)
from crossdock.adapters.venues.alpaca.symbols import USD, Symbols, option_parts
from crossdock.adapters.venues.alpaca.wire import WireActivity
from crossdock.model import AccountEvent, AccountEventKind, AccountId, Asset, InstrumentId

Kind = AccountEventKind
_ZERO = Decimal(0)
_VOID = "canceled"

_CASH = {
    "CSD": Kind.DEPOSIT,
    "CSW": Kind.WITHDRAWAL,
    "ACATC": Kind.TRANSFER,
    "JNL": Kind.TRANSFER,
    "JNLC": Kind.TRANSFER,
    "SWP": Kind.TRANSFER,
    "INT": Kind.INTEREST,
    "INTNRA": Kind.INTEREST,
    "INTPNL": Kind.INTEREST,
    "INTTW": Kind.INTEREST,
    "FEE": Kind.FEE,
    "DIVFEE": Kind.FEE,
    "PTC": Kind.FEE,
    "PTR": Kind.FEE,
    "VOF": Kind.FEE,
    "CIL": Kind.SPLIT,  # cash in place of a fraction
}
_SHARES = {  # their quantity moves a holding, and no money
    "ACATS": Kind.TRANSFER,
    "JNLS": Kind.TRANSFER,
    "OCT": Kind.TRANSFER,
    "CFEE": Kind.FEE,
    "EXTRD": Kind.ADJUSTMENT,
    "MA": Kind.ADJUSTMENT,
    "NC": Kind.ADJUSTMENT,
    "REORG": Kind.ADJUSTMENT,
    "SC": Kind.ADJUSTMENT,
    "SPIN": Kind.ADJUSTMENT,
    "SSO": Kind.ADJUSTMENT,
}
_CONTRACTS = {  # their quantity ends a position in options, for nothing
    "OPEXP": Kind.EXPIRY,
    "OPCSH": Kind.EXPIRY,
    "OPASN": Kind.ASSIGNMENT,
    "OPEXC": Kind.ASSIGNMENT,
    "OPXRC": Kind.ASSIGNMENT,
}
_DELIVERY = "OPTRD"  # the shares that an exercise or assignment trades at the strike


class EventTranslation:
    """Names what moved an account without an order."""

    def __init__(
        self,
        account: AccountId,
        symbols: Symbols,
        is_listed: Callable[[InstrumentId], bool],
    ) -> None:
        self._account = account
        self._symbols = symbols
        self._is_listed = is_listed

    def events(
        self, rows: Sequence[WireActivity], received_ns: int
    ) -> Iterator[AccountEvent]:
        """Yield events in the order of their activities; void ones move nothing."""
        removed = {
            split_key(it): it.qty for it in rows if is_split(it) and it.qty and it.qty < 0
        }
        for row in rows:
            if row.status == _VOID:
                continue
            if is_split(row):
                if row.qty and row.qty > 0:
                    change = row.qty + (removed.get(split_key(row)) or _ZERO)
                    yield self._split(row, change, received_ns)
                continue
            yield from self._plain(row, received_ns)

    def _plain(self, row: WireActivity, received_ns: int) -> Iterator[AccountEvent]:
        type_, net, quantity = row.activity_type, row.net_amount, row.qty
        if type_ == _DELIVERY and row.symbol and quantity:
            yield self._delivery(row, quantity, net or _ZERO, received_ns)
            return
        moves = _CONTRACTS.get(type_) or _SHARES.get(type_)
        if moves is not None and row.symbol and quantity:
            yield self._moved(row, moves, quantity, received_ns)
            if net:
                yield self._cash(row, moves, net, f"{_id(row)}:cash", received_ns)
            return
        if net:
            yield self._cash(row, _cash_kind(type_, net), net, _id(row), received_ns)

    def _moved(
        self, row: WireActivity, kind: Kind, quantity: Decimal, received_ns: int
    ) -> AccountEvent:
        """Tell of shares or coins as of any other asset, of options as of a position."""
        symbol = row.symbol or ""
        if option_parts(symbol) is None:
            asset = self._symbols.base(symbol)
            return self._event(row, kind, asset, quantity, received_ns)
        price = _ZERO if row.activity_type in _CONTRACTS else row.price or _ZERO
        return self._event(
            row,
            kind,
            USD,
            _ZERO,
            received_ns,
            instrument=self._symbols.id_of(symbol),
            quantity=quantity,
            price=price,
        )

    def _delivery(
        self, row: WireActivity, quantity: Decimal, net: Decimal, received_ns: int
    ) -> AccountEvent:
        """Take the price from the money that moved: the one given is not always it."""
        price = -net / quantity if net else row.price or _ZERO
        return self._event(
            row,
            Kind.ASSIGNMENT,
            USD,
            net + quantity * price if net else _ZERO,
            received_ns,
            instrument=self._symbols.id_of(row.symbol or ""),
            quantity=quantity,
            price=price,
        )

    def _split(self, row: WireActivity, change: Decimal, received_ns: int) -> AccountEvent:
        return self._event(
            row,
            Kind.SPLIT,
            USD,
            _ZERO,
            received_ns,
            instrument=self._symbols.id_of(row.symbol or ""),
            quantity=change,
            price=row.price,
        )

    def _cash(
        self,
        row: WireActivity,
        kind: Kind,
        net: Decimal,
        event_id: str,
        received_ns: int,
    ) -> AccountEvent:
        """Name what the money is for, if it is listed: what is not must not lose it."""
        instrument = self._symbols.id_of(row.symbol) if row.symbol else None
        if instrument is not None and not self._is_listed(instrument):
            instrument = None
        return self._event(
            row, kind, USD, net, received_ns, instrument=instrument, event_id=event_id
        )

    def _event(
        self,
        row: WireActivity,
        kind: Kind,
        asset: Asset,
        amount: Decimal,
        received_ns: int,
        *,
        instrument: InstrumentId | None = None,
        quantity: Decimal = _ZERO,
        price: Decimal | None = None,
        event_id: str = "",
    ) -> AccountEvent:
        words = " ".join(filter(None, (row.activity_type, row.description)))
        return AccountEvent(
            account=self._account,
            event_id=event_id or _id(row),
            kind=kind,
            asset=asset,
            amount=amount,
            instrument=instrument,
            quantity=quantity,
            price=price,
            note=words,
            venue_time_ns=moment_ns(row),
            received_time_ns=received_ns,
        )


def moves_a_position(row: WireActivity) -> bool:
    """Tell whether an activity is about an instrument, and not about an asset alone."""
    is_option = option_parts(row.symbol or "") is not None
    return is_option or is_split(row) or row.activity_type == _DELIVERY


def _id(row: WireActivity) -> str:
    """Return an id that is unique: an exercise and the trade it makes bear one."""
    return f"{row.activity_type}:{row.id}"


def _cash_kind(type_: str, net: Decimal) -> Kind:
    if type_.startswith("DIV") and type_ != "DIVFEE":
        return Kind.DIVIDEND
    if type_ == "TRANS":
        return Kind.DEPOSIT if net > 0 else Kind.WITHDRAWAL
    return _CASH.get(type_, Kind.ADJUSTMENT)
