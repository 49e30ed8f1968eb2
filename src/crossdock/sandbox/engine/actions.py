"""What moves accounts besides their orders, and what an operator can do to a venue."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

from crossdock.model import (
    ZERO,
    AccountEventKind,
    ContractKind,
    FillKind,
    Liquidity,
    OrderStatus,
    OrderType,
    Side,
)
from crossdock.sandbox.engine import aftermath, checks, entry, matching, settlement
from crossdock.sandbox.engine.account import Account
from crossdock.sandbox.engine.book import Book
from crossdock.sandbox.engine.exact import in_range, value
from crossdock.sandbox.engine.floor import FEES, HOUSE, Floor
from crossdock.sandbox.engine.position import flow
from crossdock.sandbox.engine.records import (
    OrderForm,
    Refused,
    VenueEvent,
    VenueFill,
    VenueOrder,
)
from crossdock.sandbox.engine.settlement import Execution
from crossdock.sandbox.engine.specs import MarketSpec


def deposit(
    floor: Floor, account: Account, asset: str, amount: Decimal, now_ns: int
) -> VenueEvent:
    _check_amount(amount)
    return floor.move(account, AccountEventKind.DEPOSIT, asset, amount, now_ns)


def withdraw(
    floor: Floor, account: Account, asset: str, amount: Decimal, now_ns: int
) -> VenueEvent:
    """Take out what nothing holds. Raises Refused."""
    _check_amount(amount)
    available = account.available(asset)
    if amount > available:
        raise Refused("insufficient_funds", f"available are {available:f} {asset}")
    return floor.move(account, AccountEventKind.WITHDRAWAL, asset, -amount, now_ns)


def funding(
    floor: Floor, symbol: str, rate: Decimal, now_ns: int
) -> list[tuple[str, VenueEvent]]:
    """Let every long pay `rate` of its worth at the last price, and every short receive it.

    The house stands on the other side of the sum.
    """
    book = _derivative(floor, symbol)
    if not in_range(rate):
        raise Refused("bad_request", f"rate {rate} is not a number")
    price = mark(book)
    events = []
    for account in floor.accounts.values():
        for (name, side), position in account.positions.items():
            if name != symbol or not position.quantity:
                continue
            amount = -value(book.spec, position.quantity, price) * rate
            floor.accounts[HOUSE].pay(book.spec.settle, -amount)
            event = floor.move(
                account,
                AccountEventKind.FUNDING,
                book.spec.settle,
                amount,
                now_ns,
                symbol=symbol,
                position_side=side,
                note=f"rate {rate:f} at {price:f}",
            )
            events.append((account.name, event))
    return events


def liquidate(floor: Floor, account: Account, symbol: str, now_ns: int) -> list[VenueEvent]:
    """Cancel the account's orders in a symbol and let the house take its positions over.

    At the best opposite price, else the last one. `amount` is the taker's fee, negative;
    the realised P&L moves cash besides. Raises Refused when there is no position.
    """
    book = _derivative(floor, symbol)
    market = book.spec
    legs = [
        (side, position)
        for (name, side), position in account.positions.items()
        if name == symbol and position.quantity
    ]
    if not legs:
        raise Refused("bad_request", f"{account.name} has no position in {symbol}")
    for order in [order for order in account.open.values() if order.symbol == symbol]:
        floor.end(order, OrderStatus.CANCELED, "liquidation", now_ns)
    events = []
    for position_side, position in legs:
        signed = -position.quantity
        side = Side.SELL if signed < 0 else Side.BUY
        price = book.opposite(side).best or mark(book)
        fee = settlement.fee_of(market, abs(signed), price, Liquidity.TAKER)
        house = floor.accounts[HOUSE]
        house.contracts[symbol] = house.contracts.get(symbol, ZERO) - signed
        house.pay(market.settle, flow(market, signed, price))
        account.pay(market.settle, position.add(f"L{floor.number()}", signed, price))
        floor.accounts[FEES].pay(market.settle, fee)
        events.append(
            floor.move(
                account,
                AccountEventKind.LIQUIDATION,
                market.settle,
                -fee,
                now_ns,
                symbol=symbol,
                quantity=signed,
                price=price,
                position_side=position_side,
                note="liquidated at market",
            )
        )
    aftermath.finish(floor, book, now_ns)
    return events


def bust(floor: Floor, account: Account, execution_id: str, now_ns: int) -> VenueFill:
    """Take an execution back, for both accounts. The orders' quantities stay.

    Raises Refused when the account has no such execution or it was taken back before.
    """
    execution = _execution(floor, account, execution_id)
    settlement.take_back(execution, floor.accounts[FEES])
    return _reissue(floor, execution, account, FillKind.BUSTED, now_ns)


def correct(
    floor: Floor, account: Account, execution_id: str, price: Decimal, now_ns: int
) -> VenueFill:
    """Give an execution another price, for both accounts. Raises Refused."""
    execution = _execution(floor, account, execution_id)
    checks.check_price(execution.market, price)
    keys = (f"E{floor.number()}", f"E{floor.number()}")
    settlement.reprice(execution, price, keys, floor.accounts[FEES])
    return _reissue(floor, execution, account, FillKind.CORRECTED, now_ns)


def manual_order(
    floor: Floor, account: Account, form: OrderForm, now_ns: int
) -> VenueOrder:
    """Enter an order as if by hand on the venue's own page: it makes up a client id."""
    if not form.client_order_id:
        form = replace(form, client_order_id=f"web-{floor.number()}")
    return entry.submit(floor, account, form, now_ns)


