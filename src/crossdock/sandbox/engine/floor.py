"""The state of a venue, and the few steps by which it changes."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from random import Random

from crossdock.model import (
    ZERO,
    AccountEventKind,
    FillKind,
    Liquidity,
    OrderStatus,
    PositionSide,
)
from crossdock.sandbox.engine import settlement
from crossdock.sandbox.engine.account import Account
from crossdock.sandbox.engine.book import Book
from crossdock.sandbox.engine.records import (
    Listener,
    OrderForm,
    Refused,
    VenueEvent,
    VenueFill,
    VenueOrder,
)
from crossdock.sandbox.engine.settlement import Execution, Leg
from crossdock.sandbox.engine.specs import VenueSpec

HOUSE = "house"
FEES = "fees"


class Floor:
    """Accounts, books and counters of one venue. Knows no rules of matching.

    Ids begin where the seed says, so that two venues do not hand out the same ones.
    """

    def __init__(self, spec: VenueSpec, listener: Listener, seed: int) -> None:
        self.spec = spec
        self.listener = listener
        self.books = {market.symbol: Book(market) for market in spec.markets}
        self.accounts: dict[str, Account] = {}
        self.executions: dict[tuple[str, str], Execution] = {}
        self.timed: dict[int, VenueOrder] = {}  # orders that expire by time
        self.linked: dict[int, VenueOrder] = {}  # with legs or rivals, and changed
        self.traded_legs: dict[tuple[str, str, PositionSide], None] = {}
        self._count = Random(seed).randrange(10**6, 10**8)  # noqa: S311 - not a secret
        for name in (HOUSE, FEES):
            self.open_account(name, {}, is_house=True)

    def open_account(
        self, name: str, balances: Mapping[str, Decimal], *, is_house: bool = False
    ) -> Account:
        if name in self.accounts:
            raise ValueError(f"{self.spec.name}: account {name!r} is already open")
        account = self.accounts[name] = Account(name, balances, is_house=is_house)
        return account

    def number(self) -> int:
        """Return the next of the numbers all ids are made from."""
        self._count += 1
        return self._count

    def book(self, symbol: str) -> Book:
        book = self.books.get(symbol)
        if book is None:
            raise Refused("unknown_symbol", f"{self.spec.name} has no symbol {symbol!r}")
        return book

    def order(self, form: OrderForm, account: str, now_ns: int) -> VenueOrder:
        """Make an order from a form. Nothing is registered yet."""
        number = self.number()
        return VenueOrder(
            number=number,
            account=account,
            id=str(number),
            client_order_id=form.client_order_id,
            symbol=form.symbol,
            side=form.side,
            type=form.type,
            quantity=form.quantity,
            limit_price=form.limit_price,
            stop_price=form.stop_price,
            trail_amount=form.trail_amount,
            trail_percent=form.trail_percent,
            time_in_force=form.time_in_force,
            expire_time_ns=form.expire_time_ns,
            post_only=form.post_only,
            reduce_only=form.reduce_only,
            position_side=form.position_side,
            contingency=form.contingency if form.attached else None,
            created_time_ns=now_ns,
            updated_time_ns=now_ns,
            chain=[str(number)],
        )

    def changed(self, order: VenueOrder, now_ns: int) -> None:
        order.updated_time_ns = now_ns
        account = self.accounts[order.account]
        if not account.is_house:
            self.listener.order_changed(order.account, order)

    def end(self, order: VenueOrder, status: OrderStatus, reason: str, now_ns: int) -> None:
        """Take an order off the venue."""
        book = self.books[order.symbol]
        ladder = book.own(order.side)
        if order.is_waiting:
            book.waiting.pop(order.number, None)
            order.is_waiting = False
        elif ladder.holds(order):
            ladder.remove(order)
        order.is_pending = False
        order.status, order.reason = status, reason
        self.link(order)
        self._forget(order)
        self.changed(order, now_ns)

    def link(self, order: VenueOrder) -> None:
        """Remember that what an order hangs together with has to be looked at."""
        if order.legs or order.rivals:
            self.linked[order.number] = order

    def trade(
        self,
        maker: VenueOrder,
        taker: VenueOrder,
        price: Decimal,
        quantity: Decimal,
        now_ns: int,
        *,
        is_public: bool = True,
    ) -> None:
        """Execute against a resting order and tell everybody."""
        book = self.books[maker.symbol]
        legs = tuple(
            self._leg(order, liquidity, book, price, quantity)
            for order, liquidity in ((maker, Liquidity.MAKER), (taker, Liquidity.TAKER))
        )
        execution = Execution(book.spec, price, quantity, (legs[0], legs[1]))
        settlement.book(execution, self.accounts[FEES])
        book.own(maker.side).shrink(maker, quantity)
        for order in (maker, taker):
            order.cumulative_quantity += quantity
            order.status = (
                OrderStatus.FILLED if order.leaves == 0 else OrderStatus.PARTIALLY_FILLED
            )
            self.link(order)
        if maker.leaves == 0:
            book.own(maker.side).remove(maker)
        if is_public:
            self.print(book, price, quantity, taker, now_ns)
        for order, leg in ((maker, legs[0]), (taker, legs[1])):
            if order.is_done:
                self._forget(order)
            self._report(order, leg, execution, now_ns)

    def print(
        self,
        book: Book,
        price: Decimal,
        quantity: Decimal,
        taker: VenueOrder,
        now_ns: int,
    ) -> None:
        """Put a trade on the tape."""
        book.print(price)
        self.listener.traded(
            book.spec.symbol, f"T{self.number()}", price, quantity, taker.side, now_ns
        )

    def move(
        self,
        account: Account,
        kind: AccountEventKind,
        asset: str,
        amount: Decimal,
        now_ns: int,
        *,
        symbol: str | None = None,
        quantity: Decimal = ZERO,
        price: Decimal | None = None,
        position_side: PositionSide = PositionSide.NET,
        note: str = "",
    ) -> VenueEvent:
        """Pay an amount and write down why."""
        account.pay(asset, amount)
        event = VenueEvent(
            sequence=len(account.events) + 1,
            event_id=f"V{self.number()}",
            kind=kind,
            asset=asset,
            amount=amount,
            symbol=symbol,
            quantity=quantity,
            price=price,
            position_side=position_side,
            note=note,
            time_ns=now_ns,
        )
        account.events.append(event)
        self.listener.moved(account.name, event)
        return event

    def fill(
        self,
        leg: Leg,
        order: VenueFill | VenueOrder,
        kind: FillKind,
        price: Decimal,
        quantity: Decimal,
        now_ns: int,
    ) -> VenueFill:
        """Add a fill to an account's history. A fill for `order` is the one taken back."""
        account, earlier = leg.account, order if isinstance(order, VenueFill) else None
        fill = VenueFill(
            sequence=len(account.fills) + 1,
            execution_id=leg.key,
            order_id=order.order_id if isinstance(order, VenueFill) else order.id,
            client_order_id=order.client_order_id,
            symbol=order.symbol,
            side=leg.side,
            price=price,
            quantity=quantity,
            fee=leg.fee,
            fee_asset=self.books[order.symbol].spec.settle,
            liquidity=leg.liquidity,
            kind=kind,
            replaces=None if earlier is None else earlier.execution_id,
            position_side=leg.position_side,
            time_ns=now_ns,
        )
        leg.fill = fill
        account.fills.append(fill)
        self.listener.filled(account.name, fill)
        return fill

    def _leg(
        self,
        order: VenueOrder,
        liquidity: Liquidity,
        book: Book,
        price: Decimal,
        quantity: Decimal,
    ) -> Leg:
        account = self.accounts[order.account]
        return Leg(
            account=account,
            side=order.side,
            position_side=order.position_side,
            liquidity=liquidity,
            fee=settlement.fee_of(book.spec, quantity, price, liquidity),
            key="" if account.is_house else f"E{self.number()}",
        )

    def _report(
        self, order: VenueOrder, leg: Leg, execution: Execution, now_ns: int
    ) -> None:
        account = leg.account
        if account.is_house:
            return
        self.executions[account.name, leg.key] = execution
        self.traded_legs[account.name, order.symbol, order.position_side] = None
        self.fill(
            leg, order, FillKind.REPORTED, execution.price, execution.quantity, now_ns
        )
        self.changed(order, now_ns)

    def _forget(self, order: VenueOrder) -> None:
        account = self.accounts[order.account]
        account.open.pop(order.number, None)
        self.timed.pop(order.number, None)
        if account.is_house:
            account.orders.pop(order.id, None)
