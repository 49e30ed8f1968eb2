"""Writes: send, edit and cancel. What an order is refused for is told by its status.

https://docs.kraken.com/api/docs/futures-api/trading/send-order, read 2026-11-21.
"""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from crossdock.model import OrderStatus, OrderType, Side, TimeInForce
from crossdock.sandbox.engine import OrderForm, Refused, VenueOrder
from crossdock.sandbox.faces.contract import Act
from crossdock.sandbox.faces.dealing import OrderRef
from crossdock.sandbox.faces.krakenfutures.params import NotPlaced, Params
from crossdock.sandbox.faces.krakenfutures.refusals import OrderSaid, Said, order_status
from crossdock.sandbox.faces.krakenfutures.words import moment, number_of, order_uid

if TYPE_CHECKING:
    from crossdock.sandbox.faces.krakenfutures.face import KrakenFuturesFace

_NAMELESS = "made-up "
_FILLED = "filled"
_NOT_EDITED = "orderForEditNotFound"
_SIDES = {"buy": Side.BUY, "sell": Side.SELL}
_PLAIN = ("lmt", "post", "ioc", "mkt")
_TRIGGERS = {
    "stp": (OrderType.STOP, OrderType.STOP_LIMIT),
    "take_profit": (OrderType.MARKET_IF_TOUCHED, OrderType.LIMIT_IF_TOUCHED),
}


