"""Writes: submit, update and cancel.

https://docs.bitfinex.com/reference/rest-auth-submit-order, …/rest-auth-update-order,
…/rest-auth-cancel-order and …/ws-auth-input-order-update, read 2026-11-21. A reply shows an
order as it was asked for, or asked to be cancelled: what becomes of it is told elsewhere.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from crossdock.model import Contingency, OrderType, Side, TimeInForce
from crossdock.sandbox.engine import LegForm, MarketSpec, OrderForm, Refused
from crossdock.sandbox.faces.bitfinex.params import Params, Row, order_id
from crossdock.sandbox.faces.bitfinex.refusals import GENERIC, Said, invalid
from crossdock.sandbox.faces.bitfinex.words import OCO, POST_ONLY, REDUCE_ONLY, kind_of
from crossdock.sandbox.faces.contract import Act, Call
from crossdock.sandbox.faces.dealing import OrderRef
from crossdock.sandbox.faces.numbers import plain
from crossdock.sandbox.faces.refusals import Refusal
from crossdock.sandbox.faults import Operation

if TYPE_CHECKING:
    from crossdock.sandbox.faces.bitfinex.face import BitfinexFace

_ON_EXCHANGE = "EXCHANGE "
_TYPES: Mapping[str, tuple[OrderType, TimeInForce]] = {
    "LIMIT": (OrderType.LIMIT, TimeInForce.GTC),
    "MARKET": (OrderType.MARKET, TimeInForce.GTC),
    "STOP": (OrderType.STOP, TimeInForce.GTC),
    "STOP LIMIT": (OrderType.STOP_LIMIT, TimeInForce.GTC),
    "TRAILING STOP": (OrderType.TRAILING_STOP, TimeInForce.GTC),
    "IOC": (OrderType.LIMIT, TimeInForce.IOC),
    "FOK": (OrderType.LIMIT, TimeInForce.FOK),
}
_KNOWN_FLAGS = REDUCE_ONLY + POST_ONLY + OCO
_SECOND_NS = 1_000_000_000


class Trading:
    def __init__(self, face: BitfinexFace) -> None:
        self._face = face
        self._host = face.host
        self._ids = face.host.client_ids

    def writes(self) -> dict[str, tuple[Callable[[Params, Call], Act], Operation]]:
        return {
            "order/submit": (self.submit, Operation.SUBMIT),
            "order/update": (self.update, Operation.REPLACE),
            "order/cancel": (self.cancel, Operation.CANCEL),
            "order/cancel/multi": (self.cancel_multi, Operation.CANCEL),
        }

    def submit(self, params: Params, call: Call) -> Act:
        market = self._face.names.market(params.maybe("symbol"))
        form, cid = self._form(params, market), params.cid()

        def act(now_ns: int) -> Row:
            engine_id = self._ids.enter(call.account, cid or "")
            named = replace(form, client_order_id=engine_id)
            try:
                order = self._face.dealing.submit(call.account, named, now_ns)
            except Refused as refused:
                raise _worded(refused, form, market) from None
            if cid is not None:
                self._ids.accepted(call.account, engine_id)
            words = self._face.words
            made = [words.order(it, fresh=True) for it in (order, *order.legs)]
            told = f"Submitting {len(made)} orders."
            return words.notification(now_ns, "on-req", made, told)

        return act

    def update(self, params: Params, call: Call) -> Act:
        """Change an order in place: a new amount is what is to be left of it."""
        ref = self._one(params)
        order = self._face.dealing.find(call.account, ref)
        sign = order.side.sign
        rest = params.amount() * sign if "amount" in params else None
        total = None
        if rest is None and "delta" in params:
            total = order.quantity + params.amount("delta") * sign
        if any(it is not None and it <= 0 for it in (rest, total)):
            raise invalid("amount")
        price = params.price("price")
        limit_price, stop_price = price, None
        if order.type is OrderType.STOP_LIMIT and not order.has_triggered:
            limit_price, stop_price = params.price("price_aux_limit"), price
        elif order.type is OrderType.STOP:
            limit_price, stop_price = None, price

        def act(now_ns: int) -> Row:
            if self._face.dealing.find(call.account, ref).is_done:
                raise Refusal("order_done", "the order is done")
            changed = self._face.dealing.replace(
                call.account,
                ref,
                now_ns,
                rest=rest,
                quantity=total,
                limit_price=limit_price,
                stop_price=stop_price,
            )
            words = self._face.words
            told = (
                f"Submitting update to {kind_of(changed).lower()} {changed.side} order for "
                f"{plain(changed.leaves)} {self._host.venue.markets[changed.symbol].base}."
            )
            return words.notification(now_ns, "ou-req", words.order(changed), told)

        return act

    def cancel(self, params: Params, call: Call) -> Act:
        """Take a cancel in: the reply shows the order as it was before."""
        ref = self._one(params)

        def act(now_ns: int) -> Row:
            words = self._face.words
            order = self._face.dealing.find(call.account, ref)
            if order.is_done:
                raise Refusal("order_done", "the order is done")
            before = words.order(order)
            self._face.dealing.cancel(call.account, ref, now_ns)
            number = order_id(order.chain[0])
            told = f"Submitted for cancellation; waiting for confirmation (ID: {number})."
            return words.notification(now_ns, "oc-req", before, told)

        return act

    def cancel_multi(self, params: Params, call: Call) -> Act:
        ids = params.ids()
        if ids is None and params.maybe("all") != "1":
            raise invalid("id")

        def act(now_ns: int) -> Row:
            words, gone = self._face.words, []
            for order in self._host.venue.open_orders(call.account):
                if order.is_done or not (ids is None or order.chain[0] in ids):
                    continue
                gone.append(words.order(order))
                ref = OrderRef(order_id=order.id)
                self._face.dealing.cancel(call.account, ref, now_ns)
            told = f"Submitting {len(gone)} order cancellations."
            return words.notification(now_ns, "oc_multi-req", gone, told)

        return act

    def _one(self, params: Params) -> OrderRef:
        [engine_id] = params.ids() or [None]
        if engine_id is None:
            raise invalid("id")
        return OrderRef(order_id=engine_id)

    def _form(self, params: Params, market: MarketSpec) -> OrderForm:
        told = params.maybe("type") or ""
        known = _TYPES.get(told.removeprefix(_ON_EXCHANGE))
        if known is None:
            raise invalid("type")
        if not told.startswith(_ON_EXCHANGE):
            words = (
                f"not enough tradable balance for {params.maybe('amount')} {market.base}"
            )
            raise Said(GENERIC, f"Invalid order: {words}.")
        kind, time_in_force = known
        flags = params.whole("flags", 0)
        if flags & ~_KNOWN_FLAGS:
            raise invalid("flags")
        amount, price = params.amount(), params.price("price")
        expires_ns = self._expiry(params)
        paired = flags & OCO > 0
        stops = kind in (OrderType.STOP, OrderType.STOP_LIMIT)
        limit_price = params.price("price_aux_limit") if stops else price
        if kind in (OrderType.MARKET, OrderType.STOP, OrderType.TRAILING_STOP):
            limit_price = None
        trails = kind is OrderType.TRAILING_STOP
        return OrderForm(
            client_order_id="",
            symbol=market.symbol,
            side=Side.BUY if amount > 0 else Side.SELL,
            type=kind,
            quantity=abs(amount),
            limit_price=limit_price,
            stop_price=price if stops else None,
            trail_amount=params.price("price_trailing") if trails else None,
            time_in_force=time_in_force if expires_ns is None else TimeInForce.GTD,
            expire_time_ns=expires_ns,
            post_only=flags & POST_ONLY > 0,
            reduce_only=flags & REDUCE_ONLY > 0,
            attached=(LegForm(stop_price=params.price("price_oco_stop")),)
            if paired
            else (),
            contingency=Contingency.OCO if paired else Contingency.OTO,
        )

    def _expiry(self, params: Params) -> int | None:
        text = params.maybe("tif")
        if text is None:
            return None
        try:
            end = datetime.fromisoformat(text).replace(tzinfo=UTC)
        except ValueError:
            raise invalid("tif") from None
        end_ns = int(end.timestamp()) * _SECOND_NS
        if end_ns <= self._host.now_ns():
            raise invalid("tif")
        return end_ns


def _worded(refused: Refused, form: OrderForm, market: MarketSpec) -> Refusal:
    """Name the market or the money in a refusal, as Bitfinex does."""
    amount = f"{plain(form.side.sign * form.quantity)} {market.base}"
    match refused.code:
        case "insufficient_funds":
            at = "" if form.limit_price is None else f" at {plain(form.limit_price)}"
            words = f"not enough exchange balance for {amount}{at}"
        case "min_quantity" | "min_notional":
            least = plain(market.min_quantity or market.quantity_step)
            words = f"minimum size for {market.symbol} is {least}"
        case _:
            return Refusal.of(refused)
    return Said(GENERIC, f"Invalid order: {words}")
