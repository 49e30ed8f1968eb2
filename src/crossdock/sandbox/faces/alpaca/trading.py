"""Orders entered, replaced and canceled.

https://docs.alpaca.markets/docs/orders-at-alpaca, read 2026-11-21.
"""

from __future__ import annotations

from copy import copy
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from crossdock.model import OrderType, Side, TimeInForce
from crossdock.sandbox.engine import OrderForm, Refused, VenueOrder
from crossdock.sandbox.faces.alpaca.assets import Asset
from crossdock.sandbox.faces.alpaca.chains import Terms
from crossdock.sandbox.faces.alpaca.forms import ReplaceForm, SubmitForm
from crossdock.sandbox.faces.alpaca.ids import order_id, order_number
from crossdock.sandbox.faces.alpaca.params import read_json
from crossdock.sandbox.faces.alpaca.refusals import (
    Said,
    forbidden,
    not_found,
    parameter,
    spoken,
    unprocessable,
)
from crossdock.sandbox.faces.alpaca.words import Row, status_of
from crossdock.sandbox.faces.contract import Act, Call
from crossdock.sandbox.faces.dealing import OrderRef
from crossdock.sandbox.faces.numbers import plain
from crossdock.sandbox.faces.refusals import Refusal

if TYPE_CHECKING:
    from crossdock.sandbox.faces.alpaca.face import AlpacaFace

_MULTI_STATUS = 207


@dataclass(frozen=True, slots=True)
class Answer:
    """A result with a status of its own; no result has no body."""

    result: Any
    status: int = 200


