"""Writes: add, amend, edit and cancel, over REST and WebSocket."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from typing import TYPE_CHECKING

from crossdock.model import ZERO, Side
from crossdock.sandbox.engine import OrderForm, Refused, VenueOrder
from crossdock.sandbox.faces.dealing import OrderRef
from crossdock.sandbox.faces.kraken.forms import Amended, Wanted
from crossdock.sandbox.faces.kraken.ids import number_of, trade_id
from crossdock.sandbox.faces.kraken.limits import PairCounters, Transaction
from crossdock.sandbox.faces.kraken.names import places
from crossdock.sandbox.faces.kraken.params import Params
from crossdock.sandbox.faces.kraken.refusals import Said, invalid
from crossdock.sandbox.faces.kraken.words import is_told
from crossdock.sandbox.faces.refusals import Refusal

if TYPE_CHECKING:
    from crossdock.sandbox.faces.kraken.face import KrakenFace

_DEPTH = 5000


class Trading:
    """The writes of one venue. All of them raise Refusal or Refused with nothing done."""

    def __init__(self, face: KrakenFace) -> None:
        self._face = face
        self._host = face.host
        self._ids = face.host.client_ids
        self._counters = PairCounters(face.limits)
        self._userrefs: dict[int, int] = {}
        self._deadlines: dict[str, int] = {}

    def userref(self, order: VenueOrder) -> int | None:
        return self._userrefs.get(order.number)

    def ref(self, params: Params, account: str, *names: str) -> OrderRef:
        """Read which order is meant: an id by one of these names, or `cl_ord_id`."""
        for name in names:
            text = params.maybe(name)
            if text is not None:
                return self.by_id(text)
        cl_ord_id = params.client_id()
        if cl_ord_id is None:
            raise invalid(names[0])
        return OrderRef(client_id=self._ids.find(account, cl_ord_id))

    def by_id(self, text: str) -> OrderRef:
        """Return what an id means. Raises Refusal for one that never was given out."""
        order_number = number_of(text)
        if order_number is None:
            raise Refusal("unknown_order", "no such id")
        return OrderRef(order_id=order_number)

    def add(self, account: str, wanted: Wanted, now_ns: int) -> VenueOrder | None:
        """Place an order; None when it was only to be validated."""
        symbol = wanted.form.symbol
        self._counters.check(account, symbol, now_ns)
        self._counters.add(account, symbol, Transaction.ADD.worth(0), now_ns)
        return self._enter(account, wanted, now_ns)

    def amend(self, account: str, ref: OrderRef, new: Amended, now_ns: int) -> str:
        """Change an order in place; returns the id of the change."""
        order = self._alive(account, ref)
        self._charge(order, Transaction.AMEND, now_ns)
        if new.quantity is not None and new.quantity <= order.cumulative_quantity:
            self._face.dealing.cancel(account, OrderRef(order_id=order.id), now_ns)
            return trade_id(order.id)
        if new.post_only and new.limit_price is not None:
            self._check_passive(order, new.limit_price)
        self._check_decimals(order.symbol, new.limit_price, new.trigger_price)
        amended = self._face.dealing.replace(
            account,
            OrderRef(order_id=order.id),
            now_ns,
            quantity=new.quantity,
            limit_price=new.limit_price,
            stop_price=new.trigger_price,
        )
        return trade_id(amended.id)

    def edit(
        self, account: str, ref: OrderRef, new: Amended, userref: int | None, now_ns: int
    ) -> tuple[VenueOrder, VenueOrder]:
        """Cancel an order and place another one; returns both.

        The new one is refused with the old one gone when it cannot be placed.
        """
        order = self._alive(account, ref)
        if order.legs or order.parent is not None or order.cumulative_quantity:
            raise Said("EOrder:Order cannot be edited")
        self._charge(order, Transaction.EDIT, now_ns)
        self._check_decimals(order.symbol, new.limit_price, new.trigger_price)
        self._face.dealing.cancel(account, OrderRef(order_id=order.id), now_ns)
        if order.cumulative_quantity:
            raise Said("EOrder:Order cannot be edited")
        form = OrderForm(
            client_order_id="",
            symbol=order.symbol,
            side=order.side,
            type=order.type,
            quantity=new.quantity or order.quantity,
            limit_price=new.limit_price or order.limit_price,
            stop_price=(
                None
                if order.trail_amount or order.trail_percent
                else new.trigger_price or order.stop_price
            ),
            trail_amount=order.trail_amount,
            trail_percent=order.trail_percent,
            time_in_force=order.time_in_force,
            expire_time_ns=order.expire_time_ns,
            post_only=new.post_only,
        )
        entered = self._enter(account, Wanted(form=form, userref=userref), now_ns)
        assert entered is not None, "an edit is not a validation"
        return order, entered

    def cancel(self, account: str, ref: OrderRef, now_ns: int) -> VenueOrder:
        order = self._alive(account, ref)
        self._charge(order, Transaction.CANCEL, now_ns)
        return self._face.dealing.cancel(account, OrderRef(order_id=order.id), now_ns)

    def cancel_userref(self, account: str, userref: int, now_ns: int) -> int:
        """Cancel every open order of a reference; returns how many."""
        open_orders = self.open_orders(account)
        found = [it for it in open_orders if self.userref(it) == userref]
        if not found:
            raise Refused("unknown_order", "nothing is open under that reference")
        for order in found:
            if not order.is_done:
                self.cancel(account, OrderRef(order_id=order.id), now_ns)
        return len(found)

    def cancel_all(self, account: str, now_ns: int) -> int:
        """Cancel every open order; returns how many."""
        count = len(self.open_orders(account))
        self._host.venue.cancel_all(account, now_ns)
        return count

    def cancel_after(self, account: str, deadline_ns: int | None) -> None:
        """Cancel everything at a time, unless told another one before; None for never."""
        if deadline_ns is None:
            self._deadlines.pop(account, None)
        else:
            self._deadlines[account] = deadline_ns

    def tick(self) -> None:
        """Let deadlines pass."""
        now_ns = self._host.now_ns()
        for account, deadline_ns in list(self._deadlines.items()):
            if now_ns >= deadline_ns:
                del self._deadlines[account]
                self._host.venue.cancel_all(account, now_ns)
                self._host.flush()

    def open_orders(self, account: str) -> list[VenueOrder]:
        """Return the open orders that clients know of, as writes find them."""
        return [it for it in self._host.venue.open_orders(account) if is_told(it)]

    def _enter(self, account: str, wanted: Wanted, now_ns: int) -> VenueOrder | None:
        form = self._sized(wanted)
        symbol = form.symbol
        self._check_decimals(symbol, form.limit_price, form.stop_price)
        open_orders = self.open_orders(account)
        if wanted.cl_ord_id is not None and any(
            self._face.cl_ord_id(account, it.client_order_id) == wanted.cl_ord_id
            for it in open_orders
        ):
            raise Refused("duplicate_client_order_id", "an open order has this id")
        at_pair = sum(it.symbol == symbol for it in open_orders)
        if at_pair >= self._face.limits["open_orders_per_pair"]:
            raise Said("EOrder:Orders limit exceeded")
        if wanted.validates:
            return None
        engine_id = self._ids.enter(account, wanted.cl_ord_id or "")
        order = self._face.dealing.submit(
            account, replace(form, client_order_id=engine_id), now_ns
        )
        if wanted.cl_ord_id is not None:
            self._ids.accepted(account, engine_id)
        if wanted.userref is not None:
            self._userrefs[order.number] = wanted.userref
        return order

    def _alive(self, account: str, ref: OrderRef) -> VenueOrder:
        order = self._face.dealing.find(account, ref)
        if order.is_done or not is_told(order) or order.symbol not in self._face.names:
            raise Refused("unknown_order", "no such open order")
        return order

    def _charge(self, order: VenueOrder, transaction: Transaction, now_ns: int) -> None:
        if transaction is not Transaction.CANCEL:
            self._counters.check(order.account, order.symbol, now_ns)
        points = transaction.worth(now_ns - order.created_time_ns)
        self._counters.add(order.account, order.symbol, points, now_ns)

    def _check_decimals(self, symbol: str, *prices: Decimal | None) -> None:
        most = self._face.names.price_places(symbol)
        if any(price is not None and places(price) > most for price in prices):
            pair = self._face.names.id(symbol)
            raise Said(
                f"EOrder:Invalid price:{pair} price can only be specified "
                f"up to {most} decimals."
            )

    def _check_passive(self, order: VenueOrder, price: Decimal) -> None:
        _, bid, ask = self._host.venue.top(order.symbol)
        best = ask if order.side is Side.BUY else bid
        if best is not None and (price - best[0]) * order.side.sign >= 0:
            raise Refused("would_cross", "a post_only amend would take")

    def _sized(self, wanted: Wanted) -> OrderForm:
        """Return the form, its quantity worked out where it is an amount of quote."""
        form = wanted.form
        if not wanted.in_quote:
            return form
        _, bids, asks = self._host.venue.book(form.symbol, _DEPTH)
        step = self._host.venue.markets[form.symbol].quantity_step
        left, quantity = form.quantity, ZERO
        for price, available in asks if form.side is Side.BUY else bids:
            taken = min(available, left / price)
            quantity += taken
            left -= taken * price
            if left <= 0:
                break
        quantity = Decimal(quantity // step * step)
        if quantity <= 0:
            raise Refused("min_quantity", "the amount buys less than one step")
        return replace(form, quantity=quantity)
