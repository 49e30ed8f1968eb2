"""Writes: place, replace, cancel.

https://www.bitstamp.net/api/#tag/Orders, read 2026-11-21.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from crossdock.model import OrderType, Side, TimeInForce
from crossdock.sandbox.engine import MarketSpec, OrderForm, VenueOrder
from crossdock.sandbox.faces.bitstamp.params import Params, Row
from crossdock.sandbox.faces.bitstamp.refusals import Said, malformed
from crossdock.sandbox.faces.bitstamp.words import engine_id_of, order_id, told_status
from crossdock.sandbox.faces.contract import Act, Call
from crossdock.sandbox.faces.dealing import OrderRef
from crossdock.sandbox.faces.refusals import Refusal
from crossdock.sandbox.faults import Operation

if TYPE_CHECKING:
    from crossdock.sandbox.faces.bitstamp.face import BitstampFace

_TIMES = {
    "ioc_order": TimeInForce.IOC,
    "fok_order": TimeInForce.FOK,
    "daily_order": TimeInForce.DAY,
    "gtd_order": TimeInForce.GTD,
}
_MAKER_OR_CANCEL = "moc_order"
_MS_NS = 1_000_000
_Prepare = Callable[[Params, Call], Act]


class Trading:
    def __init__(self, face: BitstampFace) -> None:
        self._face = face
        self._host = face.host
        self._ids = face.host.client_ids

    def writes(self) -> dict[str, tuple[_Prepare, Operation]]:
        submit, cancel = Operation.SUBMIT, Operation.CANCEL
        found: dict[str, tuple[_Prepare, Operation]] = {
            "cancel_order/": (self.cancel, cancel),
            "cancel_all_orders/": (self.cancel_all, cancel),
            "cancel_all_orders/{pair}/": (self.cancel_all, cancel),
            "replace_order/": (self.replace, Operation.REPLACE),
        }
        for side in Side:
            found[f"{side}/{{pair}}/"] = (self.place(side, OrderType.LIMIT), submit)
            found[f"{side}/market/{{pair}}/"] = (
                self.place(side, OrderType.MARKET),
                submit,
            )
        return found

    def ref(self, params: Params, account: str) -> OrderRef:
        """Read which order is meant: an id, else a client's. Raises Refusal."""
        text = params.maybe("id")
        if text is not None:
            return OrderRef(order_id=engine_id_of(text))
        client_id = params.client_id()
        if client_id is None:
            raise Said("400.035", "Missing id POST param.", status=400)
        return OrderRef(client_id=self._ids.find(account, client_id))

    def place(self, side: Side, kind: OrderType) -> _Prepare:
        def prepare(params: Params, call: Call) -> Act:
            market = self._face.names.market(params.maybe("pair") or "")
            client_id = params.client_id()
            form = self._form(params, market, side, kind)

            def act(now_ns: int) -> Row:
                order = self._enter(call.account, form, client_id, now_ns)
                return self._face.words.placed(order)

            return act

        return prepare

    def cancel(self, params: Params, call: Call) -> Act:
        ref = self.ref(params, call.account)

        def act(now_ns: int) -> Row:
            self._open(call.account, ref)
            order = self._face.dealing.cancel(call.account, ref, now_ns)
            return self._face.words.canceled(order)

        return act

    def cancel_all(self, params: Params, call: Call) -> Act:
        name = params.maybe("pair")
        symbol = None if name is None else self._face.names.market(name).symbol

        def act(now_ns: int) -> Row:
            gone = []
            for order in self._host.venue.open_orders(call.account):
                if symbol in (None, order.symbol) and not order.is_done:
                    self._host.venue.cancel(call.account, order.id, now_ns)
                    gone.append(self._face.words.canceled(order))
            return {"canceled": gone, "success": True}

        return act

    def replace(self, params: Params, call: Call) -> Act:
        """Cancel an order and place another one, which has an id of its own."""
        ref = self._replaced(params, call.account)
        client_id = params.client_id()
        order = self._open(call.account, ref)
        market = self._host.venue.markets[order.symbol]
        quantity = params.decimal("amount", market.quantity_step)
        price = params.decimal("price", market.ticks[0][1])

        def act(now_ns: int) -> Row:
            before = self._open(call.account, ref)
            self._face.dealing.cancel(call.account, ref, now_ns)
            form = OrderForm(
                client_order_id="",
                symbol=before.symbol,
                side=before.side,
                type=before.type,
                quantity=quantity,
                limit_price=price,
                time_in_force=before.time_in_force,
                expire_time_ns=before.expire_time_ns,
                post_only=before.post_only,
            )
            made = self._enter(call.account, form, client_id, now_ns)
            row: dict[str, Any] = self._face.words.placed(made)
            row |= {"order_id": row["id"], "order_type": row["type"]}
            row["orig_order_id"] = order_id(before.id)
            given = self._face.given_id(call.account, before.client_order_id)
            if given is not None:
                row["orig_client_order_id"] = given
            return row | {"status": told_status(made).value}

        return act

    def _replaced(self, params: Params, account: str) -> OrderRef:
        given = params.maybe("orig_client_order_id")
        if given is not None:
            return OrderRef(client_id=self._ids.find(account, given))
        if "id" not in params:
            words = "At least one of POST parameters must be set in request"
            raise Said("400.072", f"{words}: id, orig_client_order_id.", status=400)
        return self.ref(params, account)

    def _form(
        self, params: Params, market: MarketSpec, side: Side, kind: OrderType
    ) -> OrderForm:
        chosen = [name for name in (*_TIMES, _MAKER_OR_CANCEL) if params.flag(name)]
        limited = kind is OrderType.LIMIT
        if len(chosen) > 1:
            words = "Only one of optional parameters can be set."
            raise Said("400.024", words, status=400)
        [name] = chosen or [""]
        time_in_force = _TIMES.get(name, TimeInForce.GTC) if limited else TimeInForce.IOC
        expires_ns = None
        if time_in_force is TimeInForce.GTD:
            expires_ns = params.whole("expire_time", 0) * _MS_NS
            if not expires_ns:
                words = "POST parameter(s) is missing from request: expire_time."
                raise Said("400.022", words, status=400)
            if expires_ns <= self._host.now_ns():
                raise Said("400.032", "'expire_time' must be set in future date.")
        price: Decimal | None = None
        if limited:
            price = params.decimal("price", market.ticks[0][1])
        elif "price" in params:
            raise malformed("price")
        return OrderForm(
            client_order_id="",
            symbol=market.symbol,
            side=side,
            type=kind,
            quantity=params.decimal("amount", market.quantity_step),
            limit_price=price,
            time_in_force=time_in_force,
            expire_time_ns=expires_ns,
            post_only=name == _MAKER_OR_CANCEL,
        )

    def _enter(
        self, account: str, form: OrderForm, client_id: str | None, now_ns: int
    ) -> VenueOrder:
        """Place an order. Others may have its client's id: the newest one is meant by it."""
        engine_id = self._ids.enter(account, client_id or "")
        order = self._face.dealing.submit(
            account, replace(form, client_order_id=engine_id), now_ns
        )
        if client_id is not None:
            self._ids.accepted(account, engine_id)
        return order

    def _open(self, account: str, ref: OrderRef) -> VenueOrder:
        order = self._face.dealing.find(account, ref)
        if order.is_done:
            raise Refusal("order_done", "the order is done")
        return order
