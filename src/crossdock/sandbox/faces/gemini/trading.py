"""What an account does and asks.

https://docs.gemini.com/rest-api/#order-placement-apis, read 2026-11-21.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING

from crossdock.model import AccountEventKind, OrderStatus, OrderType, Side, TimeInForce
from crossdock.sandbox.engine import OrderForm, VenueEvent
from crossdock.sandbox.faces.contract import Act, Call
from crossdock.sandbox.faces.dealing import OrderRef
from crossdock.sandbox.faces.gemini.params import Params, Row, order_id, trade_id
from crossdock.sandbox.faces.gemini.refusals import Said
from crossdock.sandbox.faces.gemini.words import MAKER_OR_CANCEL, OPTIONS, stands
from crossdock.sandbox.faces.numbers import plain
from crossdock.sandbox.faces.refusals import Refusal
from crossdock.sandbox.faults import Operation
from crossdock.sandbox.host import SECOND_NS

if TYPE_CHECKING:
    from crossdock.sandbox.faces.gemini.face import GeminiFace

_TYPES = {
    "exchange limit": OrderType.LIMIT,
    "exchange stop limit": OrderType.STOP_LIMIT,
}
_SIDES = {"buy": Side.BUY, "sell": Side.SELL}
_MOVES = {
    AccountEventKind.DEPOSIT: "Deposit",
    AccountEventKind.WITHDRAWAL: "Withdrawal",
}
_MS_NS = 1_000_000
_Prepare = Callable[[Params, Call], Act]


class Trading:
    def __init__(self, face: GeminiFace) -> None:
        self._face = face
        self._host = face.host
        self._ids = face.host.client_ids

    def calls(self) -> dict[str, tuple[_Prepare, Operation]]:
        read, cancel = Operation.READ, Operation.CANCEL
        return {
            "/v1/order/new": (self.place, Operation.SUBMIT),
            "/v1/order/cancel": (self.cancel, cancel),
            "/v1/order/cancel/all": (self.cancel_all, cancel),
            "/v1/order/cancel/session": (self.cancel_all, cancel),
            "/v1/order/status": (self.status, read),
            "/v1/orders": (self.orders, read),
            "/v1/mytrades": (self.fills, read),
            "/v1/balances": (self.balances, read),
            "/v1/transfers": (self.transfers, read),
            "/v1/notionalvolume": (self.fees, read),
            "/v1/heartbeat": (self.heartbeat, read),
        }

    def place(self, params: Params, call: Call) -> Act:
        client_id = params.client_id()
        form = self._form(params)

        def act(now_ns: int) -> Row:
            engine_id = self._ids.enter(call.account, client_id or "")
            order = self._face.dealing.submit(
                call.account, replace(form, client_order_id=engine_id), now_ns
            )
            if client_id is not None:
                self._ids.accepted(call.account, engine_id)
            return self._face.words.order(order)

        return act

    def cancel(self, params: Params, call: Call) -> Act:
        """Cancel an order; one that was cancelled already stays so."""
        ref = OrderRef(order_id=params.order_id())

        def act(now_ns: int) -> Row:
            order = self._face.dealing.find(call.account, ref)
            if order.status is OrderStatus.FILLED:
                raise Refusal("order_done", f"Order {order_id(order.id)} not found")
            if not order.is_done:
                order = self._face.dealing.cancel(call.account, ref, now_ns)
            return self._face.words.order(order)

        return act

    def cancel_all(self, params: Params, call: Call) -> Act:
        def act(now_ns: int) -> Row:
            gone = self._host.venue.cancel_all(call.account, now_ns)
            ids = [int(order_id(it.id)) for it in gone]
            return {
                "result": "ok",
                "details": {"cancelledOrders": ids, "cancelRejects": []},
            }

        return act

    def status(self, params: Params, call: Call) -> Act:
        client_id = params.client_id()
        if client_id is not None and "order_id" in params:
            raise Said("ConflictingOptions", "order_id or client_order_id, not both")
        if client_id is None:
            ref = OrderRef(order_id=params.order_id())
        else:
            ref = OrderRef(client_id=self._ids.find(call.account, client_id))

        def act(_now_ns: int) -> Row:
            order = self._host.lookup(
                call.account, order_id=ref.order_id, client_id=ref.client_id
            )
            return self._face.words.order(order)

        return act

    def orders(self, params: Params, call: Call) -> Act:
        def act(_now_ns: int) -> list[Row]:
            found = self._host.open_orders(call.account)
            names = self._face.names
            return [self._face.words.order(it) for it in found if it.symbol in names]

        return act

    def fills(self, params: Params, call: Call) -> Act:
        """Return trades of a market, the oldest from a time on; newest first."""
        symbol = self._face.names.market(params.maybe("symbol") or "").symbol
        limit = params.whole("limit_trades", 50, most=500)
        since_ns = self._since_ns(params)

        def act(_now_ns: int) -> list[Row]:
            found = [
                it
                for it in self._host.venue.fills(call.account)
                if it.symbol == symbol and it.time_ns >= since_ns and stands(it)
            ]
            # What is cut off is the newest: it does not show yet.
            rows = found[:limit] if since_ns else found[-limit:]
            page = self._face.passage.page(call.account, rows)
            return [self._face.words.fill(call.account, it) for it in reversed(page)]

        return act

    def balances(self, params: Params, call: Call) -> Act:
        def act(_now_ns: int) -> list[Row]:
            return [
                {
                    "type": "exchange",
                    "currency": asset,
                    "amount": plain(total),
                    "available": plain(total - held),
                    "availableForWithdrawal": plain(total - held),
                }
                for asset, total, held in self._host.venue.balances(call.account)
            ]

        return act

    def transfers(self, params: Params, call: Call) -> Act:
        """Return deposits and withdrawals, the oldest from a time on; newest first."""
        limit = params.whole("limit_transfers", 10, most=50)
        since_ns = self._since_ns(params)

        def act(_now_ns: int) -> list[Row]:
            found = [
                it
                for it in self._host.venue.events(call.account)
                if it.kind in _MOVES and it.time_ns >= since_ns
            ]
            rows = found[:limit] if since_ns else found[-limit:]
            return [_move(it) for it in reversed(rows)]

        return act

    def fees(self, params: Params, call: Call) -> Act:
        def act(now_ns: int) -> Row:
            market = self._face.names.markets[0]
            maker, taker = (int(it * 10_000) for it in (market.maker_fee, market.taker_fee))
            told: Row = {"last_updated_ms": now_ns // _MS_NS, "notional_30d_volume": 0}
            for door in ("web", "api", "fix"):
                told |= {f"{door}_maker_fee_bps": maker, f"{door}_taker_fee_bps": taker}
            return told

        return act

    def heartbeat(self, params: Params, call: Call) -> Act:
        return lambda _now_ns: {"result": "ok"}

    def _since_ns(self, params: Params) -> int:
        """Read a time in seconds, or in milliseconds where it is too late for seconds."""
        told = params.whole("timestamp", 0)
        return told * (_MS_NS if told >= 10**11 else SECOND_NS)

    def _form(self, params: Params) -> OrderForm:
        market = self._face.names.market(params.maybe("symbol") or "")
        kind, side = _TYPES.get(params.maybe("type") or ""), params.maybe("side") or ""
        if kind is None:
            raise Said("InvalidOrderType", "Invalid order type")
        if side not in _SIDES:
            raise Said("InvalidSide", f"Invalid side for symbol {market.symbol}: '{side}'")
        option = params.option()
        if option is not None and option not in (*OPTIONS, MAKER_OR_CANCEL):
            raise Said("UnsupportedOption", f"Option {option} is not supported")
        stop_price = None
        if kind is OrderType.STOP_LIMIT:
            if option is not None:
                raise Said("ConflictingOptions", "stop-limit orders have no options")
            stop_price = params.decimal("stop_price", "InvalidStopPrice")
        return OrderForm(
            client_order_id="",
            symbol=market.symbol,
            side=_SIDES[side],
            type=kind,
            quantity=params.decimal("amount", "InvalidQuantity"),
            limit_price=params.decimal("price", "InvalidPrice"),
            stop_price=stop_price,
            time_in_force=OPTIONS.get(option or "", TimeInForce.GTC),
            post_only=option == MAKER_OR_CANCEL,
        )


def _move(event: VenueEvent) -> Row:
    return {
        "type": _MOVES[event.kind],
        "status": "Complete",
        "timestampms": event.time_ns // _MS_NS,
        "eid": trade_id(event.event_id),
        "currency": event.asset,
        "amount": plain(abs(event.amount)),
    }
