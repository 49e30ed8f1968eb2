"""What the account has, what is set aside of it, and what an execution does to it."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from crossdock.adapters.venues.paper.funds.exact import add, multiply, subtract, worth
from crossdock.adapters.venues.paper.funds.positions import Holding
from crossdock.adapters.venues.paper.models import Models
from crossdock.adapters.venues.paper.orders import Order, refused
from crossdock.model import (
    ONE,
    ZERO,
    AccountId,
    Asset,
    Balance,
    ContractKind,
    Instrument,
    InstrumentId,
    Liquidity,
    MarginMode,
    Position,
    Side,
)


class Account:
    """Cash by asset and derivative positions; spot holdings are cash of the base asset.

    Orders set aside what they may cost, positions their initial margin at entry.
    Unrealised profit pays for nothing.
    """

    def __init__(self, account: AccountId, models: Models) -> None:
        self.id = account
        self.cash: dict[Asset, Decimal] = {}
        self.holdings: dict[tuple[InstrumentId, MarginMode], Holding] = {}
        self._fees = models.fees
        self._held: dict[Asset, Decimal] = {}

    def available(self, asset: Asset) -> Decimal:
        return subtract(self.cash.get(asset, ZERO), self._held.get(asset, ZERO))

    def balances(self) -> Sequence[Balance]:
        return [
            Balance(
                account=self.id,
                asset=asset,
                total=total,
                held=min(self._held.get(asset, ZERO), max(total, ZERO)),
            )
            for asset, total in sorted(self.cash.items())
        ]

    def positions(self, instruments: dict[InstrumentId, Instrument]) -> Sequence[Position]:
        return [
            holding.view(self.id, instruments[holding.instrument])
            for holding in self.holdings.values()
            if holding.quantity
        ]

    def credit(self, asset: Asset, amount: Decimal) -> None:
        self.cash[asset] = add(self.cash.get(asset, ZERO), amount)

    def restore(self, holding: Holding, instrument: Instrument) -> None:
        """Take in a position that was kept."""
        self.holdings[holding.instrument, holding.margin_mode] = holding
        self._hold(instrument.settle, holding.margin(instrument))

    def relist(self, before: Instrument, after: Instrument) -> None:
        """Set aside what positions need by a new version of their instrument."""
        for holding in self.holdings.values():
            if holding.instrument == after.id:
                more = subtract(holding.margin(after), holding.margin(before))
                self._hold(after.settle, more)

    def reducible(self, order: Order) -> Decimal:
        """Return how much of the order's quantity could close a position."""
        holding = self.holdings.get((order.instrument, order.margin_mode))
        signed = Decimal(order.side.sign)
        return ZERO if holding is None else holding.closable(signed)

    def reserve(self, order: Order, instrument: Instrument, price: Decimal | None) -> None:
        """Set aside what an order may cost at this price. Raises Rejected.

        Spot: a buy its notional and the higher fee, a sell its quantity. Contracts: margin
        and fee, but nothing for what closes a position. What the order held is given back.
        """
        self.release(order)
        asset, unit = _unit(order, instrument, price, self._fees.worst_rate(instrument))
        quantity = order.leaves
        if instrument.kind is not ContractKind.SPOT:
            closing = min(quantity, self.reducible(order))
            quantity = ZERO if order.reduce_only else subtract(quantity, closing)
        needed, available = multiply(unit, quantity), self.available(asset)
        if needed > available:
            raise refused(
                "insufficient_funds",
                f"needs {needed:f} {asset}, {available:f} are available",
            )
        order.held_asset, order.held_unit, order.held_quantity = asset, unit, quantity
        self._hold(asset, needed)

    def hold_again(self, order: Order) -> None:
        """Set aside what a kept order held."""
        self._hold(order.held_asset, _held_by(order))

    def release(self, order: Order) -> None:
        """Give back all that an order holds."""
        self._hold(order.held_asset, _held_by(order).copy_negate())
        order.held_quantity = ZERO

    def can_pay(
        self, order: Order, instrument: Instrument, quantity: Decimal, price: Decimal
    ) -> bool:
        """Tell whether an execution that is about to happen is paid for."""
        rate = self._fees.worst_rate(instrument)
        asset, unit = _unit(order, instrument, price, rate)
        if instrument.kind is not ContractKind.SPOT:
            quantity = max(ZERO, subtract(quantity, self.reducible(order)))
        available = self.available(asset)
        if order.held_asset == asset:
            available = add(available, _held_by(order))
        return multiply(unit, quantity) <= available

    def execute(
        self,
        order: Order,
        instrument: Instrument,
        quantity: Decimal,
        price: Decimal,
        liquidity: Liquidity,
    ) -> tuple[Decimal, Asset]:
        """Book an execution of an order and count it there. Return fee and fee asset."""
        held = _held_by(order)
        rate = self._fees.rate(instrument, liquidity)
        value = worth(instrument, quantity, price)
        signed = quantity if order.side is Side.BUY else quantity.copy_negate()
        if instrument.kind is ContractKind.SPOT:
            fee, fee_asset = multiply(value.copy_abs(), rate), instrument.quote
            if self._fees.in_received and order.side is Side.BUY:
                fee, fee_asset = multiply(quantity, rate), instrument.base
            self.credit(instrument.base, signed)
            paid = value if order.side is Side.SELL else value.copy_negate()
            self.credit(instrument.quote, paid)
        else:
            fee, fee_asset = multiply(value.copy_abs(), rate), instrument.settle
            self.credit(instrument.settle, self._trade(order, instrument, signed, price))
        self.credit(fee_asset, fee.copy_negate())
        order.filled = add(order.filled, quantity)
        order.notional = add(order.notional, multiply(price, quantity))
        order.fill_count += 1
        self._hold(order.held_asset, subtract(_held_by(order), held))
        return fee, fee_asset

    def _trade(
        self, order: Order, instrument: Instrument, signed: Decimal, price: Decimal
    ) -> Decimal:
        key = (order.instrument, order.margin_mode)
        holding = self.holdings.get(key)
        if holding is None:
            holding = self.holdings[key] = Holding(
                instrument=order.instrument, margin_mode=order.margin_mode
            )
        margin = holding.margin(instrument)
        gained = holding.trade(instrument, signed, price)
        self._hold(instrument.settle, subtract(holding.margin(instrument), margin))
        return gained

    def _hold(self, asset: Asset, more: Decimal) -> None:
        if more:
            self._held[asset] = add(self._held.get(asset, ZERO), more)


def _held_by(order: Order) -> Decimal:
    if not order.held_quantity:
        return ZERO
    return multiply(order.held_unit, min(order.held_quantity, order.leaves))


def _unit(
    order: Order, instrument: Instrument, price: Decimal | None, fee_rate: Decimal
) -> tuple[Asset, Decimal]:
    """Return the asset an order is paid in, and how much of it for each unit of quantity."""
    if instrument.kind is ContractKind.SPOT:
        if order.side is Side.SELL:
            return instrument.base, ONE
        value = ZERO if price is None else price
        return instrument.quote, multiply(value, add(ONE, fee_rate))
    value = ZERO if price is None else worth(instrument, ONE, price).copy_abs()
    rate = ONE if instrument.margin_rate is None else instrument.margin_rate
    return instrument.settle, multiply(value, add(rate, fee_rate))
