"""Writes: place, amend and cancel, one order at a time; a refusal is the order's own."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal
from typing import TYPE_CHECKING

from crossdock.model import (
    ZERO,
    ContractKind,
    OrderStatus,
    OrderType,
    Side,
)
from crossdock.sandbox.engine import OrderForm, Refused, VenueOrder
from crossdock.sandbox.faces.dealing import OrderRef
from crossdock.sandbox.faces.okx.forms import (
    Terms,
    Wanted,
    read_algo,
    read_amend,
    read_amend_algo,
    read_order,
)
from crossdock.sandbox.faces.okx.ids import algo_id, number_of, order_id
from crossdock.sandbox.faces.okx.params import Params
from crossdock.sandbox.faces.okx.refusals import (
    Said,
    spoken,
    spoken_of_amend,
    spoken_of_cancel,
)
from crossdock.sandbox.faces.okx.words import Row
from crossdock.sandbox.faces.refusals import Refusal

if TYPE_CHECKING:
    from crossdock.sandbox.faces.okx.face import OkxFace

_DEPTH = 5000
_STOPS = (OrderType.STOP, OrderType.STOP_LIMIT)
_TOO_SOON = {
    (True, Side.BUY): ("51278", "SL trigger price cannot be lower than the last price"),
    (True, Side.SELL): ("51280", "SL trigger price cannot be higher than the last price"),
    (False, Side.BUY): ("51277", "TP trigger price cannot be higher than the last price"),
    (False, Side.SELL): ("51279", "TP trigger price cannot be lower than the last price"),
}
_UNTOUCHED = frozenset({"", "expired", "parent", "liquidation", "one_cancels_the_other"})

Spoken = Callable[[Refusal], tuple[str, str]]


class Trading:
    """The writes of one venue. Each returns what becomes a row of its reply."""

    def __init__(self, face: OkxFace) -> None:
        self._face = face
        self._host = face.host
        self._terms: dict[int, Terms] = {}
        self._withdrawn: set[int] = set()  # while they waited for their trigger

    def terms(self, order: VenueOrder) -> Terms | None:
        return self._terms.get(order.number)

    def is_algo(self, order: VenueOrder) -> bool:
        """Tell whether clients find an order among the algo orders."""
        return order.type is OrderType.TRAILING_STOP or order.stop_price is not None

    def has_triggered(self, order: VenueOrder) -> bool:
        """Tell whether an algo order has become one that matches."""
        if order.is_waiting or order.is_pending or order.number in self._withdrawn:
            return False
        return not (
            order.is_done
            and order.status is not OrderStatus.FILLED
            and not order.cumulative_quantity
            and order.reason in _UNTOUCHED - {""}
        )

    def is_listed(self, order: VenueOrder) -> bool:
        """Tell whether clients find an order among those that match."""
        if order.is_pending or order.reason == "parent":
            return False
        return not self.is_algo(order) or self.has_triggered(order)

    def find(self, account: str, params: Params, *, algo: bool = False) -> OrderRef:
        """Read which order is meant. Raises Refusal."""
        id_name, ours = ("algoId", "algoClOrdId") if algo else ("ordId", "clOrdId")
        text = params.maybe(id_name)
        if text is not None:
            number = number_of(text, algo=algo)
            if number is None:
                raise Refusal("unknown_order", "no such order")
            return OrderRef(order_id=number)
        client_id = params.client_id(ours)
        if client_id is None:
            raise Said("51003", f"Either {ours} or {id_name} is required.")
        return OrderRef(client_id=client_id)

    def place(self, account: str, params: Params, now_ns: int) -> Row:
        def work() -> Row:
            market = self._face.names.market(self._face.names.find(params.text("instId")))
            order = self._enter(account, read_order(params, market), now_ns)
            return {"ordId": order_id(order)}

        row = {
            "clOrdId": params.maybe("clOrdId") or "",
            "ordId": "",
            "tag": params.maybe("tag") or "",
            "ts": str(now_ns // 1_000_000),
        }
        return _done(row, work, spoken)

    def place_algo(self, account: str, params: Params, now_ns: int) -> Row:
        def work() -> Row:
            symbol = self._face.names.find(params.text("instId"))
            last = self._host.venue.last_price(symbol)
            wanted = read_algo(params, self._face.names.market(symbol), last)
            try:
                order = self._enter(account, wanted, now_ns)
            except Refused as refused:
                if refused.code == "stop_price":
                    key = (wanted.form.type in _STOPS, wanted.form.side)
                    raise Said(*_TOO_SOON[key]) from None
                if refused.code == "duplicate_client_order_id":
                    raise Said("51065", "algoClOrdId already exists.") from None
                raise
            return {"algoId": algo_id(order)}

        row = {
            "algoId": "",
            "clOrdId": "",
            "algoClOrdId": params.maybe("algoClOrdId") or "",
            "tag": params.maybe("tag") or "",
        }
        return _done(row, work, spoken)

    def amend(self, account: str, params: Params, now_ns: int, *, algo: bool) -> Row:
        def work() -> Row:
            order = self._alive(account, params, algo=algo)
            new = read_amend_algo(params) if algo else read_amend(params)
            amended = self._face.dealing.replace(
                account,
                OrderRef(order_id=order.id),
                now_ns,
                quantity=new.quantity,
                limit_price=new.limit_price,
                stop_price=new.stop_price,
            )
            return {"algoId": algo_id(amended)} if algo else {"ordId": order_id(amended)}

        ids = ("algoId", "algoClOrdId") if algo else ("ordId", "clOrdId")
        row = {name: params.maybe(name) or "" for name in (*ids, "reqId")}
        row["ts"] = str(now_ns // 1_000_000)
        return _done(row, work, spoken_of_amend)

    def cancel(self, account: str, params: Params, now_ns: int, *, algo: bool) -> Row:
        def work() -> Row:
            order = self._alive(account, params, algo=algo)
            if order.is_waiting:
                self._withdrawn.add(order.number)
            ended = self._face.dealing.cancel(account, OrderRef(order_id=order.id), now_ns)
            return {"algoId": algo_id(ended)} if algo else {"ordId": order_id(ended)}

        ids = ("algoId", "algoClOrdId") if algo else ("ordId", "clOrdId")
        row = {name: params.maybe(name) or "" for name in ids}
        row["ts"] = str(now_ns // 1_000_000)
        return _done(row, work, spoken_of_cancel)

    def _alive(self, account: str, params: Params, *, algo: bool) -> VenueOrder:
        symbol = self._face.names.find(params.text("instId"))
        order = self._face.dealing.find(account, self.find(account, params, algo=algo))
        is_there = order.is_waiting if algo else self.is_listed(order)
        if order.is_done or not is_there or order.symbol != symbol:
            raise Refusal("unknown_order", "no such open order")
        return order

    def _enter(self, account: str, wanted: Wanted, now_ns: int) -> VenueOrder:
        engine_id = wanted.client_id or self._host.client_ids.enter(account, "")
        form = replace(self._sized(wanted), client_order_id=engine_id)
        order = self._face.dealing.submit(account, form, now_ns)
        self._terms[order.number] = wanted.terms
        return order

    def _sized(self, wanted: Wanted) -> OrderForm:
        """Return the form, its quantity worked out where it is an amount of quote."""
        form = wanted.form
        market = self._host.venue.markets[form.symbol]
        if not wanted.in_quote or market.kind is not ContractKind.SPOT:
            return form
        _, bids, asks = self._host.venue.book(form.symbol, _DEPTH)
        left, quantity = form.quantity, ZERO
        for price, available in asks if form.side is Side.BUY else bids:
            taken = min(available, left / price)
            quantity += taken
            left -= taken * price
            if left <= 0:
                break
        step = market.quantity_step
        quantity = Decimal(quantity // step * step)
        if quantity <= 0:
            raise Refused("min_quantity", "the amount buys less than one step")
        return replace(form, quantity=quantity)


def _done(row: Row, work: Callable[[], Row], words: Spoken) -> Row:
    """Do the work and return its row; what it refuses stands in the row."""
    refusal: Refusal | None = None
    try:
        return row | work() | {"sCode": "0", "sMsg": ""}
    except Refused as refused:
        refusal = Refusal.of(refused)
    except Refusal as said:
        refusal = said
    number, message = words(refusal)
    return row | {"sCode": number, "sMsg": message}
