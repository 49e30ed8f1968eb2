"""What an order sets aside, and whether the account has it."""

from __future__ import annotations

from decimal import Decimal

from crossdock.model import ZERO, ContractKind, Side
from crossdock.sandbox.engine.account import INITIAL_MARGIN, Account
from crossdock.sandbox.engine.exact import value
from crossdock.sandbox.engine.records import PriceLevel, Refused, VenueOrder
from crossdock.sandbox.engine.specs import MarketSpec


def reserve(account: Account, market: MarketSpec, order: VenueOrder) -> None:
    """Set aside what an order with a limit or stop price may cost. Raises Refused.

    Spot: a buy its notional and the higher fee, a sell its quantity. An option is bought
    like that, too. Derivatives: initial margin and fee, but nothing for what closes a
    position. A market order is checked by `check_taking` instead: it never rests. Rivals
    share what the dearest of them needs.
    """
    price = order.limit_price if order.limit_price is not None else order.stop_price
    if account.is_house or price is None:
        return
    rate = max(market.maker_fee, market.taker_fee, ZERO)
    limit = order.quantity
    if market.kind is ContractKind.SPOT:
        buys = order.side is Side.BUY
        asset = market.quote if buys else market.base
        unit = price * (1 + rate) if buys else Decimal(1)
    elif _is_paid(market, order.side):
        asset, unit = market.settle, value(market, Decimal(1), price) * (1 + rate)
    else:
        asset = market.settle
        unit = value(market, Decimal(1), price) * (INITIAL_MARGIN + rate)
        limit -= order.cumulative_quantity
        limit -= min(
            limit, account.reducible(order.symbol, order.position_side, order.side)
        )
        if order.reduces:
            limit = ZERO
    before = (order.held_asset, order.held_unit, order.held_limit)
    available = account.available(asset) + _shared(account, order, asset)
    order.held_asset, order.held_unit, order.held_limit = asset, unit, limit
    needed = max(it.held for it in (order, *order.rivals))
    if needed > available:
        order.held_asset, order.held_unit, order.held_limit = before
        raise _short(asset, needed, available)


def check_taking(
    account: Account, market: MarketSpec, order: VenueOrder, taken: list[PriceLevel]
) -> None:
    """Check that an account can pay for executions that are about to happen.

    Raises Refused. What the order itself holds counts as available.
    """
    if account.is_house:
        return
    worth = sum((value(market, quantity, price) for price, quantity in taken), ZERO)
    fee = worth * max(market.taker_fee, ZERO)
    if _is_paid(market, order.side):
        asset, needed = market.settle, worth + fee
    elif market.kind is not ContractKind.SPOT:
        asset, needed = market.settle, worth * INITIAL_MARGIN + fee
        closing = account.reducible(order.symbol, order.position_side, order.side)
        if order.reduces or closing >= order.leaves:
            return
    elif order.side is Side.BUY:
        asset, needed = market.quote, worth + fee
    else:
        asset, needed = market.base, order.leaves
    available = account.available(asset) + _shared(account, order, asset)
    if needed > available:
        raise _short(asset, needed, available)


def _is_paid(market: MarketSpec, side: Side) -> bool:
    """Tell whether what is bought is paid in full, though it is no asset."""
    return market.kind is ContractKind.OPTION and side is Side.BUY


def _shared(account: Account, order: VenueOrder, asset: str) -> Decimal:
    """Return what an order and its rivals have set aside by now."""
    return max(
        (
            it.held
            for it in (order, *order.rivals)
            if it.held_asset == asset and it.number in account.open
        ),
        default=ZERO,
    )


def _short(asset: str, needed: Decimal, available: Decimal) -> Refused:
    return Refused(
        "insufficient_funds",
        f"needs {needed:f} {asset}, available are {available:f}",
    )
