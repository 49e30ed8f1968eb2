"""The paper venue's engine: orders arrive, take, rest, fill and end.

No order sees a market that it could not have seen. An order takes what a book or quote
shows when it arrives; everything else that fills it is an event after its arrival.
"""

from __future__ import annotations

from decimal import Decimal

from crossdock.adapters.venues.paper.funds.account import Account
from crossdock.adapters.venues.paper.matching.entry import (
    check_entry,
    crosses,
    fills_whole,
    reaches,
)
from crossdock.adapters.venues.paper.matching.market import Market
from crossdock.adapters.venues.paper.matching.triggers import begin_trail
from crossdock.adapters.venues.paper.models import Models
from crossdock.adapters.venues.paper.news import News
from crossdock.adapters.venues.paper.orders import (
    AT_ONCE,
    Order,
    check_price,
    check_quantity,
    made_of,
    refused,
)
from crossdock.adapters.venues.paper.records import Records
from crossdock.errors import OutcomeUnknown
from crossdock.model import (
    ZERO,
    ContractKind,
    ExecutionId,
    Fill,
    Instrument,
    InstrumentId,
    Liquidity,
    OrderStatus,
    OrderType,
    TimeInForce,
    VenueOrderId,
)
from crossdock.ports import Clock, Ids, NewOrder, OrderRef, ReplaceOrder

_NEVER_NS = 1 << 63