class Trading:
    """The writes of one venue. What is returned reads; what it returns does the work."""

    def __init__(self, face: KrakenFuturesFace) -> None:
        self._face = face
        self._host = face.host
        self._ids = face.host.client_ids
        self._made = 0

    def is_nameless(self, shown: str) -> bool:
        """Tell whether an order's id was made up here."""
        return shown.startswith(_NAMELESS)

    def send(self, params: Params, account: str) -> Act:
        try:
            form = self._form(params, account)
        except NotPlaced as problem:
            return self._refused("sendStatus", problem.refused)

        def work(now_ns: int) -> dict[str, Any]:
            order = self._enter(account, form, now_ns)
            return {
                "order_id": order_uid(order),
                "status": "placed",
                "orderEvents": self._face.words.placing(order),
            }

        return self._told("sendStatus", work, ours=params.maybe("cliOrdId"))

    def edit(self, params: Params, account: str) -> Act:
        """Change an order, which keeps its ids. By default `size` is what is to be open."""
        ref = self.ref(params, account, "orderId")
        is_total = params.maybe("qtyMode") == "ABSOLUTE"
        try:
            size = params.maybe_amount("size", "invalidSize")
            limit = params.maybe_amount("limitPrice", "invalidPrice")
            stop = params.maybe_amount("stopPrice", "invalidPrice")
        except NotPlaced as problem:
            return self._refused("editStatus", problem.refused)

        def work(now_ns: int) -> dict[str, Any]:
            order = self._find(account, ref, _NOT_EDITED, _NOT_EDITED)
            before = self._face.words.event_order(order)
            edited = self._edited(order, size, limit, stop, now_ns, is_total=is_total)
            after = self._face.words.event_order(edited)
            event = {"type": "EDIT", "old": before, "new": after, "reducedQuantity": None}
            return {
                "status": "edited",
                "orderId": order_uid(edited),
                "orderEvents": [event],
            }

        return self._told("editStatus", work, done=_NOT_EDITED)

    def cancel(self, params: Params, account: str) -> Act:
        ref = self.ref(params, account, "order_id")

        def work(now_ns: int) -> dict[str, Any]:
            order = self._find(account, ref, "notFound")
            event = self._cancel(account, order, now_ns)
            return {
                "status": "cancelled",
                "order_id": order_uid(order),
                "orderEvents": [event],
            }

        return self._told("cancelStatus", work)

    def cancel_all(self, params: Params, account: str) -> Act:
        symbol = None
        if "symbol" in params:
            symbol = self._face.symbols.symbol(params.text("symbol"))

        def work(now_ns: int) -> dict[str, Any]:
            seen = self._face.symbols
            events = [
                self._cancel(account, order, now_ns)
                for order in self._host.venue.open_orders(account)
                if order.symbol in seen and symbol in (None, order.symbol)
            ]
            ended = [{"order_id": it["uid"]} for it in events]
            return {
                "status": "cancelled" if events else "noOrdersToCancel",
                "cancelOnly": params.maybe("symbol") or "all",
                "cancelledOrders": ended,
                "orderEvents": events,
            }

        return self._told("cancelStatus", work)

    def ref(self, params: Params, account: str, by_id: str) -> OrderRef:
        """Read which order is meant. Raises Refusal."""
        if by_id in params:
            return OrderRef(order_id=number_of(params.text(by_id)))
        if "cliOrdId" not in params:
            raise Said("requiredArgumentMissing")
        return OrderRef(client_id=self._ids.find(account, params.text("cliOrdId")))

    def _form(self, params: Params, account: str) -> OrderForm:
        symbol = self._face.symbols.symbol(params.text("symbol"))
        kind = params.choice("orderType", (*_PLAIN, *_TRIGGERS), "invalidOrderType")
        side = _SIDES[params.choice("side", _SIDES, "invalidSide")]
        is_limit = kind in ("lmt", "post", "ioc")
        limit = None
        if is_limit or (kind in _TRIGGERS and "limitPrice" in params):
            limit = params.amount("limitPrice", "invalidPrice")
        stop = params.amount("stopPrice", "invalidPrice") if kind in _TRIGGERS else None
        wanted = OrderType.LIMIT if is_limit else OrderType.MARKET
        if kind in _TRIGGERS:
            wanted = _TRIGGERS[kind][limit is not None]
        return OrderForm(
            client_order_id=self._named(account, params.client_id()),
            symbol=symbol,
            side=side,
            type=wanted,
            quantity=params.amount("size", "invalidSize"),
            limit_price=limit,
            stop_price=stop,
            time_in_force=TimeInForce.IOC if kind == "ioc" else TimeInForce.GTC,
            post_only=kind == "post",
            reduce_only=params.flag("reduceOnly"),
        )

    def _named(self, account: str, text: str) -> str:
        self._made += 1
        return self._ids.enter(account, text or f"{_NAMELESS}{self._made}")

    def _enter(self, account: str, form: OrderForm, now_ns: int) -> VenueOrder:
        wanted = self._face.client_id(account, form.client_order_id)
        for it in self._host.venue.open_orders(account):
            if self._face.client_id(account, it.client_order_id) == wanted:
                raise Refused("duplicate_client_order_id", "an open order has this id")
        order = self._face.dealing.submit(account, form, now_ns)
        self._ids.accepted(account, order.client_order_id)
        if form.time_in_force is TimeInForce.IOC and not order.cumulative_quantity:
            raise OrderSaid("iocWouldNotExecute")
        return order

    def _edited(
        self,
        order: VenueOrder,
        size: Decimal | None,
        limit: Decimal | None,
        stop: Decimal | None,
        now_ns: int,
        *,
        is_total: bool,
    ) -> VenueOrder:
        if stop is not None and not order.is_waiting:
            raise OrderSaid("orderForEditNotAStop")
        return self._face.dealing.replace(
            order.account,
            OrderRef(order_id=order.id),
            now_ns,
            quantity=size if is_total else None,
            rest=None if is_total else size,
            limit_price=limit,
            stop_price=stop,
        )

    def _cancel(self, account: str, order: VenueOrder, now_ns: int) -> dict[str, Any]:
        named = OrderRef(order_id=order.id)
        was_waiting = order.is_waiting
        canceled = self._face.dealing.cancel(account, named, now_ns)
        words = self._face.words
        event: dict[str, Any] = {"type": "CANCEL", "uid": order_uid(canceled)}
        if was_waiting:
            return event | {"orderTrigger": words.trigger(canceled)}
        return event | {"order": words.event_order(canceled)}

    def _find(
        self, account: str, ref: OrderRef, absent: str, filled: str = _FILLED
    ) -> VenueOrder:
        try:
            order = self._face.dealing.find(account, ref)
        except Refused:
            raise OrderSaid(absent) from None
        if order.status is OrderStatus.FILLED:
            raise OrderSaid(filled)
        if order.is_done:
            raise OrderSaid(absent)
        return order

    def _told(
        self,
        name: str,
        work: Callable[[int], dict[str, Any]],
        *,
        ours: str = "",
        done: str = _FILLED,
    ) -> Act:
        """Return the work, a refusal of the engine's told as a status."""

        def act(now_ns: int) -> Any:
            received = {"receivedTime": moment(now_ns)}
            if ours:
                received["cliOrdId"] = ours
            try:
                return {name: received | work(now_ns)}
            except Refused as refused:
                is_done = refused.code == "order_done"
                status = done if is_done else order_status(refused)
                return {name: received | {"status": status, "orderEvents": []}}

        return act

    def _refused(self, name: str, refused: Refused) -> Act:
        def work(_now_ns: int) -> dict[str, Any]:
            raise refused

        return self._told(name, work)
