"""Writes: place and cancel.

https://developers.binance.com/docs/derivatives/options-trading/trade, read 2026-11-22.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from crossdock.model import OrderType, Side, TimeInForce
from crossdock.sandbox.engine import MarketSpec, OrderForm, Refused, VenueOrder
from crossdock.sandbox.faces.binance_words.names import highest_price
from crossdock.sandbox.faces.binance_words.params import Params
from crossdock.sandbox.faces.binance_words.refusals import Said
from crossdock.sandbox.faces.binanceoptions.words import order_id
from crossdock.sandbox.faces.contract import Act
from crossdock.sandbox.faces.dealing import OrderRef

if TYPE_CHECKING:
    from crossdock.sandbox.faces.binanceoptions.face import BinanceOptionsFace

_MOST_OPEN = 200
_SIDES = {"BUY": Side.BUY, "SELL": Side.SELL}
_TIFS = {
    "GTC": TimeInForce.GTC,
    "IOC": TimeInForce.IOC,
    "FOK": TimeInForce.FOK,
    "GTX": TimeInForce.GTC,
}


class Trading:
    """The writes of one venue. What is returned reads; what it returns does the work."""

    def __init__(self, face: BinanceOptionsFace) -> None:
        self._face = face
        self._host = face.host

    def place(self, params: Params, account: str) -> Act:
        form = self._form(params, account)

        def act(now_ns: int) -> Any:
            self._check_open(account, form)
            order = self._face.dealing.submit(account, form, now_ns)
            self._host.client_ids.accepted(account, order.client_order_id)
            return self._face.words.order(order)

        return act

    def cancel(self, params: Params, account: str) -> Act:
        symbol = self._face.symbols.symbol(params.text("symbol"))
        ref = self._face.order_ref(params, account)

        def act(now_ns: int) -> Any:
            order = self._face.dealing.find(account, ref)
            if order.symbol != symbol:
                raise Refused("unknown_order", "no such order of this symbol")
            return self._face.words.order(self._cancel(order, now_ns))

        return act

    def cancel_open(self, params: Params, account: str) -> Act:
        symbol = self._face.symbols.symbol(params.text("symbol"))

        def act(now_ns: int) -> Any:
            for order in sorted(self._host.venue.open_orders(account), key=order_id):
                if order.symbol == symbol and not order.is_done:
                    self._cancel(order, now_ns)
            return {"code": 0, "msg": "success"}

        return act

    def _cancel(self, order: VenueOrder, now_ns: int) -> VenueOrder:
        named = OrderRef(order_id=order.id)
        return self._face.dealing.cancel(order.account, named, now_ns)

    def _form(self, params: Params, account: str) -> OrderForm:
        market = self._face.symbols.market(params.text("symbol"))
        params.choice("type", ("LIMIT",))
        tif = params.choice("timeInForce", _TIFS)
        price = params.decimal("price")
        _check_price(market, params, tif)
        asked = params.client_id("clientOrderId") or self._face.made_up()
        return OrderForm(
            client_order_id=self._host.client_ids.enter(account, asked),
            symbol=market.symbol,
            side=_SIDES[params.choice("side", _SIDES)],
            type=OrderType.LIMIT,
            quantity=params.decimal("quantity"),
            limit_price=price,
            time_in_force=_TIFS[tif],
            post_only=tif == "GTX" or params.flag("postOnly"),
            reduce_only=params.flag("reduceOnly"),
        )

    def _check_open(self, account: str, form: OrderForm) -> None:
        """Refuse an id that an open order has, and more orders than may be open."""
        open_orders = self._host.venue.open_orders(account)
        wanted = self._face.client_id(account, form.client_order_id)
        if any(self._face.words.client_id(it) == wanted for it in open_orders):
            raise Refused("duplicate_client_order_id", "an open order has this id")
        if sum(it.symbol == form.symbol for it in open_orders) >= _MOST_OPEN:
            raise Said(-6050, "Maximum open orders reached for this symbol.")


def _check_price(market: MarketSpec, params: Params, tif: str) -> None:
    if params.decimal("price") > highest_price(market):
        raise Said(-4002, "Price greater than max price.")
    if params.flag("postOnly") and tif not in ("GTC", "GTX"):
        raise Said(-1014, "Unsupported order combination.")