class Engine:
    """Decides; tells `news` what changed, and nobody else."""

    def __init__(
        self,
        account: Account,
        models: Models,
        records: Records,
        news: News,
        *,
        clock: Clock,
        ids: Ids,
    ) -> None:
        self.account = account
        self.models = models
        self.records = records
        self.instruments: dict[InstrumentId, Instrument] = {}  # those with an order
        self._markets: dict[InstrumentId, Market] = {}
        self._news = news
        self._clock = clock
        self._ids = ids
        self._next_expiry_ns = _NEVER_NS

    def market(self, instrument: InstrumentId) -> Market:
        found = self._markets.get(instrument)
        if found is None:
            found = self._markets[instrument] = Market(instrument)
        return found

    def learn(self, instrument: Instrument) -> Market:
        """Take in the newest version of an instrument; its market is returned."""
        market = self.market(instrument.id)
        before = market.instrument
        if before is not instrument:
            market.instrument = self.instruments[instrument.id] = instrument
            if before is not None and before != instrument:
                self.account.relist(before, instrument)
        return market

    def restore(self, order: Order) -> None:
        """Take in an order that was kept."""
        self.records.add(order)
        if order.is_open:
            self.market(order.instrument).orders.append(order)
            self.account.hold_again(order)
            self._note_expiry(order)

    def open_orders(self) -> list[Order]:
        found = [order for market in self._markets.values() for order in market.orders]
        return sorted(found, key=lambda order: order.number)

    # ---- writes ------------------------------------------------------------------

    def submit(self, new: NewOrder, now_ns: int) -> Order:
        """Take an order in. Raises Rejected, or OutcomeUnknown for an id that is taken."""
        self.expire(now_ns)
        if self.records.knows(new.client_order_id):
            raise OutcomeUnknown(
                f"the venue has an order {new.client_order_id} already", hint="reconcile"
            )
        number = self.records.last_number + 1
        order_id = VenueOrderId(self._ids.next("p"))
        order = made_of(new, number, order_id, now_ns)
        market = self.learn(new.instrument)
        if order.type is OrderType.TRAILING_STOP:
            begin_trail(market, order)
        check_entry(self.account, market, order)
        self.account.reserve(order, new.instrument, self._price_of(market, order))
        self.records.add(order)
        market.orders.append(order)
        self._note_expiry(order)
        self._news.order(order)
        if not order.waits:
            self.meet(market, order)
        return order

    def cancel(self, ref: OrderRef, now_ns: int) -> Order:
        """Cancel an order. Raises Rejected when it is unknown or done."""
        self.expire(now_ns)
        order = self._open(ref)
        self.end(order, OrderStatus.CANCELED, "")
        return order

    def cancel_all(self, now_ns: int) -> None:
        self.expire(now_ns)
        for order in self.open_orders():
            self.end(order, OrderStatus.CANCELED, "")

    def replace(self, replace: ReplaceOrder, now_ns: int) -> Order:
        """Amend an order, which keeps its id. Raises Rejected with nothing changed.

        It keeps its place in the queue when only its quantity shrinks.
        """
        self.expire(now_ns)
        order = self._open(replace.ref)
        if replace.quantity <= order.filled:
            raise refused("below_filled", f"{order.filled:f} of it are filled already")
        if (order.limit_price is None) != (replace.limit_price is None):
            raise refused("not_offered", "an amend does not change an order's type")
        before = {name: getattr(order, name) for name in order.__struct_fields__}
        market = self.learn(replace.ref.instrument)
        waits_at = order.stop_price
        if order.waits and order.type is not OrderType.TRAILING_STOP:
            waits_at = replace.stop_price or waits_at
        moves = (order.limit_price, order.stop_price) != (replace.limit_price, waits_at)
        self.account.release(order)
        order.limit_price, order.stop_price = replace.limit_price, waits_at
        grows = replace.quantity > order.quantity
        order.quantity = replace.quantity
        if moves or grows:
            order.is_fresh, order.ahead, order.arrived_ns = True, None, now_ns
        order.updated_ns = now_ns
        try:
            check_quantity(replace.ref.instrument, order.quantity)
            for price in (replace.limit_price, replace.stop_price):
                if price is not None:
                    check_price(replace.ref.instrument, price)
            check_entry(self.account, market, order)
            price = self._price_of(market, order)
            self.account.reserve(order, replace.ref.instrument, price)
        except Exception:
            for name, value in before.items():
                setattr(order, name, value)
            self.account.hold_again(order)
            raise
        self._news.order(order)
        if order.is_fresh and not order.waits:
            self.meet(market, order)
        return order

    def _open(self, ref: OrderRef) -> Order:
        order = self.records.find(ref)
        if order is None:
            raise refused("unknown_order", f"no order {ref.client_order_id}")
        if not order.is_open:
            raise refused("order_done", f"order {order.id} is {order.status}")
        return order

    def _price_of(self, market: Market, order: Order) -> Decimal | None:
        """Return the price by which an order sets funds aside."""
        if order.limit_price is not None:
            return order.limit_price
        price = order.stop_price if order.waits else market.reference(order.side)
        if price is None or market.instrument is None:
            return price
        return self.models.slippage.price(market.instrument, order.side, price)

    # ---- what an order meets -------------------------------------------------------

    def meet(self, market: Market, order: Order) -> None:
        """Let an order that has met no market take what a book or quote shows.

        Then it rests, waits for more, or ends. Without a book or quote nothing happens.
        """
        if not market.is_readable:
            return
        if order.time_in_force is TimeInForce.FOK and not fills_whole(market, order):
            self.end(order, OrderStatus.EXPIRED, "fok_unfillable")
        elif order.post_only and crosses(market, order):
            self.end(order, OrderStatus.EXPIRED, "would_cross")
        else:
            self._take(market, order)
        if not order.is_open:
            return
        if order.time_in_force in AT_ONCE:
            self.end(order, OrderStatus.EXPIRED, "not_filled_at_once")
        elif order.limit_price is not None:
            order.is_fresh = False
            order.ahead = market.displayed(order.side, order.limit_price)
        elif market.book is not None:
            self.end(order, OrderStatus.EXPIRED, "no_liquidity")

    def _take(self, market: Market, order: Order) -> None:
        assert market.instrument is not None
        side = order.side
        for price, offered in market.offers(side):
            if not reaches(side, order.limit_price, price):
                break
            pays = price
            if market.book is None and order.limit_price is None:
                pays = self.models.slippage.price(market.instrument, side, price)
            wanted = order.leaves if offered is None else min(order.leaves, offered)
            got = self.fill(market, order, wanted, pays, Liquidity.TAKER)
            if got and offered is not None:
                market.take(side, price, got)
            if not order.is_open or got < wanted:
                break

    def trigger(self, order: Order) -> None:
        """Turn what waited into the order that it was waiting to be."""
        order.waits, order.is_fresh = False, True
        order.updated_ns = self._clock.time_ns()
        self._news.order(order)

    # ---- what becomes of an order ---------------------------------------------------

    def fill(
        self,
        market: Market,
        order: Order,
        quantity: Decimal,
        price: Decimal,
        liquidity: Liquidity,
    ) -> Decimal:
        """Execute up to a quantity and return what was executed.

        A reduce-only order is trimmed to the position. What cannot be paid for ends.
        """
        instrument = market.instrument
        assert instrument is not None
        quantity = min(quantity, order.leaves)
        if order.reduce_only:
            quantity = min(quantity, self.account.reducible(order))
            if quantity <= 0:
                self.end(order, OrderStatus.CANCELED, "reduce_only")
                return ZERO
        if quantity <= 0:
            return ZERO
        if not self.account.can_pay(order, instrument, quantity, price):
            self.end(order, OrderStatus.EXPIRED, "insufficient_funds")
            return ZERO
        fee, fee_asset = self.account.execute(order, instrument, quantity, price, liquidity)
        now_ns = self._clock.time_ns()
        order.updated_ns = now_ns
        fill = Fill(
            account=self.account.id,
            instrument=order.instrument,
            venue_order_id=order.id,
            execution_id=ExecutionId(f"{order.id}-{order.fill_count}"),
            side=order.side,
            price=price,
            quantity=quantity,
            fee=fee,
            fee_asset=fee_asset,
            liquidity=liquidity,
            client_order_id=order.client_order_id,
            margin_mode=order.margin_mode,
            account_sequence=self.records.next_sequence(),
            venue_time_ns=now_ns,
            received_time_ns=now_ns,
        )
        self.records.fills.append(fill)
        self._news.fill(fill)
        if order.leaves:
            order.status = OrderStatus.PARTIALLY_FILLED
            self._news.order(order)
        else:
            self.end(order, OrderStatus.FILLED, "")
        if instrument.kind is not ContractKind.SPOT:
            self._drop_pointless(market)
        return quantity

    def _drop_pointless(self, market: Market) -> None:
        """Cancel reduce-only orders that have no position left to reduce."""
        for order in tuple(market.orders):
            if order.reduce_only and not order.waits and not self.account.reducible(order):
                self.end(order, OrderStatus.CANCELED, "reduce_only")

    def end(self, order: Order, status: OrderStatus, reason: str) -> None:
        order.status, order.reason = status, reason
        order.updated_ns = self._clock.time_ns()
        self.account.release(order)
        self.market(order.instrument).orders.remove(order)
        self._news.order(order)

    def expire(self, now_ns: int) -> None:
        """End the orders whose time has come."""
        if now_ns < self._next_expiry_ns:
            return
        self._next_expiry_ns = _NEVER_NS
        for order in self.open_orders():
            if order.expires_ns is not None and order.expires_ns <= now_ns:
                self.end(order, OrderStatus.EXPIRED, "expired")
            else:
                self._note_expiry(order)

    def _note_expiry(self, order: Order) -> None:
        if order.expires_ns is not None:
            self._next_expiry_ns = min(self._next_expiry_ns, order.expires_ns)
