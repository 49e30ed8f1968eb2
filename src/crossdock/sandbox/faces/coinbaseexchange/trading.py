"""Writes: place and cancel.

https://docs.cdp.coinbase.com/exchange/reference/exchangerestapi_postorders, read 2026-11-21.
"""

from __future__ import annotations

import uuid
from dataclasses import replace
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from crossdock.model import ZERO, OrderType, Side, TimeInForce
from crossdock.sandbox.engine import MarketSpec, OrderForm, Refused, VenueOrder
from crossdock.sandbox.faces.coinbaseexchange.params import Params
from crossdock.sandbox.faces.coinbaseexchange.refusals import Said, ill_sized
from crossdock.sandbox.faces.coinbaseexchange.words import (
    is_kept,
    moment,
    number_of,
    order_uid,
)
from crossdock.sandbox.faces.contract import Act
from crossdock.sandbox.faces.dealing import OrderRef

if TYPE_CHECKING:
    from crossdock.sandbox.faces.coinbaseexchange.face import CoinbaseExchangeFace

_NAMELESS = "made-up "
_SIDES = {"buy": Side.BUY, "sell": Side.SELL}
_TIFS = {
    "GTC": TimeInForce.GTC,
    "GTT": TimeInForce.GTD,
    "IOC": TimeInForce.IOC,
    "FOK": TimeInForce.FOK,
}
_LASTS_NS = {"min": 60 * 10**9, "hour": 3600 * 10**9, "day": 86_400 * 10**9}
_DEPTH = 5000


class Trading:
    """The writes of one venue. What is returned reads; what it returns does the work."""

    def __init__(self, face: CoinbaseExchangeFace) -> None:
        self._face = face
        self._host = face.host
        self._ids = face.host.client_ids
        self._made = 0

    def is_nameless(self, shown: str) -> bool:
        """Tell whether an order's id was made up here."""
        return shown.startswith(_NAMELESS)

    def place(self, params: Params, account: str) -> Act:
        name = params.text("product_id")
        market = self._face.products.market(name)
        form = self._form(params, market, account)
        funds = None
        if form.type is OrderType.MARKET and "size" not in params:
            funds = params.amount("funds")

        def act(now_ns: int) -> Any:
            wanted = form if funds is None else self._sized(form, funds)
            try:
                order = self._enter(account, wanted, now_ns)
            except Refused as refused:
                if refused.code == "would_cross":
                    return self._unborn(params, now_ns, "rejected", "post only")
                if refused.code == "fok_unfillable":
                    return self._unborn(params, now_ns, "pending", "")
                raise ill_sized(refused.code, market) or refused from None
            return self._face.words.placed(order)

        return act

    def cancel(self, _params: Params, account: str, ref: OrderRef) -> Act:
        def act(now_ns: int) -> Any:
            order = self._face.dealing.find(account, ref)
            if not is_kept(order):
                raise Refused("unknown_order", "it is gone")
            self._face.dealing.cancel(account, OrderRef(order_id=order.id), now_ns)
            return order_uid(order)

        return act

    def cancel_all(self, params: Params, account: str) -> Act:
        symbol = None
        if "product_id" in params:
            symbol = self._face.products.symbol(params.text("product_id"))

        def act(now_ns: int) -> Any:
            ended = []
            for order in self._host.venue.open_orders(account):
                if order.symbol in self._face.products and symbol in (None, order.symbol):
                    named = OrderRef(order_id=order.id)
                    self._face.dealing.cancel(account, named, now_ns)
                    ended.append(order_uid(order))
            return ended

        return act

    def ref(self, text: str, account: str) -> OrderRef:
        """Return which order a path names: by its id, or by client:ID."""
        if text.startswith("client:"):
            ours = text.removeprefix("client:")
            return OrderRef(client_id=self._ids.find(account, ours))
        return OrderRef(order_id=number_of(text))

    def _form(self, params: Params, market: MarketSpec, account: str) -> OrderForm:
        kind = params.choice("type", ("limit", "market"), "limit")
        side = _SIDES[params.choice("side", _SIDES)]
        stop, limit = None, None
        wanted = OrderType.MARKET
        tif = TimeInForce.GTC
        if kind == "limit":
            limit, wanted = params.amount("price"), OrderType.LIMIT
            tif = _TIFS[params.choice("time_in_force", _TIFS, "GTC")]
        if "stop" in params or "stop_price" in params:
            rises = params.choice("stop", ("loss", "entry")) == "entry"
            stop = params.amount("stop_price")
            if limit is None:
                raise Said("stop orders must be limit orders")
            with_it = rises is (side is Side.BUY)
            wanted = OrderType.STOP_LIMIT if with_it else OrderType.LIMIT_IF_TOUCHED
        sized = kind == "limit" or "size" in params
        ends_ns = None
        if tif is TimeInForce.GTD:
            lasts = _LASTS_NS[params.choice("cancel_after", _LASTS_NS)]
            ends_ns = self._host.now_ns() + lasts
        return OrderForm(
            client_order_id=self._named(account, params.maybe("client_oid")),
            symbol=market.symbol,
            side=side,
            type=wanted,
            quantity=params.amount("size") if sized else market.quantity_step,
            limit_price=limit,
            stop_price=stop,
            time_in_force=tif,
            expire_time_ns=ends_ns,
            post_only=params.flag("post_only"),
        )

    def _named(self, account: str, text: str) -> str:
        if text:
            try:
                uuid.UUID(text)
            except ValueError:
                raise Said("Invalid client_oid") from None
        self._made += 1
        return self._ids.enter(account, text or f"{_NAMELESS}{self._made}")

    def _enter(self, account: str, form: OrderForm, now_ns: int) -> VenueOrder:
        wanted = self._face.client_id(account, form.client_order_id)
        for it in self._host.venue.open_orders(account):
            if self._face.client_id(account, it.client_order_id) == wanted:
                raise Refused("duplicate_client_order_id", "an open order has this id")
        order = self._face.dealing.submit(account, form, now_ns)
        self._ids.accepted(account, order.client_order_id)
        return order

    def _sized(self, form: OrderForm, funds: Decimal) -> OrderForm:
        """Return the form with as much as the funds buy at the book's prices."""
        _, bids, asks = self._host.venue.book(form.symbol, _DEPTH)
        step = self._host.venue.markets[form.symbol].quantity_step
        quantity, left = ZERO, funds
        for price, available in asks if form.side is Side.BUY else bids:
            taken = min(available, left / price)
            quantity, left = quantity + taken, left - taken * price
            if left <= 0:
                break
        return replace(form, quantity=max(step, quantity // step * step))

    def _unborn(
        self, params: Params, now_ns: int, status: str, reason: str
    ) -> dict[str, Any]:
        """Return an order that ended as it came: it can never be looked up."""
        self._made += 1
        row = {
            "id": str(uuid.uuid5(uuid.NAMESPACE_OID, f"{self._host.name} {self._made}")),
            "price": params.maybe("price"),
            "size": params.maybe("size"),
            "product_id": params.maybe("product_id"),
            "side": params.maybe("side"),
            "type": "limit",
            "time_in_force": params.maybe("time_in_force") or "GTC",
            "post_only": params.flag("post_only"),
            "created_at": moment(now_ns),
            "reject_reason": reason,
            "fill_fees": "0",
            "filled_size": "0",
            "executed_value": "0",
            "status": status,
            "settled": False,
            "client_oid": params.maybe("client_oid"),
        }
        return {name: it for name, it in row.items() if it != ""}
