"""Writes: buy, sell, edit and cancels."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from crossdock.model import Side
from crossdock.sandbox.engine import VenueOrder
from crossdock.sandbox.faces.contract import Act
from crossdock.sandbox.faces.dealing import OrderRef
from crossdock.sandbox.faces.deribit.forms import label_of, read_order
from crossdock.sandbox.faces.deribit.names import ANY
from crossdock.sandbox.faces.deribit.params import Params
from crossdock.sandbox.faces.deribit.refusals import Said
from crossdock.sandbox.faces.deribit.words import Row, number_of

if TYPE_CHECKING:
    from crossdock.sandbox.faces.deribit.face import DeribitFace


class Trading:
    """The writes of one venue. All of them raise Refusal or Refused with nothing done."""

    def __init__(self, face: DeribitFace) -> None:
        self._face = face
        self._host = face.host
        self._ids = face.host.client_ids

    def buy(self, params: Params, account: str) -> Act:
        return self._enter(params, account, Side.BUY)

    def sell(self, params: Params, account: str) -> Act:
        return self._enter(params, account, Side.SELL)

    def edit(self, params: Params, account: str) -> Act:
        """Change an order in place; what stays is said again, and means no change."""
        ref = OrderRef(order_id=number_of(params.text("order_id")))
        amount = params.decimal_or_none("amount")
        price = params.decimal_or_none("price")
        trigger = params.decimal_or_none("trigger_price")
        if params.flag("post_only") or params.maybe("trigger_offset") is not None:
            raise Said(10033, "not_implemented")

        def act(now_ns: int) -> Row:
            order = self._face.dealing.find(account, ref)
            amended = self._face.dealing.replace(
                account,
                OrderRef(order_id=order.id),
                now_ns,
                quantity=amount,
                limit_price=price,
                stop_price=trigger,
            )
            return self._done(account, amended)

        return act

    def cancel(self, params: Params, account: str) -> Act:
        ref = OrderRef(order_id=number_of(params.text("order_id")))

        def act(now_ns: int) -> Row:
            ended = self._face.dealing.cancel(account, ref, now_ns)
            return self._face.words.order(ended)

        return act

    def cancel_all(self, params: Params, account: str) -> Act:
        return self._cancel(account, self._face.names.symbols)

    def cancel_all_by_instrument(self, params: Params, account: str) -> Act:
        symbol = self._face.names.find(params.text("instrument_name"))
        return self._cancel(account, [symbol])

    def cancel_all_by_currency(self, params: Params, account: str) -> Act:
        kind = params.maybe("kind") or ANY
        return self._cancel(account, self._face.names.of(params.text("currency"), kind))

    def cancel_by_label(self, params: Params, account: str) -> Act:
        return self._cancel(account, self._face.names.symbols, params.text("label"))

    def _enter(self, params: Params, account: str, side: Side) -> Act:
        names = self._face.names
        symbol = names.find(params.text("instrument_name"))
        form = read_order(params, side, names.market(symbol))
        label = label_of(params)

        def act(now_ns: int) -> Row:
            engine_id = self._ids.enter(account, label)
            named = replace(form, client_order_id=engine_id)
            order = self._face.dealing.submit(account, named, now_ns)
            return self._done(account, order)

        return act

    def _cancel(self, account: str, symbols: list[str], label: str | None = None) -> Act:
        def act(now_ns: int) -> Any:
            count = 0
            for order in self._host.venue.open_orders(account):
                if order.symbol not in symbols or order.is_done:
                    continue
                if label not in (None, self._face.label(order)):
                    continue
                self._face.dealing.cancel(account, OrderRef(order_id=order.id), now_ns)
                count += 1
            return count

        return act

    def _done(self, account: str, order: VenueOrder) -> Row:
        words = self._face.words
        trades = self._host.feed.totals.of(order).fills.values()
        return {
            "order": words.order(order),
            "trades": [words.trade(account, it) for it in trades],
        }
