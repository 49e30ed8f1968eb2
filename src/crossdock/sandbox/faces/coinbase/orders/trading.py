"""Writes: create, cancel and edit, and what they would do."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import TYPE_CHECKING

from crossdock.model import ONE, ZERO, OrderType, Side, TimeInForce
from crossdock.sandbox.engine import OrderForm, Refused, VenueOrder
from crossdock.sandbox.faces.coinbase.ids import order_number
from crossdock.sandbox.faces.coinbase.orders import groups
from crossdock.sandbox.faces.coinbase.orders.forms import Wanted, read_order
from crossdock.sandbox.faces.coinbase.params import (
    read_decimal,
    read_object,
    read_text,
)
from crossdock.sandbox.faces.coinbase.refusals import (
    NO_CANCEL_REASON,
    NO_EDIT_REASON,
    NO_PREVIEW_REASON,
    NotEdited,
    NotTaken,
    Said,
    invalid,
    not_canceled,
)
from crossdock.sandbox.faces.coinbase.values import Row, moment, quotient
from crossdock.sandbox.faces.contract import Act, Call
from crossdock.sandbox.faces.dealing import OrderRef
from crossdock.sandbox.faces.numbers import plain

if TYPE_CHECKING:
    from crossdock.sandbox.faces.coinbase.face import CoinbaseFace

_DEPTH = 5000
_MOST_CANCELS = 100
_NOWHERE = "0"
_PREVIEWED = "preview"
_EDIT_PREVIEWED = (
    *("slippage", "order_total", "commission_total", "quote_size"),
    *("base_size", "best_bid", "best_ask"),
)


@dataclass(frozen=True, slots=True)
class _Edit:
    """What an order shall become. Both have to be said."""

    quantity: Decimal
    price: Decimal


class Trading:
    """The writes of one venue. What is returned reads; what it returns does the work."""

    def __init__(self, face: CoinbaseFace) -> None:
        self._face = face
        self._host = face.host
        self._ids = face.host.client_ids
        self._created: dict[tuple[str, str], VenueOrder] = {}

    def create(self, call: Call) -> Act:
        body, account = read_object(call.body), call.account
        read_text(body, "client_order_id")
        product_id = read_text(body, "product_id")

        def act(now_ns: int) -> Row:
            earlier = self._created.get((account, body["client_order_id"]))
            if earlier is not None:
                return self._face.words.created(earlier)
            try:
                wanted = self._read(body, product_id, account)
                return self._face.words.created(self._enter(account, wanted, now_ns))
            except NotTaken as not_taken:
                configuration = body.get("order_configuration") or {}
                raise Said(200, not_taken.body(configuration)) from None

        return act

    def preview(self, call: Call) -> Act:
        """Say what an order would cost, and place nothing."""
        body = {"client_order_id": _PREVIEWED} | read_object(call.body)
        product_id, account = read_text(body, "product_id"), call.account

        def act(_now_ns: int) -> Row:
            try:
                form = self._sized(self._read(body, product_id, account))
                return self._previewed(account, form, [])
            except NotTaken as not_taken:
                return {"errs": [not_taken.preview], "warning": []}

        return act

    def cancel(self, call: Call) -> Act:
        """Cancel orders; each may fail alone."""
        ids = read_object(call.body).get("order_ids")
        if not isinstance(ids, list) or not all(isinstance(it, str) for it in ids):
            raise invalid("order_ids is required")
        if not 0 < len(ids) <= _MOST_CANCELS:
            raise invalid(f"between 1 and {_MOST_CANCELS} order_ids are expected")

        def act(now_ns: int) -> Row:
            return {"results": [self._cancel(call.account, it, now_ns) for it in ids]}

        return act

    def edit(self, call: Call) -> Act:
        body, account = read_object(call.body), call.account
        text = read_text(body, "order_id")

        def act(now_ns: int) -> Row:
            try:
                order, wanted = self._editable(account, text, body)
                self._edit(account, order, wanted, now_ns)
            except NotEdited as not_edited:
                raise Said(200, {"success": False, "errors": not_edited.errors()}) from None
            none = {
                "edit_failure_reason": NO_EDIT_REASON,
                "preview_failure_reason": NO_PREVIEW_REASON,
            }
            return {"success": True, "errors": [none]}

        return act

    def edit_preview(self, call: Call) -> Act:
        body, account = read_object(call.body), call.account
        text = read_text(body, "order_id")

        def act(_now_ns: int) -> Row:
            try:
                order, wanted = self._editable(account, text, body)
            except NotEdited as not_edited:
                return {"errors": not_edited.errors()}
            form = OrderForm(
                client_order_id=_PREVIEWED,
                symbol=order.symbol,
                side=order.side,
                type=order.type,
                quantity=wanted.quantity,
                limit_price=wanted.price,
            )
            told = self._previewed(account, form, [])
            return {"errors": []} | {name: told[name] for name in _EDIT_PREVIEWED}

        return act

    def find(self, account: str, text: str) -> VenueOrder:
        """Return the order an id names, as a write finds it. Raises Refused."""
        ref = OrderRef(order_id=order_number(text) or _NOWHERE)
        return groups.head(self._face.dealing.find(account, ref))

    def _read(self, body: Row, product_id: str, account: str) -> Wanted:
        symbol = self._face.products.find(product_id)
        if symbol is None:
            raise NotTaken(
                "INVALID_PRODUCT_ID", "PREVIEW_INVALID_PRODUCT_ID", "Invalid product_id"
            )
        market = self._host.venue.markets[symbol]
        return read_order(body, market, lambda text: self._ids.enter(account, text))

    def _enter(self, account: str, wanted: Wanted, now_ns: int) -> VenueOrder:
        form = self._sized(wanted)
        try:
            order = self._face.dealing.submit(account, form, now_ns)
        except Refused as refused:
            raise NotTaken.of(
                refused, rises=wanted.rises, is_bracket=wanted.is_bracket
            ) from None
        self._created[account, wanted.client_id] = order
        if wanted.quote_size is not None:
            self._face.words.quote_sizes[order.number] = wanted.quote_size
        return order

    def _sized(self, wanted: Wanted) -> OrderForm:
        """Return the form, its quantity worked out where only a quote amount was given."""
        if wanted.quote_size is None:
            return wanted.form
        form = wanted.form
        market = self._host.venue.markets[form.symbol]
        left = wanted.quote_size / (ONE + max(market.taker_fee, ZERO))
        _, _, asks = self._host.venue.book(form.symbol, _DEPTH)
        quantity = ZERO
        for price, available in asks:
            taken = min(available, left / price)
            quantity += taken
            left -= taken * price
            if left <= 0:
                break
        quantity = Decimal(quantity // market.quantity_step * market.quantity_step)
        if quantity <= 0:
            raise NotTaken.of(
                Refused("min_notional" if asks else "fok_unfillable", "nothing to buy"),
                rises=None,
                is_bracket=False,
            )
        return replace(form, quantity=quantity)

    def _cancel(self, account: str, text: str, now_ns: int) -> Row:
        reason = NO_CANCEL_REASON
        try:
            order = self.find(account, text)
            ref = OrderRef(order_id=(groups.alive(order) or order).id)
            self._face.dealing.cancel(account, ref, now_ns)
        except Refused as refused:
            reason = not_canceled(refused)
            with suppress(Refused):
                if groups.told_status(self.find(account, text)).value == "Filled":
                    reason = "ORDER_IS_FULLY_FILLED"
        return {
            "success": reason == NO_CANCEL_REASON,
            "failure_reason": reason,
            "order_id": text,
        }

    def _editable(self, account: str, text: str, body: Row) -> tuple[VenueOrder, _Edit]:
        """Return the order and what it shall become. Raises NotEdited."""
        try:
            order = self.find(account, text)
        except Refused as refused:
            raise NotEdited.of(refused) from None
        if groups.alive(order) is None:
            raise NotEdited("ONLY_OPEN_ORDERS_CAN_BE_EDITED")
        if (
            groups.is_bracket(order)
            or order.type is not OrderType.LIMIT
            or order.time_in_force is not TimeInForce.GTC
        ):
            raise NotEdited("ONLY_LIMIT_ORDER_EDITS_SUPPORTED")
        size, price = read_decimal(body, "size"), read_decimal(body, "price")
        if not size:
            raise NotEdited("INVALID_EDITED_SIZE")
        if not price:
            raise NotEdited("INVALID_EDITED_PRICE")
        if size == order.quantity and price == order.limit_price:
            raise NotEdited("EDIT_REQUEST_EQUAL_TO_ORIGINAL_REQUEST")
        return order, _Edit(size, price)

    def _edit(self, account: str, order: VenueOrder, new: _Edit, now_ns: int) -> None:
        try:
            self._face.dealing.replace(
                account,
                OrderRef(order_id=order.id),
                now_ns,
                quantity=new.quantity,
                limit_price=new.price,
            )
        except Refused as refused:
            if refused.code == "bad_request" and new.quantity <= order.cumulative_quantity:
                raise NotEdited("CANNOT_EDIT_TO_BELOW_FILLED_SIZE") from None
            raise NotEdited.of(refused) from None
        self._face.words.edits.setdefault(order.number, []).append(
            {
                "price": plain(new.price),
                "size": plain(new.quantity),
                "replace_accept_timestamp": moment(now_ns),
            }
        )

    def _previewed(self, account: str, form: OrderForm, errors: list[str]) -> Row:
        market = self._host.venue.markets[form.symbol]
        _, bids, asks = self._host.venue.book(form.symbol, _DEPTH)
        levels = asks if form.side is Side.BUY else bids
        best = levels[0][0] if levels else ZERO
        price = form.limit_price or best
        value = price * form.quantity
        fee = value * market.taker_fee
        asset = market.quote if form.side is Side.BUY else market.base
        needed = value + fee if form.side is Side.BUY else form.quantity
        rows = self._host.venue.balances(account)
        free = next((total - held for name, total, held in rows if name == asset), ZERO)
        if needed > free:
            errors.append("PREVIEW_INSUFFICIENT_FUND")
        return {
            "order_total": plain(value + fee * form.side.sign),
            "commission_total": plain(fee),
            "errs": errors,
            "warning": [],
            "quote_size": plain(value),
            "base_size": plain(form.quantity),
            "best_bid": plain(bids[0][0]) if bids else "",
            "best_ask": plain(asks[0][0]) if asks else "",
            "is_max": False,
            "slippage": plain(abs(quotient(price - best, best))),
            "average_filled_price": plain(price),
        }
