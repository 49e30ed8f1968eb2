"""Writes on spot.

https://huobiapi.github.io/docs/spot/v1/en/#trading, read 2026-11-21.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING

from crossdock.model import OrderStatus
from crossdock.sandbox.engine import Refused, VenueOrder
from crossdock.sandbox.faces.contract import Act, Call
from crossdock.sandbox.faces.dealing import OrderRef
from crossdock.sandbox.faces.htx.forms import read_order
from crossdock.sandbox.faces.htx.params import Params
from crossdock.sandbox.faces.htx.refusals import bad_field
from crossdock.sandbox.faces.htx.words import Row, told_status
from crossdock.sandbox.faults import Operation

if TYPE_CHECKING:
    from crossdock.sandbox.faces.htx.face import HtxFace

_MOST_CANCELS = 100
_CANCELLING = "10"
_ENDS = {OrderStatus.FILLED: "6", OrderStatus.CANCELED: "7"}
_PARTIAL_CANCELED = "5"


class Trading:
    def __init__(self, face: HtxFace) -> None:
        self._face = face
        self._host = face.host

    def writes(self) -> Mapping[str, tuple[Callable[[Params, Call], Act], Operation]]:
        cancel = Operation.CANCEL
        return {
            "/v1/order/orders/place": (self.place, Operation.SUBMIT),
            "/v1/order/orders/submitCancelClientOrder": (self.cancel_by_client, cancel),
            "/v1/order/orders/batchCancelOpenOrders": (self.cancel_open, cancel),
            "/v1/order/orders/{order_id}/submitcancel": (self.cancel_by_id, cancel),
        }

    def place(self, params: Params, call: Call) -> Act:
        """Place an order. A client's id is never checked for being unique."""
        if params.text("account-id") != str(self._face.account_id(call.account)):
            raise bad_field("account-id")
        symbol = self._face.names.symbol(params.text("symbol"))
        name = params.client_id()
        form = read_order(params, symbol, self._host)
        ids = self._host.client_ids

        def act(now_ns: int) -> Row:
            engine_id = ids.enter(call.account, name or "")
            order = self._face.dealing.submit(
                call.account, replace(form, client_order_id=engine_id), now_ns
            )
            if name is not None:
                ids.accepted(call.account, engine_id)
            return {"data": order.chain[0]}

        return act

    def cancel_by_id(self, params: Params, call: Call) -> Act:
        ref = OrderRef(order_id=params.text("order_id"))

        def act(now_ns: int) -> Row:
            order = self._face.dealing.find(call.account, ref)
            if order.is_done:
                raise Refused("order_done", "the order is done")
            order = self._face.dealing.cancel(call.account, ref, now_ns)
            return {"data": order.chain[0]}

        return act

    def cancel_by_client(self, params: Params, call: Call) -> Act:
        """Cancel, and tell the state that stood before it as a number."""
        found = self._host.client_ids.find(call.account, params.text("client-order-id"))
        ref = OrderRef(client_id=found)

        def act(now_ns: int) -> Row:
            order = self._face.dealing.find(call.account, ref)
            if order.is_done:
                return {"data": _end_of(order)}
            self._face.dealing.cancel(call.account, ref, now_ns)
            return {"data": _CANCELLING}

        return act

    def cancel_open(self, params: Params, call: Call) -> Act:
        names = [it for it in (params.maybe("symbol") or "").split(",") if it]
        symbols = {self._face.names.symbol(it) for it in names}

        def act(now_ns: int) -> Row:
            found = [
                it
                for it in self._host.venue.open_orders(call.account)
                if not symbols or it.symbol in symbols
            ]
            for order in found[:_MOST_CANCELS]:
                if not order.is_done:
                    ref = OrderRef(order_id=order.id)
                    self._face.dealing.cancel(call.account, ref, now_ns)
            count = len(found[:_MOST_CANCELS])
            data = {"success-count": count, "failed-count": 0, "next-id": -1}
            return {"data": data}

        return act


def _end_of(order: VenueOrder) -> str:
    status = told_status(order)
    if status is OrderStatus.CANCELED and order.cumulative_quantity:
        return _PARTIAL_CANCELED
    return _ENDS[status]
