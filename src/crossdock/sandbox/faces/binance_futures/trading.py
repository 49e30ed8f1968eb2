"""Writes: place, cancel and amend, at the matching engine and at the algo service.

https://developers.binance.com/docs/derivatives/usds-margined-futures/trade/rest-api, read
2026-11-21.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from crossdock.sandbox.engine import MarketSpec, OrderForm, Refused, VenueOrder
from crossdock.sandbox.faces.binance_futures.forms import (
    Naming,
    read_algo_order,
    read_order,
)
from crossdock.sandbox.faces.binance_futures.rules import (
    MOST_OPEN_ALGO_ORDERS,
    MOST_OPEN_ORDERS,
)
from crossdock.sandbox.faces.binance_futures.words import (
    engine_id,
    order_id,
)
from crossdock.sandbox.faces.binance_words.params import Params
from crossdock.sandbox.faces.binance_words.refusals import Said
from crossdock.sandbox.faces.contract import Act
from crossdock.sandbox.faces.dealing import OrderRef

if TYPE_CHECKING:
    from crossdock.sandbox.faces.binance_futures.exchange import FuturesFace

_ALL_CANCELED = "The operation of cancel all open order is done."


class Trading:
    """The writes of one venue. What is returned reads; what it returns does the work."""

    def __init__(self, face: FuturesFace) -> None:
        self._face = face
        self._host = face.host
        self._ids = face.host.client_ids

    def place(self, params: Params, account: str) -> Act:
        form = read_order(
            params,
            self._market(params),
            self._naming(account),
            hedged=self._host.venue.spec.hedge_mode,
            now_ns=self._host.now_ns(),
        )

        def act(now_ns: int) -> Any:
            return self._face.words.placed(self._enter(account, form, now_ns))

        return act

    def test(self, params: Params, account: str) -> Act:
        """Read an order and place nothing."""
        self.place(params, account)
        return lambda _now_ns: {}

    def place_algo(self, params: Params, account: str) -> Act:
        form = read_algo_order(
            params,
            self._market(params),
            self._naming(account),
            hedged=self._host.venue.spec.hedge_mode,
            now_ns=self._host.now_ns(),
        )

        def act(now_ns: int) -> Any:
            return self._face.words.algo(self._enter(account, form, now_ns))

        return act

    def cancel(self, params: Params, account: str) -> Act:
        symbol = self._face.symbols.symbol(params.text("symbol"))
        ref = self._face.ref(params, account, "orderId", "origClientOrderId")

        def act(now_ns: int) -> Any:
            order = self._find(account, ref, symbol)
            named = OrderRef(order_id=order.id)
            canceled = self._face.dealing.cancel(account, named, now_ns)
            return self._face.words.placed(canceled)

        return act

    def cancel_algo(self, params: Params, account: str) -> Act:
        ref = self.algo_ref(params, account)

        def act(now_ns: int) -> Any:
            order = self._face.dealing.find(account, ref)
            if not order.is_waiting:
                raise Refused("unknown_order", "it waits no more, or never did")
            row = self._face.words.algo(self._withdraw(account, order, now_ns))
            return {
                "algoId": row["algoId"],
                "clientAlgoId": row["clientAlgoId"],
                "code": "200",
                "msg": "success",
            }

        return act

    def cancel_open(self, params: Params, account: str) -> Act:
        return self._cancel_every(params, account, self._face.algos.is_placed)

    def cancel_open_algos(self, params: Params, account: str) -> Act:
        return self._cancel_every(params, account, lambda it: it.is_waiting)

    def amend(self, params: Params, account: str) -> Act:
        """Give an order another quantity and price; it keeps its id.

        An order that has filled as much as it now asks for is canceled.
        """
        symbol = self._face.symbols.symbol(params.text("symbol"))
        ref = self._face.ref(params, account, "orderId", "origClientOrderId")
        side = params.choice("side", ("BUY", "SELL"))
        quantity, price = params.decimal("quantity"), params.decimal("price")

        def act(now_ns: int) -> Any:
            order = self._find(account, ref, symbol)
            if order.is_done or order.side.value.upper() != side:
                raise Refused("unknown_order", "it is done, or on the other side")
            if (quantity, price) == (order.quantity, order.limit_price):
                raise Said(-5027, "No need to modify the order.")
            named, dealing = OrderRef(order_id=order.id), self._face.dealing
            if quantity <= order.cumulative_quantity:
                return self._face.words.placed(dealing.cancel(account, named, now_ns))
            amended = dealing.replace(
                account, named, now_ns, quantity=quantity, limit_price=price
            )
            return self._face.words.placed(amended)

        return act

    def algo_ref(self, params: Params, account: str) -> OrderRef:
        """Read which algo order is meant. Raises Refusal."""
        ref = self._face.ref(params, account, "algoId", "clientAlgoId")
        if ref.order_id is None:
            return ref
        return OrderRef(order_id=engine_id(int(ref.order_id)))

    def _cancel_every(
        self, params: Params, account: str, is_meant: Callable[[VenueOrder], bool]
    ) -> Act:
        symbol = self._face.symbols.symbol(params.text("symbol"))

        def act(now_ns: int) -> Any:
            for order in sorted(self._host.venue.open_orders(account), key=order_id):
                if order.symbol == symbol and is_meant(order) and not order.is_done:
                    self._withdraw(account, order, now_ns)
            return {"code": 200, "msg": _ALL_CANCELED}

        return act

    def _withdraw(self, account: str, order: VenueOrder, now_ns: int) -> VenueOrder:
        if order.is_waiting:
            self._face.algos.withdraw(order)
        return self._face.dealing.cancel(account, OrderRef(order_id=order.id), now_ns)

    def _enter(self, account: str, form: OrderForm, now_ns: int) -> VenueOrder:
        self._check_open(account, form)
        order = self._face.dealing.submit(account, form, now_ns)
        self._ids.accepted(account, order.client_order_id)
        return order

    def _check_open(self, account: str, form: OrderForm) -> None:
        """Refuse an id that an open order has, and more orders than may be open."""
        open_orders = self._host.venue.open_orders(account)
        wanted = self._face.client_id(account, form.client_order_id)
        if any(self._face.words.client_id(it) == wanted for it in open_orders):
            raise Refused("duplicate_client_order_id", "an open order has this id")
        waits = form.trail_percent is not None or form.stop_price is not None
        alike = [it for it in open_orders if it.symbol == form.symbol]
        count = sum(it.is_waiting is waits for it in alike)
        if count >= (MOST_OPEN_ALGO_ORDERS if waits else MOST_OPEN_ORDERS):
            raise (
                Said(-4045, "Reach max stop order limit.")
                if waits
                else Said(-2025, "Reach max open order limit.")
            )

    def _find(self, account: str, ref: OrderRef, symbol: str) -> VenueOrder:
        order = self._face.dealing.find(account, ref)
        if order.symbol != symbol or not self._face.algos.is_placed(order):
            raise Refused("unknown_order", "no such order of this symbol")
        return order

    def _market(self, params: Params) -> MarketSpec:
        return self._face.symbols.market(params.text("symbol"))

    def _naming(self, account: str) -> Naming:
        def named(text: str | None) -> str:
            return self._ids.enter(account, text or self._face.made_up())

        return named