def tick_change(
    floor: Floor, symbol: str, ticks: tuple[tuple[Decimal, Decimal], ...]
) -> MarketSpec:
    """Give a market new ticks. Orders that rest stay where they are."""
    book = floor.book(symbol)
    try:
        book.spec = replace(book.spec, ticks=ticks, version=book.spec.version + 1)
    except ValueError as error:
        raise Refused("bad_request", str(error)) from None
    floor.listener.instrument_changed(book.spec)
    return book.spec


def fill_by_house(
    floor: Floor, account: Account, order_id: str, quantity: Decimal | None, now_ns: int
) -> VenueFill | None:
    """Let the house trade against a resting order, whatever its place in the queue.

    Fills at most `quantity` (None: all) at the order's price. None when it does not rest.
    """
    order = entry.find(account, order_id, None)
    book = floor.book(order.symbol)
    if order.limit_price is None or not book.own(order.side).holds(order):
        return None
    most = order.leaves if quantity is None else min(quantity, order.leaves)
    if order.reduces:
        most = min(most, matching.reducible(floor, order))
    if most <= 0:
        return None
    form = OrderForm(
        client_order_id="house",
        symbol=order.symbol,
        side=order.side.opposite,
        type=OrderType.MARKET,
        quantity=most,
    )
    taker = floor.order(form, HOUSE, now_ns)
    floor.trade(order, taker, order.limit_price, most, now_ns)
    fill = account.fills[-1]
    aftermath.finish(floor, book, now_ns)
    return fill


def mark(book: Book) -> Decimal:
    """Return the last price, else the best bid or ask. Raises Refused without any."""
    price = book.last_price or book.bids.best or book.asks.best
    if price is None:
        raise Refused("bad_request", f"{book.spec.symbol} has no price yet")
    return price


def _derivative(floor: Floor, symbol: str) -> Book:
    book = floor.book(symbol)
    if book.spec.kind is ContractKind.SPOT:
        raise Refused("bad_request", f"{symbol} is spot: it has no positions")
    return book


def _check_amount(amount: Decimal) -> None:
    if not in_range(amount) or amount <= 0:
        raise Refused("bad_request", f"an amount is a positive number, not {amount}")


def _execution(floor: Floor, account: Account, execution_id: str) -> Execution:
    execution = floor.executions.get((account.name, execution_id))
    if execution is None:
        raise Refused(
            "bad_request",
            f"{account.name} has no standing execution {execution_id!r}",
        )
    return execution


def _reissue(
    floor: Floor, execution: Execution, asked: Account, kind: FillKind, now_ns: int
) -> VenueFill:
    """Write the new word on an execution into both histories; return the asked one's."""
    result: VenueFill | None = None
    for leg in execution.legs:
        earlier = leg.fill
        if earlier is None:
            continue
        del floor.executions[leg.account.name, earlier.execution_id]
        if kind is FillKind.BUSTED:
            leg.key = f"E{floor.number()}"
        else:
            floor.executions[leg.account.name, leg.key] = execution
        fill = floor.fill(leg, earlier, kind, execution.price, execution.quantity, now_ns)
        if leg.account is asked:
            result = fill
    assert result is not None, "the account that was asked has a leg"
    return result
