"""What an account can be asked: money, orders, fills.

https://huobiapi.github.io/docs/spot/v1/en/#account and …#trading, read 2026-11-21.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

from crossdock.model import AccountEventKind, FillKind
from crossdock.sandbox.engine import VenueEvent
from crossdock.sandbox.faces.contract import Act, Call
from crossdock.sandbox.faces.dealing import OrderRef
from crossdock.sandbox.faces.htx.params import Params
from crossdock.sandbox.faces.htx.refusals import bad_field
from crossdock.sandbox.faces.htx.words import Row, ms, trade_id
from crossdock.sandbox.faces.numbers import plain

if TYPE_CHECKING:
    from crossdock.sandbox.faces.htx.face import HtxFace

_KINDS = {
    "deposit": AccountEventKind.DEPOSIT,
    "withdraw": AccountEventKind.WITHDRAWAL,
}
_STATES = {"deposit": "safe", "withdraw": "confirmed"}
_MOST_ROWS = 500
_DIRECTIONS = ("prev", "next")


class Account:
    def __init__(self, face: HtxFace) -> None:
        self._face = face
        self._host = face.host
        self._words = face.words

    def reads(self) -> Mapping[str, Callable[[Params, Call], Act]]:
        return {
            "/v1/account/accounts": self.accounts,
            "/v1/account/accounts/{account_id}/balance": self.balance,
            "/v1/query/deposit-withdraw": self.moved,
            "/v1/order/openOrders": self.open_orders,
            "/v1/order/orders/getClientOrder": self.by_client,
            "/v1/order/orders": self.done_orders,
            "/v1/order/orders/{order_id}": self.by_id,
            "/v1/order/matchresults": self.matches,
        }

    def accounts(self, params: Params, call: Call) -> Act:
        row = {
            "id": self._face.account_id(call.account),
            "type": "spot",
            "subtype": "",
            "state": "working",
        }
        return lambda _now_ns: {"data": [row]}

    def balance(self, params: Params, call: Call) -> Act:
        if params.text("account_id") != str(self._face.account_id(call.account)):
            raise bad_field("account-id")

        def act(_now_ns: int) -> Row:
            rows = [
                {"currency": asset.lower(), "type": kind, "balance": plain(amount)}
                for asset, total, held in self._host.venue.balances(call.account)
                for kind, amount in (("trade", total - held), ("frozen", held))
            ]
            account_id = self._face.account_id(call.account)
            data = {"id": account_id, "type": "spot", "state": "working", "list": rows}
            return {"data": data}

        return act

    def moved(self, params: Params, call: Call) -> Act:
        name = params.choice("type", _KINDS)
        asset = params.maybe("currency")
        first, size = params.whole("from", 0), params.whole("size", 100, most=_MOST_ROWS)
        falls = params.choice("direct", _DIRECTIONS, "prev") == "next"

        def act(_now_ns: int) -> Row:
            found = [
                it
                for it in self._host.venue.events(call.account)
                if it.kind is _KINDS[name]
                and asset in (None, it.asset.lower())
                and (
                    it.sequence <= (first or it.sequence) if falls else it.sequence >= first
                )
            ]
            rows = found[::-1] if falls else found
            return {"data": [_move(it, name) for it in rows[:size]]}

        return act

    def open_orders(self, params: Params, call: Call) -> Act:
        name = params.maybe("symbol")
        symbol = None if name is None else self._face.names.symbol(name)
        size = params.whole("size", 100, most=_MOST_ROWS)

        def act(_now_ns: int) -> Row:
            found = [
                it
                for it in reversed(self._host.open_orders(call.account))
                if it.symbol in self._face.names and symbol in (None, it.symbol)
            ]
            return {"data": [self._words.order(it) for it in found[:size]]}

        return act

    def done_orders(self, params: Params, call: Call) -> Act:
        symbol = self._face.names.symbol(params.text("symbol"))
        states = params.text("states").split(",")
        size = params.whole("size", 100, most=_MOST_ROWS)

        def act(_now_ns: int) -> Row:
            rows = [
                self._words.order(it)
                for it in reversed(self._host.orders(call.account))
                if it.symbol == symbol
            ]
            return {"data": [it for it in rows if it["state"] in states][:size]}

        return act

    def by_client(self, params: Params, call: Call) -> Act:
        name = params.text("clientOrderId")
        found = self._host.client_ids.find(call.account, name)
        return self._order(call, OrderRef(client_id=found))

    def by_id(self, params: Params, call: Call) -> Act:
        return self._order(call, OrderRef(order_id=params.text("order_id")))

    def matches(self, params: Params, call: Call) -> Act:
        symbol = self._face.names.symbol(params.text("symbol"))
        start_ns, end_ns = params.time_ns("start-time"), params.time_ns("end-time")
        size = params.whole("size", 100, most=_MOST_ROWS)
        last = params.whole("from", 0)

        def act(_now_ns: int) -> Row:
            found = [
                it
                for it in self._host.venue.fills(call.account)
                if it.kind is FillKind.REPORTED
                and (not last or it.sequence < last)
                and it.symbol == symbol
                and (start_ns is None or it.time_ns >= start_ns)
                and (end_ns is None or ms(it.time_ns) <= ms(end_ns))
            ]
            rows = self._face.passage.page(call.account, found[-size:])
            return {"data": [self._words.match(call.account, it) for it in rows[::-1]]}

        return act

    def _order(self, call: Call, ref: OrderRef) -> Act:
        def act(_now_ns: int) -> Row:
            order = self._host.lookup(
                call.account, order_id=ref.order_id, client_id=ref.client_id
            )
            return {"data": self._words.order(order)}

        return act


def _move(event: VenueEvent, name: str) -> Row:
    return {
        "id": event.sequence,
        "type": name,
        "sub-type": "NORMAL",
        "currency": event.asset.lower(),
        "chain": event.asset.lower(),
        "tx-hash": trade_id(event.event_id),
        "amount": plain(abs(event.amount)),
        "fee": "0",
        "state": _STATES[name],
        "created-at": ms(event.time_ns),
        "updated-at": ms(event.time_ns),
    }