class Trading:
    """What POST, PATCH and DELETE do to orders."""

    def __init__(self, face: AlpacaFace) -> None:
        self._face = face
        self._host = face.host

    def submit(self, call: Call) -> Act:
        form = read_json(call.body, SubmitForm)
        account = call.account
        asset = self._face.assets.find(form.symbol)
        if asset is None:
            raise unprocessable(f'asset "{form.symbol}" not found')
        self._check_rights(call)
        if form.client_order_id == "":
            raise parameter("client_order_id must not be empty")

        def act(now_ns: int) -> Row:
            quantity = form.qty or self._quantity(asset, form)
            text = form.client_order_id
            if text is not None and self._face.chains.is_taken(account, text):
                raise parameter("client_order_id must be unique")
            order = form.order(asset, quantity, lambda given: self._named(account, given))
            return self.enter(account, asset, order, form.terms, now_ns)

        return act

    def enter(
        self, account: str, asset: Asset, form: OrderForm, terms: Terms, now_ns: int
    ) -> Row:
        """Enter an order, and word it as it is told to whoever sent it."""
        self._check_wash(account, form)
        try:
            order = self._face.dealing.submit(account, form, now_ns)
        except Refused as refused:
            raise self._worded(refused, account, asset, form) from None
        self._face.chains.accepted(order, terms)
        return self._face.words.taken(order)

    def close(self, account: str, asset: Asset, quantity: Decimal, now_ns: int) -> Row:
        """Sell holdings at market."""
        form = OrderForm(
            client_order_id=self._named(account, None),
            symbol=asset.market.symbol,
            side=Side.SELL,
            type=OrderType.MARKET,
            quantity=quantity,
            time_in_force=TimeInForce.GTC if asset.is_coin else TimeInForce.DAY,
        )
        return self.enter(account, asset, form, Terms(), now_ns)

    def replace(self, call: Call) -> Act:
        form = read_json(call.body, ReplaceForm)
        account, text = call.account, call.request.match_info["id"]
        self._check_rights(call)

        def act(now_ns: int) -> Row:
            return self._replaced(account, text, form, now_ns)

        return act

    def cancel(self, call: Call) -> Act:
        account, text = call.account, call.request.match_info["id"]

        def act(now_ns: int) -> Answer:
            order = self._open(account, text)
            self._cancel(account, order, now_ns)
            return Answer(None, 204)

        return act

    def cancel_all(self, call: Call) -> Act:
        account = call.account
        return lambda now_ns: Answer(self.cancel_every(account, now_ns), _MULTI_STATUS)

    def cancel_every(self, account: str, now_ns: int) -> list[Row]:
        """Cancel what is open; what ends with another order counts as canceled."""
        rows: list[Row] = []
        for order in self._host.venue.open_orders(account):
            row: Row = {"id": order_id(order.id), "status": 200}
            try:
                if not order.is_done:
                    self._cancel(account, order, now_ns)
            except Refusal as refusal:
                status, body = spoken(refusal)
                row |= {"status": status, "body": body}
            rows.append(row)
        return rows

    def _cancel(self, account: str, order: VenueOrder, now_ns: int) -> None:
        try:
            self._face.dealing.cancel(account, OrderRef(order.id), now_ns)
        except Refused as refused:
            raise self._worded(refused) from None

    def _replaced(self, account: str, text: str, form: ReplaceForm, now_ns: int) -> Row:
        """Let another order take over, that begins with nothing filled.

        Its quantity is the one asked for, else the old one's, whatever the old one had
        filled: https://github.com/alpacahq/Alpaca-API/issues/165, read 2026-11-21.
        """
        face, order = self._face, self._open(account, text)
        carried = face.chains.carried(order.id)
        quantity = order.quantity - carried
        self._check_replace(order, form, quantity)
        client_id = form.client_order_id or face.chains.made_up()
        if face.chains.is_taken(account, client_id):
            raise parameter("client_order_id must be unique")
        before = copy(order)
        follows = bool(order.rivals) or order.is_pending
        try:
            after = face.dealing.replace(
                account,
                OrderRef(order.id),
                now_ns,
                rest=None if follows else form.qty or quantity,
                limit_price=form.limit_price or (order.limit_price if follows else None),
                stop_price=form.stop_price,
            )
        except Refused as refused:
            raise self._worded(refused) from None
        filled = face.executions.of(account, before.id).filled
        face.chains.replaced(before, after, client_id, filled)
        return face.words.as_it_was(after)

    def _check_replace(
        self, order: VenueOrder, form: ReplaceForm, quantity: Decimal
    ) -> None:
        if form.trail is not None:
            raise unprocessable("trail cannot be replaced")
        time_in_force = order.time_in_force.value.lower()
        if form.time_in_force not in (None, time_in_force):
            raise unprocessable("time_in_force cannot be replaced")
        is_fraction = bool(order.quantity % 1) or bool(
            self._face.chains.terms(order).notional
        )
        asset = self._face.assets.of(order.symbol)
        if form.qty not in (None, quantity):
            if not asset.is_coin and (is_fraction or (form.qty or quantity) % 1):
                raise unprocessable("qty of fractional orders cannot be replaced")
            if order.rivals or order.is_pending:
                raise unprocessable("qty of an exit follows its order")
        now = (order.limit_price, order.stop_price, quantity)
        asked = (
            form.limit_price or order.limit_price,
            form.stop_price or order.stop_price,
            form.qty or quantity,
        )
        if asked == now and not order.cumulative_quantity:
            raise forbidden("order parameters are not changed")

    def _open(self, account: str, text: str) -> VenueOrder:
        """Return an order that can be changed under the id it goes by now."""
        number = order_number(text)
        missing = not_found(f"order not found for {text}")
        if number is None:
            raise missing
        try:
            order = self._face.dealing.find(account, OrderRef(number))
        except Refused:
            raise missing from None
        if order.id != number:
            raise unprocessable('order is already in "replaced" state')
        return order

    def _named(self, account: str, text: str | None) -> str:
        chains = self._face.chains
        return chains.enter(account, text or chains.made_up())

    def _quantity(self, asset: Asset, form: SubmitForm) -> Decimal:
        """Return what an amount of money buys or sells now."""
        assert form.notional is not None, "the form has the one or the other"
        _, bid, ask = self._host.venue.top(asset.market.symbol)
        facing = ask if form.side == "buy" else bid
        if facing is None:
            raise unprocessable(f"there is no price of {asset.symbol} now")
        step = asset.market.quantity_step
        quantity = form.notional / facing[0] // step * step
        if quantity <= 0:
            raise forbidden("notional is too little")
        return quantity

    def _check_rights(self, call: Call) -> None:
        assert call.holder is not None, "writes are signed"
        if not call.holder.may_trade:
            raise forbidden("account is not authorized to trade")
        if self._face.account.is_suspended(call.account):
            raise forbidden("new orders are rejected by user request")

    def _check_wash(self, account: str, form: OrderForm) -> None:
        """Refuse an order that would trade with one of the account's own.

        https://docs.alpaca.markets/docs/user-protection, read 2026-11-21.
        """
        if form.attached:
            return
        for other in self._host.venue.open_orders(account):
            if (
                other.symbol != form.symbol
                or other.side is form.side
                or other.legs
                or other.parent is not None
                or other.limit_price is None
                or other.is_waiting
            ):
                continue
            if form.type in (OrderType.MARKET, OrderType.LIMIT) and (
                form.limit_price is None
                or (form.limit_price - other.limit_price) * form.side.sign >= 0
            ):
                raise Said(
                    403,
                    40310000,
                    "potential wash trade detected. use complex orders",
                    existing_order_id=order_id(other.id),
                    reject_reason="opposite side limit order exists",
                )

    def _worded(
        self,
        refused: Refused,
        account: str = "",
        asset: Asset | None = None,
        form: OrderForm | None = None,
    ) -> Refusal:
        """Return a refusal of the engine's in the protocol's words."""
        order = refused.order
        if refused.code == "order_done" and order is not None:
            filled = order.cumulative_quantity - self._face.chains.carried(order.id)
            return unprocessable(f'order is already in "{status_of(order, filled)}" state')
        if refused.code == "insufficient_funds" and asset is not None and form is not None:
            if form.side is Side.BUY:
                power = plain(self._face.account.available(account, asset.market.quote))
                return forbidden("insufficient buying power", buying_power=power)
            total, held = self._face.account.held(account, asset.market.base)
            return forbidden(
                f"insufficient qty available for order (requested: {plain(form.quantity)}, "
                f"available: {plain(total - held)})",
                available=plain(total - held),
                existing_qty=plain(total),
                held_for_orders=plain(held),
                symbol=asset.symbol,
            )
        if refused.code == "bad_tick":
            return unprocessable(
                f"{refused.message}: sub-penny increment does not fulfill minimum "
                "pricing criteria"
            )
        if refused.code == "bad_lot" and asset is not None and not asset.is_fractionable:
            return forbidden(f'asset "{asset.symbol}" is not fractionable')
        return Refusal.of(refused)
