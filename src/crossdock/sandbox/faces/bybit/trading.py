"""Writes: create, amend, cancel and cancel-all."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from typing import TYPE_CHECKING

from crossdock.model import TRIGGERED, ZERO, Side
from crossdock.sandbox.engine import OrderForm, Refused, VenueOrder
from crossdock.sandbox.faces.bybit.forms import ORDER, STOP, TPSL, Wanted, read_order
from crossdock.sandbox.faces.bybit.ids import number_of, order_id
from crossdock.sandbox.faces.bybit.params import Params
from crossdock.sandbox.faces.bybit.refusals import invalid
from crossdock.sandbox.faces.bybit.words import Row
from crossdock.sandbox.faces.dealing import OrderRef
from crossdock.sandbox.faces.refusals import Refusal

if TYPE_CHECKING:
    from crossdock.sandbox.faces.bybit.face import BybitFace

_DEPTH = 5000
_FILTERS = (ORDER, TPSL, STOP)


class Trading:
    """The writes of one venue. All of them raise Refusal or Refused with nothing done."""

    def __init__(self, face: BybitFace) -> None:
        self._face = face
        self._host = face.host
        self._ids = face.host.client_ids
        self._wanted: dict[int, Wanted] = {}
        self._withdrawn: set[int] = set()  # while they waited for their trigger

    def wanted(self, order: VenueOrder) -> Wanted | None:
        return self._wanted.get(order.number)

    def was_withdrawn(self, order: VenueOrder) -> bool:
        return order.number in self._withdrawn

    def ref(self, account: str, params: Params) -> OrderRef:
        """Read which order is meant. Raises Refusal."""
        text = params.maybe("orderId")
        if text is not None:
            number = number_of(text)
            if number is None:
                raise Refusal("unknown_order", "no such order")
            return OrderRef(order_id=number)
        link_id = params.link_id()
        if link_id is None:
            raise invalid("orderId or orderLinkId is required")
        return OrderRef(client_id=self._ids.find(account, link_id))

    def create(self, account: str, params: Params, now_ns: int) -> Row:
        symbol = self._face.names.find(params.category, params.text("symbol"))
        last = self._host.venue.last_price(symbol)
        wanted = read_order(params, self._face.names.market(symbol), last)
        link_id = wanted.link_id
        if link_id is not None and self._ids.find(account, link_id) != link_id:
            raise Refused("duplicate_client_order_id", "the id is taken")
        engine_id = self._ids.enter(account, link_id or "")
        form = replace(self._sized(wanted), client_order_id=engine_id)
        order = self._face.dealing.submit(account, form, now_ns)
        if link_id is not None:
            self._ids.accepted(account, engine_id)
        self._wanted[order.number] = wanted
        return self._named(order)

    def amend(self, account: str, params: Params, now_ns: int) -> Row:
        order = self._alive(account, params)
        amended = self._face.dealing.replace(
            account,
            OrderRef(order_id=order.id),
            now_ns,
            quantity=params.decimal_or_none("qty"),
            limit_price=params.decimal_or_none("price"),
            stop_price=params.decimal_or_none("triggerPrice"),
        )
        return self._named(amended)

    def cancel(self, account: str, params: Params, now_ns: int) -> Row:
        order = self._alive(account, params)
        if order.is_waiting:
            self._withdrawn.add(order.number)
        ended = self._face.dealing.cancel(account, OrderRef(order_id=order.id), now_ns)
        return self._named(ended)

    def cancel_all(self, account: str, params: Params, now_ns: int) -> Row:
        category = params.category
        symbols = self._face.names.of(category, params.maybe("symbol"))
        coin = params.maybe("settleCoin")
        order_filter = params.choice("orderFilter", _FILTERS, ORDER)
        rows = []
        for order in self._host.venue.open_orders(account):
            if order.symbol not in symbols or order.is_done:
                continue
            if coin not in (None, self._face.names.market(order.symbol).settle):
                continue
            if category == "spot" and (order_filter == ORDER) is order.is_waiting:
                continue
            if order.is_waiting:
                self._withdrawn.add(order.number)
            ref = OrderRef(order_id=order.id)
            rows.append(self._named(self._face.dealing.cancel(account, ref, now_ns)))
        return {"list": rows, "success": "1"}

    def _alive(self, account: str, params: Params) -> VenueOrder:
        """Return an open order. On spot one that waits is named with its filter."""
        symbol = self._face.names.find(params.category, params.text("symbol"))
        order = self._face.dealing.find(account, self.ref(account, params))
        is_there = order.symbol == symbol and not order.is_done
        if is_there and self._face.names.is_spot(symbol):
            waits = params.choice("orderFilter", _FILTERS, ORDER) != ORDER
            is_there = waits is (order.is_waiting and order.type in TRIGGERED)
        if not is_there:
            raise Refusal("unknown_order", "no such open order")
        return order

    def _named(self, order: VenueOrder) -> Row:
        return {
            "orderId": order_id(order, is_spot=self._face.names.is_spot(order.symbol)),
            "orderLinkId": self._face.link_id(order),
        }

    def _sized(self, wanted: Wanted) -> OrderForm:
        """Return the form, its quantity worked out where it is an amount of quote."""
        form = wanted.form
        if not wanted.in_quote:
            return form
        _, bids, asks = self._host.venue.book(form.symbol, _DEPTH)
        left, quantity = form.quantity, ZERO
        for price, available in asks if form.side is Side.BUY else bids:
            taken = min(available, left / price)
            quantity += taken
            left -= taken * price
            if left <= 0:
                break
        step = self._host.venue.markets[form.symbol].quantity_step
        quantity = Decimal(quantity // step * step)
        if quantity <= 0:
            raise Refused("min_quantity", "the amount buys less than one step")
        return replace(form, quantity=quantity)
