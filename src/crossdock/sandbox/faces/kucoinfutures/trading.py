"""Writes in contracts.

https://www.kucoin.com/docs-new/rest/futures-trading/orders/add-order, read 2026-11-21.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from crossdock.model import OrderType, PositionSide, Side, TimeInForce
from crossdock.sandbox.engine import OrderForm
from crossdock.sandbox.faces.contract import Act, Call
from crossdock.sandbox.faces.dealing import OrderRef
from crossdock.sandbox.faces.kucoin_gateway.face import Endpoint
from crossdock.sandbox.faces.kucoin_gateway.numbers import Row
from crossdock.sandbox.faces.kucoin_gateway.params import Params
from crossdock.sandbox.faces.kucoin_gateway.refusals import Said
from crossdock.sandbox.faces.kucoinfutures.words import is_apart
from crossdock.sandbox.faults import Operation

if TYPE_CHECKING:
    from crossdock.sandbox.faces.kucoinfutures.face import KucoinFuturesFace

_SPRUNG = {
    (True, True): OrderType.STOP_LIMIT,
    (True, False): OrderType.STOP,
    (False, True): OrderType.LIMIT_IF_TOUCHED,
    (False, False): OrderType.MARKET_IF_TOUCHED,
}
_SIDES = {
    "BOTH": PositionSide.NET,
    "LONG": PositionSide.LONG,
    "SHORT": PositionSide.SHORT,
}


class Trading:
    def __init__(self, face: KucoinFuturesFace) -> None:
        self._face = face
        self._host = face.host

    def endpoints(self) -> Sequence[Endpoint]:
        cancels = {
            "orders/client-order/{clientOid}": (self.cancel_by_client, 1),
            "orders/{orderId}": (self.cancel_by_id, 1),
            "orders": (self.cancel_every(stops=False), 30),
            "stopOrders": (self.cancel_every(stops=True), 15),
        }
        return [
            Endpoint("POST", "/api/v1/orders", self.place, 2, Operation.SUBMIT),
            *(
                Endpoint("DELETE", f"/api/v1/{path}", prepare, weight, Operation.CANCEL)
                for path, (prepare, weight) in cancels.items()
            ),
        ]

    def place(self, params: Params, call: Call) -> Act:
        form, client_oid = self._form(params), params.client_id()

        def act(now_ns: int) -> Row:
            order = self._face.orders.enter(call.account, form, client_oid, now_ns)
            return {"orderId": self._face.words.id(order), "clientOid": client_oid}

        return act

    def cancel_by_id(self, params: Params, call: Call) -> Act:
        ref = self._face.ref(params.text("orderId"))

        def act(now_ns: int) -> Row:
            order = self._face.orders.cancel(call.account, ref, now_ns)
            return {"cancelledOrderIds": [self._face.words.id(order)]}

        return act

    def cancel_by_client(self, params: Params, call: Call) -> Act:
        client_oid = params.text("clientOid")
        ref = self._face.orders.by_client(call.account, client_oid)

        def act(now_ns: int) -> Row:
            self._face.orders.cancel(call.account, ref, now_ns)
            return {"clientOid": client_oid}

        return act

    def cancel_every(self, *, stops: bool) -> Callable[[Params, Call], Act]:
        def prepare(params: Params, call: Call) -> Act:
            name = params.maybe("symbol")
            symbol = None if name is None else self._face.names.symbol(name)

            def act(now_ns: int) -> Row:
                gone = []
                for order in self._host.venue.open_orders(call.account):
                    if (
                        symbol in (None, order.symbol)
                        and is_apart(order) is stops
                        and not order.is_done
                    ):
                        ref = OrderRef(order_id=order.id)
                        self._face.dealing.cancel(call.account, ref, now_ns)
                        gone.append(self._face.words.id(order))
                return {"cancelledOrderIds": gone}

            return act

        return prepare

    def _form(self, params: Params) -> OrderForm:
        symbol = self._face.names.symbol(params.text("symbol"))
        side = Side.BUY if params.choice("side", ("buy", "sell")) == "buy" else Side.SELL
        limited = params.choice("type", ("limit", "market")) == "limit"
        kind = OrderType.LIMIT if limited else OrderType.MARKET
        if "leverage" not in params and not params.flag("reduceOnly"):
            raise Said("100001", "leverage cannot be empty", status=400)
        stop_price = None
        if "stop" in params:
            rises = params.choice("stop", ("up", "down")) == "up"
            kind = _SPRUNG[rises is (side is Side.BUY), limited]
            stop_price = params.decimal("stopPrice")
        price = params.decimal("price") if limited else None
        size = params.decimal("size")
        market = self._host.venue.markets[symbol]
        if size % market.quantity_step:
            raise Said("300000", "size: request parameter illegal")
        if any(it is not None and it % market.tick_at(it) for it in (price, stop_price)):
            raise Said("300000", "price: request parameter illegal")
        times = {"GTC": TimeInForce.GTC, "IOC": TimeInForce.IOC}
        return OrderForm(
            client_order_id="",
            symbol=symbol,
            side=side,
            type=kind,
            quantity=size,
            limit_price=price,
            stop_price=stop_price,
            time_in_force=times[params.choice("timeInForce", times, "GTC")],
            post_only=params.flag("postOnly"),
            reduce_only=params.flag("reduceOnly"),
            position_side=_SIDES[params.choice("positionSide", _SIDES, "BOTH")],
        )
