"""Worst-case exposure of everything that may still fill, with running totals."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Context, Decimal
from typing import NamedTuple

from crossdock.model import (
    ONE,
    ZERO,
    AccountId,
    Asset,
    Contingency,
    ContractKind,
    Instrument,
    InstrumentId,
    MarginMode,
    OrderRequest,
    PositionSide,
    Side,
)

_add = Context(prec=100).add
_subtract = Context(prec=100).subtract


class Reservation(NamedTuple):
    """What one order could still do at worst.

    `notional` and `cash` are unsigned; `cash` is what the order may take from
    `cash_asset`, fees at the taker rate included. `orders` is 0 for what a replace may
    add to an order that is counted already.
    """

    account: AccountId
    instrument: InstrumentId
    position_side: PositionSide
    side: Side
    quantity: Decimal
    notional: Decimal  # in the instrument's settlement asset
    cash_asset: Asset
    cash: Decimal
    orders: int = 1

    def beyond(self, other: Reservation | None) -> Reservation:
        """Return what this one takes more than `other`, an earlier one of the same order."""
        if other is None:
            return self
        return Reservation(
            account=self.account,
            instrument=self.instrument,
            position_side=self.position_side,
            side=self.side,
            quantity=max(_subtract(self.quantity, other.quantity), ZERO),
            notional=max(_subtract(self.notional, other.notional), ZERO),
            cash_asset=self.cash_asset,
            cash=max(_subtract(self.cash, other.cash), ZERO),
            orders=0,
        )


class OpenExposure(NamedTuple):
    """Open orders of one account, instrument and position side, each side at its worst."""

    buy_quantity: Decimal = ZERO
    sell_quantity: Decimal = ZERO
    buy_notional: Decimal = ZERO  # in the instrument's settlement asset
    sell_notional: Decimal = ZERO


NOTHING_OPEN = OpenExposure()

Line = tuple[AccountId, InstrumentId, PositionSide]
"""What open orders are added up by."""


class Reservations:
    """Reservations by key (an order id, or an approval id until it is used)."""

    def __init__(self) -> None:
        self._held: dict[str, Reservation] = {}
        self._open: dict[Line, OpenExposure] = {}
        self._cash: dict[tuple[AccountId, Asset], Decimal] = {}
        self._orders: dict[AccountId, int] = {}
        self._total_orders = 0
        self._watched: dict[AccountId, set[Line]] = {}

    def __len__(self) -> int:
        return len(self._held)

    def __iter__(self) -> Iterator[tuple[str, Reservation]]:
        return iter(self._held.items())

    def get(self, key: str) -> Reservation | None:
        return self._held.get(key)

    def hold(self, key: str, reservation: Reservation) -> None:
        """Set aside; what was held under the key before is given back."""
        before = self._held.get(key)
        if before is not None:
            if before == reservation:
                return
            self._take_out(before)
        self._held[key] = reservation
        self._put_in(reservation)

    def change(self, key: str, reservation: Reservation) -> None:
        """Replace what is held. Raises KeyError when nothing is."""
        if key not in self._held:
            raise KeyError(f"nothing is reserved for {key}")
        self.hold(key, reservation)

    def release(self, key: str) -> Reservation | None:
        """Give back what is held, and return it; None when nothing was."""
        held = self._held.pop(key, None)
        if held is not None:
            self._take_out(held)
        return held

    def open_exposure(
        self,
        account: AccountId,
        instrument: InstrumentId,
        position_side: PositionSide = PositionSide.NET,
    ) -> OpenExposure:
        return self._open.get((account, instrument, position_side), NOTHING_OPEN)

    def lines(self) -> Iterator[tuple[Line, OpenExposure]]:
        """Yield every (account, instrument, position side) with something open."""
        return iter(self._open.items())

    def watch(self, account: AccountId) -> set[Line]:
        """Return a set that lines of the account are added to as they change.

        Its one reader empties it.
        """
        return self._watched.setdefault(account, set())

    def cash(self, account: AccountId, asset: Asset) -> Decimal:
        return self._cash.get((account, asset), ZERO)

    def orders(self, account: AccountId | None = None) -> int:
        """Count the orders that hold something, of one account or of all."""
        return self._total_orders if account is None else self._orders.get(account, 0)

    def _put_in(self, new: Reservation) -> None:
        line = (new.account, new.instrument, new.position_side)
        buys, sells, buys_notional, sells_notional = self._open.get(line, NOTHING_OPEN)
        if new.side is Side.BUY:
            buys = _add(buys, new.quantity)
            buys_notional = _add(buys_notional, new.notional)
        else:
            sells = _add(sells, new.quantity)
            sells_notional = _add(sells_notional, new.notional)
        self._open[line] = OpenExposure(buys, sells, buys_notional, sells_notional)
        purse = (new.account, new.cash_asset)
        self._cash[purse] = _add(self._cash.get(purse, ZERO), new.cash)
        self._count(line, new.orders)

    def _take_out(self, old: Reservation) -> None:
        line = (old.account, old.instrument, old.position_side)
        buys, sells, buys_notional, sells_notional = self._open.get(line, NOTHING_OPEN)
        if old.side is Side.BUY:
            buys = _subtract(buys, old.quantity)
            buys_notional = _subtract(buys_notional, old.notional)
        else:
            sells = _subtract(sells, old.quantity)
            sells_notional = _subtract(sells_notional, old.notional)
        if buys or sells or buys_notional or sells_notional:
            self._open[line] = OpenExposure(buys, sells, buys_notional, sells_notional)
        else:
            self._open.pop(line, None)
        purse = (old.account, old.cash_asset)
        left = _subtract(self._cash.get(purse, ZERO), old.cash)
        if left:
            self._cash[purse] = left
        else:
            self._cash.pop(purse, None)
        self._count(line, -old.orders)

    def _count(self, line: Line, orders: int) -> None:
        account = line[0]
        self._orders[account] = self._orders.get(account, 0) + orders
        self._total_orders += orders
        watched = self._watched.get(account)
        if watched is not None:
            watched.add(line)


def prices_of(request: OrderRequest) -> tuple[Decimal, ...]:
    """Return the prices an order names for itself; empty for a plain market order.

    Of an OCO pair the leg's as well: one of the two fills, nobody knows which. Legs under
    OTO close what the order opens, so they add nothing.
    """
    price = request.stop_price if request.limit_price is None else request.limit_price
    if price is None:
        return ()
    if request.contingency is Contingency.OCO:
        legs = [
            leg.stop_price if leg.limit_price is None else leg.limit_price
            for leg in request.attached
        ]
        return (price, *(each for each in legs if each is not None))
    return (price,)


def trail_start(request: OrderRequest, market_price: Decimal) -> Decimal:
    """Return where a trailing stop stands when the market is at a price."""
    distance = request.trail_amount
    if distance is None:
        distance = abs(market_price) * (request.trail_percent or ZERO) / 100
    return market_price + distance * request.side.sign


def cash_asset_of(request: OrderRequest, instrument: Instrument) -> Asset:
    """Return the asset an order takes: base for an unmargined spot sale, else money."""
    if instrument.kind is not ContractKind.SPOT:
        return instrument.settle
    if request.side is Side.SELL and request.margin_mode is MarginMode.NONE:
        return instrument.base
    return instrument.quote


def cash_share(
    request: OrderRequest, instrument: Instrument, margin_rate: Decimal
) -> Decimal:
    """Return the cash an order takes per unit of notional, fee at the taker rate included.

    Unmargined spot is paid in full whatever the rate; a reduce-only contract order costs
    its fee.
    """
    fee = instrument.taker_fee_rate or ZERO
    if instrument.kind is ContractKind.SPOT:
        if request.margin_mode is MarginMode.NONE:
            return ONE + fee
    elif request.reduce_only:
        return fee
    return margin_rate + fee


def reservation_of(
    request: OrderRequest,
    instrument: Instrument,
    quantity: Decimal,
    prices: tuple[Decimal, ...],
    reference_price: Decimal,
    *,
    margin_rate: Decimal = ONE,
) -> Reservation:
    """Return the worst case of `quantity` still to be filled at any of `prices`.

    While a replace is open, that is the larger remaining size and both prices. With no
    price the order is valued at `reference_price`.
    """
    if len(prices) > 1:
        notional = max([abs(instrument.notional(quantity, price)) for price in prices])
    else:
        price = prices[0] if prices else reference_price
        notional = abs(instrument.notional(quantity, price)) if price else ZERO
    is_spot = instrument.kind is ContractKind.SPOT
    asset = cash_asset_of(request, instrument)
    if asset == instrument.base and is_spot:
        cash = quantity
    else:
        cash = notional * cash_share(request, instrument, margin_rate)
    return Reservation(
        request.account,
        request.instrument,
        PositionSide.NET if is_spot else request.position_side,
        request.side,
        quantity,
        notional,
        asset,
        cash,
    )
