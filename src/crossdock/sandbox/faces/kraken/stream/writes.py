"""Writes by WebSocket: what `params` ask for, and what the results look like."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from crossdock.sandbox.engine import Refused
from crossdock.sandbox.faces.contract import Act
from crossdock.sandbox.faces.dealing import OrderRef
from crossdock.sandbox.faces.kraken.forms import (
    Amended,
    Wanted,
    read_amend,
    read_socket,
)
from crossdock.sandbox.faces.kraken.params import Params
from crossdock.sandbox.faces.kraken.refusals import Said, invalid, spoken
from crossdock.sandbox.faces.kraken.words import Row, txid
from crossdock.sandbox.faces.refusals import Refusal
from crossdock.sandbox.faults import Operation

if TYPE_CHECKING:
    from crossdock.sandbox.faces.kraken.face import KrakenFace

METHODS = {
    "add_order": Operation.SUBMIT,
    "batch_add": Operation.SUBMIT,
    "amend_order": Operation.REPLACE,
    "edit_order": Operation.REPLACE,
    "cancel_order": Operation.CANCEL,
    "cancel_all": Operation.CANCEL,
    "batch_cancel": Operation.CANCEL,
    "cancel_all_orders_after": Operation.CANCEL,
}

_BATCH_ADD = range(2, 16)
_BATCH_CANCEL = range(2, 51)
_MOST_TIMEOUT_S = 86_400

Cancel = tuple[Row, Callable[[int], Any]]


class Writes:
    """The writes of one venue as frames ask for them."""

    def __init__(self, face: KrakenFace) -> None:
        self._face = face
        self._trading = face.trading
        self._prepare = {
            "add_order": self._add,
            "batch_add": self._add_batch,
            "amend_order": self._amend,
            "edit_order": self._edit,
            "cancel_order": self._cancel,
            "cancel_all": self._cancel_all,
            "batch_cancel": self._cancel_batch,
            "cancel_all_orders_after": self._cancel_after,
        }

    def prepare(
        self, method: str, fields: dict[str, Any], params: Params, account: str
    ) -> Act:
        """Return the work of a frame, or several results where there are several replies."""
        return self._prepare[method](fields, params, account)

    def _add(self, fields: dict[str, Any], params: Params, account: str) -> Act:
        wanted = self._wanted(fields, params.maybe("symbol"))
        return lambda now_ns: {"result": self._added(account, wanted, now_ns)}

    def _add_batch(self, fields: dict[str, Any], params: Params, account: str) -> Act:
        rows = params.rows("orders")
        symbol = params.maybe("symbol")
        if len(rows) not in _BATCH_ADD or not all(isinstance(it, dict) for it in rows):
            raise invalid("orders")
        shared = {"validate": fields.get("validate")}
        batch = [self._wanted(it | shared, symbol) for it in rows]

        def one(wanted: Wanted, now_ns: int) -> Row:
            try:
                return self._added(account, wanted, now_ns)
            except (Refused, Refusal) as said:
                return {"error": _spoken(said)}

        return lambda now_ns: {"result": [one(it, now_ns) for it in batch]}

    def _amend(self, fields: dict[str, Any], params: Params, account: str) -> Act:
        ref = self._trading.ref(params, account, "order_id")
        new = read_amend(params)

        def act(now_ns: int) -> Row:
            order = self._face.dealing.find(account, ref)
            amend_id = self._trading.amend(account, ref, new, now_ns)
            result: Row = {"amend_id": amend_id, "order_id": txid(order)}
            cl_ord_id = self._face.cl_ord_id(account, order.client_order_id)
            if cl_ord_id is not None:
                result["cl_ord_id"] = cl_ord_id
            return {"result": result}

        return act

    def _edit(self, fields: dict[str, Any], params: Params, account: str) -> Act:
        ref = self._trading.by_id(params.text("order_id"))
        new = Amended(
            quantity=params.decimal_or_none("order_qty"),
            limit_price=params.decimal_or_none("limit_price"),
            trigger_price=params.decimal_or_none("triggers[price]"),
            post_only=params.flag("post_only"),
        )
        userref = params.whole_or_none("order_userref")

        def act(now_ns: int) -> Row:
            before, after = self._trading.edit(account, ref, new, userref, now_ns)
            return {"result": {"order_id": txid(after), "original_order_id": txid(before)}}

        return act

    def _cancel(self, fields: dict[str, Any], params: Params, account: str) -> Act:
        cancels = self._cancels(params, account)

        def act(now_ns: int) -> list[Row]:
            rows: list[Row] = []
            for named, cancel in cancels:
                try:
                    cancel(now_ns)
                except (Refused, Refusal) as said:
                    rows.append({"error": _spoken(said), "success": False} | named)
                else:
                    rows.append({"result": named})
            return rows

        return act

    def _cancel_batch(self, fields: dict[str, Any], params: Params, account: str) -> Act:
        ids = [str(it) for it in params.rows("orders")] if "orders" in params else []
        texts = {"order_id": ids, "cl_ord_id": params.words("cl_ord_id")}
        if sum(map(len, texts.values())) not in _BATCH_CANCEL:
            raise invalid("orders")
        cancels = self._cancels(Params(texts), account)

        def act(now_ns: int) -> Row:
            count = 0
            for _, cancel in cancels:
                try:
                    cancel(now_ns)
                except (Refused, Refusal):
                    continue
                count += 1
            return {"orders_cancelled": count}

        return act

    def _cancel_all(self, fields: dict[str, Any], params: Params, account: str) -> Act:
        return lambda now_ns: {
            "result": {"count": self._trading.cancel_all(account, now_ns)}
        }

    def _cancel_after(self, fields: dict[str, Any], params: Params, account: str) -> Act:
        timeout_s = params.whole("timeout", -1, most=_MOST_TIMEOUT_S)
        if timeout_s < 0:
            raise invalid("timeout")
        return lambda now_ns: {
            "result": self._face.rest.cancel_after(account, timeout_s, now_ns)
        }

    def _wanted(self, fields: dict[str, Any], symbol: str | None) -> Wanted:
        if symbol is None or symbol not in self._face.names:
            raise Said(f"Currency pair not supported {symbol}")
        return read_socket(fields, symbol)

    def _added(self, account: str, wanted: Wanted, now_ns: int) -> Row:
        order = self._trading.add(account, wanted, now_ns)
        result: Row = {} if order is None else {"order_id": txid(order)}
        if wanted.cl_ord_id is not None:
            result["cl_ord_id"] = wanted.cl_ord_id
        if wanted.userref is not None:
            result["order_userref"] = wanted.userref
        return result

    def _cancels(self, params: Params, account: str) -> Sequence[Cancel]:
        """Read the orders to cancel: by id, by client id, by reference."""
        found: list[Cancel] = [
            ({"order_id": text}, self._by_id(account, text))
            for text in params.words("order_id")
        ]
        for text in params.words("cl_ord_id"):
            ref = self._trading.ref(Params({"cl_ord_id": text}), account, "order_id")
            found.append(({"cl_ord_id": text}, self._by_ref(account, ref)))
        for text in params.words("order_userref"):
            userref = Params({"order_userref": text}).whole("order_userref", 0)
            found.append(({"order_userref": userref}, self._by_userref(account, userref)))
        if not found:
            raise invalid("order_id")
        return found

    def _by_id(self, account: str, text: str) -> Callable[[int], Any]:
        def cancel(now_ns: int) -> None:
            self._trading.cancel(account, self._trading.by_id(text), now_ns)

        return cancel

    def _by_ref(self, account: str, ref: OrderRef) -> Callable[[int], Any]:
        return lambda now_ns: self._trading.cancel(account, ref, now_ns)

    def _by_userref(self, account: str, userref: int) -> Callable[[int], Any]:
        return lambda now_ns: self._trading.cancel_userref(account, userref, now_ns)


def _spoken(said: Refused | Refusal) -> str:
    return spoken(Refusal.of(said) if isinstance(said, Refused) else said)
