"""How an execution moves cash and positions, and how it is taken back."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from crossdock.model import ZERO, ContractKind, Liquidity, PositionSide, Side
from crossdock.sandbox.engine.account import Account
from crossdock.sandbox.engine.exact import value
from crossdock.sandbox.engine.position import flow
from crossdock.sandbox.engine.records import VenueFill
from crossdock.sandbox.engine.specs import MarketSpec


@dataclass(slots=True)
class Leg:
    """One account's half of an execution. `fill` is its newest; the house has none."""

    account: Account
    side: Side
    position_side: PositionSide
    liquidity: Liquidity
    fee: Decimal
    key: str
    fill: VenueFill | None = None


@dataclass(slots=True)
class Execution:
    """A trade between two accounts, kept so that it can be busted or corrected."""

    market: MarketSpec
    price: Decimal
    quantity: Decimal
    legs: tuple[Leg, Leg]


def fee_of(
    market: MarketSpec, quantity: Decimal, price: Decimal, liquidity: Liquidity
) -> Decimal:
    """Return the exact, never rounded fee, in `settle`; negative for a rebate."""
    rate = market.maker_fee if liquidity is Liquidity.MAKER else market.taker_fee
    return value(market, quantity, price) * rate


def book(execution: Execution, fees: Account) -> None:
    """Move cash and positions of both accounts, and the fees."""
    for leg in execution.legs:
        market, signed = execution.market, execution.quantity * leg.side.sign
        if market.kind is ContractKind.SPOT or leg.account.is_house:
            _exchange(leg.account, market, signed, execution.price)
        else:
            position = leg.account.position(market, leg.position_side)
            realized = position.add(leg.key, signed, execution.price)
            paid = _paid(market, realized, signed, execution.price)
            leg.account.pay(market.settle, paid)
        charge(leg.account, fees, market.settle, leg.fee)


def take_back(execution: Execution, fees: Account) -> None:
    """Undo `book` exactly: all cash, fees and positions are as if it had never been."""
    for leg in execution.legs:
        market, signed = execution.market, execution.quantity * leg.side.sign
        if market.kind is ContractKind.SPOT or leg.account.is_house:
            _exchange(leg.account, market, -signed, execution.price)
        else:
            position = leg.account.position(market, leg.position_side)
            realized = position.take_back(leg.key)
            paid = _paid(market, realized, -signed, execution.price)
            leg.account.pay(market.settle, paid)
        charge(leg.account, fees, market.settle, -leg.fee)
        leg.fee = ZERO
    execution.quantity = ZERO


def reprice(
    execution: Execution, price: Decimal, keys: tuple[str, str], fees: Account
) -> None:
    """Make it have been at another price from the start; `keys` are the legs' new ones."""
    for leg, key in zip(execution.legs, keys, strict=True):
        market, signed = execution.market, execution.quantity * leg.side.sign
        if market.kind is ContractKind.SPOT or leg.account.is_house:
            _exchange(leg.account, market, -signed, execution.price)
            _exchange(leg.account, market, signed, price)
        else:
            position = leg.account.position(market, leg.position_side)
            realized = position.reprice(leg.key, key, price)
            paid = _paid(market, realized, signed, price - execution.price)
            leg.account.pay(market.settle, paid)
        fee = fee_of(market, execution.quantity, price, leg.liquidity)
        charge(leg.account, fees, market.settle, fee - leg.fee)
        leg.fee, leg.key = fee, key
    execution.price = price


def _paid(
    market: MarketSpec, realized: Decimal, signed: Decimal, price: Decimal
) -> Decimal:
    """Return the cash that moves: an option's premium, else what a position realised."""
    if market.kind is ContractKind.OPTION:
        return -value(market, signed, price)
    return realized


def charge(account: Account, fees: Account, asset: str, fee: Decimal) -> None:
    account.pay(asset, -fee)
    fees.pay(asset, fee)


def _exchange(
    account: Account, market: MarketSpec, signed: Decimal, price: Decimal
) -> None:
    if market.kind is ContractKind.SPOT:
        account.pay(market.base, signed)
        account.pay(market.quote, -value(market, signed, price))
        return
    account.contracts[market.symbol] = account.contracts.get(market.symbol, ZERO) + signed
    account.pay(market.settle, -flow(market, signed, price))
