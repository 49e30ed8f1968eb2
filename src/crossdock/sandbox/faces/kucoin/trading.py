"""Writes on spot: place, alter, cancel; stops apart from the rest.

https://www.kucoin.com/docs-new/rest/spot-trading/orders/introduction, read 2026-11-21.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from crossdock.sandbox.engine import Refused, VenueOrder
from crossdock.sandbox.faces.contract import Act, Call
from crossdock.sandbox.faces.dealing import OrderRef
from crossdock.sandbox.faces.kucoin.forms import read_order
from crossdock.sandbox.faces.kucoin.words import is_apart
from crossdock.sandbox.faces.kucoin_gateway.face import Endpoint
from crossdock.sandbox.faces.kucoin_gateway.numbers import Row
from crossdock.sandbox.faces.kucoin_gateway.params import Params
from crossdock.sandbox.faces.kucoin_gateway.refusals import bad_parameter
from crossdock.sandbox.faces.refusals import Refusal
from crossdock.sandbox.faults import Operation

if TYPE_CHECKING:
    from crossdock.sandbox.faces.kucoin.face import KucoinFace

_Refer = Callable[[Params, Call], OrderRef]


class Trading:
    def __init__(self, face: KucoinFace) -> None:
        self._face = face
        self._host = face.host

    def endpoints(self) -> Sequence[Endpoint]:
        by_id, stop_by_id, by_client = self._by_id, self._stop_by_id, self._by_client
        cancels = {
            "hf/orders/cancelAll": (self.cancel_all, 30),
            "hf/orders/client-order/{clientOid}": (self.cancel(by_client), 1),
            "hf/orders/{orderId}": (self.cancel(by_id), 1),
            "hf/orders": (self.cancel_symbol, 2),
            "stop-order/cancel": (self.cancel_stops, 3),
            "stop-order/cancelOrderByClientOid": (self.cancel_stop(by_client), 5),
            "stop-order/{orderId}": (self.cancel_stop(stop_by_id), 3),
        }
        submit, replace = Operation.SUBMIT, Operation.REPLACE
        return [
            Endpoint("POST", "/api/v1/hf/orders", self.place(has_stop=False), 1, submit),
            Endpoint("POST", "/api/v1/stop-order", self.place(has_stop=True), 1, submit),
            Endpoint("POST", "/api/v1/hf/orders/alter", self.alter, 1, replace),
            *(
                Endpoint("DELETE", f"/api/v1/{path}", prepare, weight, Operation.CANCEL)
                for path, (prepare, weight) in cancels.items()
            ),
        ]

    def place(self, *, has_stop: bool) -> Callable[[Params, Call], Act]:
        def prepare(params: Params, call: Call) -> Act:
            symbol = self._face.names.symbol(params.text("symbol"))
            client_oid = params.client_id()
            form = read_order(params, symbol, self._host, has_stop=has_stop)

            def act(now_ns: int) -> Row:
                order = self._face.orders.enter(call.account, form, client_oid, now_ns)
                return {"orderId": self._face.words.id(order), "clientOid": client_oid}

            return act

        return prepare

    def alter(self, params: Params, call: Call) -> Act:
        """Change an order, which gets another id; what was filled stays filled."""
        size = params.decimal_or_none("newSize")
        price = params.decimal_or_none("newPrice")
        if size is None and price is None:
            raise bad_parameter("newSize")
        ref = self._by_client(params, call) if "clientOid" in params else None
        ref = ref or self._by_id(params, call)

        def act(now_ns: int) -> Row:
            self._resting(call.account, ref)
            order = self._face.dealing.replace(
                call.account, ref, now_ns, quantity=size, limit_price=price
            )
            client_oid = self._face.client_oid(call.account, order.client_order_id)
            return {"newOrderId": self._face.words.id(order), "clientOid": client_oid}

        return act

    def cancel(self, refer: _Refer) -> Callable[[Params, Call], Act]:
        def prepare(params: Params, call: Call) -> Act:
            ref = refer(params, call)

            def act(now_ns: int) -> Row:
                self._resting(call.account, ref)
                order = self._face.orders.cancel(call.account, ref, now_ns)
                if "clientOid" in params:
                    return {"clientOid": params.text("clientOid")}
                return {"orderId": self._face.words.id(order)}

            return act

        return prepare

    def cancel_stop(self, refer: _Refer) -> Callable[[Params, Call], Act]:
        def prepare(params: Params, call: Call) -> Act:
            ref = refer(params, call)

            def act(now_ns: int) -> Row:
                order = self._face.dealing.find(call.account, ref)
                if not is_apart(order):
                    raise Refused("unknown_order", "it is no stop any more")
                name = self._face.words.id(order)
                self._face.orders.cancel(call.account, ref, now_ns)
                if "clientOid" in params:
                    client_oid = params.text("clientOid")
                    return {"cancelledOrderId": name, "clientOid": client_oid}
                return {"cancelledOrderIds": [name]}

            return act

        return prepare

    def cancel_symbol(self, params: Params, call: Call) -> Act:
        symbol = self._face.names.symbol(params.text("symbol"))

        def act(now_ns: int) -> str:
            self._cancel_each(call.account, now_ns, symbol, stops=False)
            return "success"

        return act

    def cancel_all(self, params: Params, call: Call) -> Act:
        def act(now_ns: int) -> Row:
            gone = self._cancel_each(call.account, now_ns, None, stops=False)
            symbols = sorted({self._face.names.id(it.symbol) for it in gone})
            return {"succeedSymbols": symbols, "failedSymbols": []}

        return act

    def cancel_stops(self, params: Params, call: Call) -> Act:
        name = params.maybe("symbol")
        symbol = None if name is None else self._face.names.symbol(name)
        wanted = set(params.words("orderIds"))

        def act(now_ns: int) -> Row:
            gone = self._cancel_each(call.account, now_ns, symbol, stops=True, only=wanted)
            return {"cancelledOrderIds": [self._face.words.id(it) for it in gone]}

        return act

    def _cancel_each(
        self,
        account: str,
        now_ns: int,
        symbol: str | None,
        *,
        stops: bool,
        only: set[str] | None = None,
    ) -> list[VenueOrder]:
        gone = []
        for order in self._host.venue.open_orders(account):
            if (
                symbol in (None, order.symbol)
                and is_apart(order) is stops
                and not order.is_done
                and (not only or self._face.words.id(order) in only)
            ):
                ref = OrderRef(order_id=order.id)
                gone.append(self._face.dealing.cancel(account, ref, now_ns))
        return gone

    def _resting(self, account: str, ref: OrderRef) -> None:
        order = self._face.dealing.find(account, ref)
        if order.is_done or is_apart(order):
            raise Refused("unknown_order", "no such open order")

    def _by_id(self, params: Params, call: Call) -> OrderRef:
        ref = self._face.ref(params.text("orderId"))
        if ref.order_id is None:
            raise Refusal("unknown_order", "no such id")
        return ref

    def _stop_by_id(self, params: Params, call: Call) -> OrderRef:
        return self._face.stop_ref(params.text("orderId"))

    def _by_client(self, params: Params, call: Call) -> OrderRef:
        return self._face.orders.by_client(call.account, params.text("clientOid"))
