"""What an account on spot can be asked: money, orders, fills.

https://www.kucoin.com/docs-new/rest/account-info/introduction and
https://www.kucoin.com/docs-new/rest/spot-trading/orders/introduction, read 2026-11-21.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from crossdock.model import ZERO, AccountEventKind
from crossdock.sandbox.engine import Refused, VenueEvent, VenueOrder
from crossdock.sandbox.faces.contract import Act, Call
from crossdock.sandbox.faces.dealing import OrderRef
from crossdock.sandbox.faces.kucoin.words import is_apart
from crossdock.sandbox.faces.kucoin_gateway.face import Endpoint
from crossdock.sandbox.faces.kucoin_gateway.ids import trade_id
from crossdock.sandbox.faces.kucoin_gateway.moves import moves
from crossdock.sandbox.faces.kucoin_gateway.numbers import Row, ms
from crossdock.sandbox.faces.kucoin_gateway.orders import Span
from crossdock.sandbox.faces.kucoin_gateway.params import Params
from crossdock.sandbox.faces.kucoin_gateway.refusals import Said
from crossdock.sandbox.faces.numbers import plain

if TYPE_CHECKING:
    from crossdock.sandbox.faces.kucoin.face import KucoinFace

_TRADING = ("trade", "trade_hf")
_MOST_FILLS = 100
_MOST_ROWS = 500
NO_ORDER = Said("400100", "The order does not exist.", status=400)


class Account:
    def __init__(self, face: KucoinFace) -> None:
        self._face = face
        self._host = face.host
        self._words = face.words

    def endpoints(self) -> Sequence[Endpoint]:
        reads: dict[str, Any] = {
            "accounts": (self.accounts, 5),
            "trade-fees": (self.fees, 3),
            "deposits": (self.moved(AccountEventKind.DEPOSIT), 5),
            "withdrawals": (self.moved(AccountEventKind.WITHDRAWAL), 20),
            "hf/fills": (self.fills, 2),
            "hf/orders/active": (self.active, 2),
            "hf/orders/active/symbols": (self.active_symbols, 2),
            "hf/orders/done": (self.done, 2),
            "hf/orders/client-order/{clientOid}": (self.by_client, 2),
            "hf/orders/{orderId}": (self.by_id, 2),
            "stop-order": (self.stops, 8),
            "stop-order/queryOrderByClientOid": (self.stops_by_client, 3),
            "stop-order/{orderId}": (self.stop_by_id, 3),
        }
        return [
            Endpoint("GET", f"/api/v1/{path}", prepare, weight)
            for path, (prepare, weight) in reads.items()
        ]

    def accounts(self, params: Params, call: Call) -> Act:
        kind, asset = params.maybe("type") or "trade", params.maybe("currency")

        def act(_now_ns: int) -> list[Row]:
            rows = self._host.venue.balances(call.account) if kind in _TRADING else []
            return [
                {
                    "id": f"{kind}-{currency}",
                    "currency": currency,
                    "type": kind,
                    "balance": plain(total),
                    "available": plain(total - held),
                    "holds": plain(held),
                }
                for currency, total, held in rows
                if asset in (None, currency)
            ]

        return act

    def fees(self, params: Params, call: Call) -> Act:
        symbols = [self._face.names.symbol(it) for it in params.words("symbols")]
        markets = self._host.venue.markets

        def act(_now_ns: int) -> list[Row]:
            return [
                {
                    "symbol": self._face.names.id(it),
                    "takerFeeRate": plain(markets[it].taker_fee),
                    "makerFeeRate": plain(markets[it].maker_fee),
                }
                for it in symbols
            ]

        return act

    def moved(self, kind: AccountEventKind) -> Callable[[Params, Call], Act]:
        def prepare(params: Params, call: Call) -> Act:
            span, asset = Span.of(params), params.maybe("currency")
            size = params.whole("pageSize", 50, most=_MOST_ROWS)
            number = params.whole("currentPage", 1)

            def act(_now_ns: int) -> Row:
                rows = moves(self._host, call.account, frozenset({kind}), asset, span)
                return paged([_move(it) for it in rows], size, number)

            return act

        return prepare

    def fills(self, params: Params, call: Call) -> Act:
        symbol = self._face.names.symbol(params.text("symbol"))
        span = Span.of(params)
        limit = params.whole("limit", _MOST_FILLS, most=_MOST_FILLS)
        last = params.whole("lastId", 0)

        def act(_now_ns: int) -> Row:
            found = self._face.orders.fills(call.account, symbol, span)
            found = [it for it in found if not last or it.sequence < last]
            rows = self._face.orders.newest(call.account, found, limit)
            return {
                "items": [self._words.fill(call.account, it) for it in rows],
                "lastId": rows[-1].sequence if rows else 0,
            }

        return act

    def active(self, params: Params, call: Call) -> Act:
        symbol = self._face.names.symbol(params.text("symbol"))

        def act(_now_ns: int) -> list[Row]:
            return [
                self._words.order(it)
                for it in self._open(call, stops=False)
                if it.symbol == symbol
            ]

        return act

    def active_symbols(self, params: Params, call: Call) -> Act:
        def act(_now_ns: int) -> Row:
            found = {it.symbol for it in self._open(call, stops=False)}
            return {"symbols": sorted(self._face.names.id(it) for it in found)}

        return act

    def done(self, params: Params, call: Call) -> Act:
        symbol = self._face.names.symbol(params.text("symbol"))
        span = Span.of(params)
        limit = params.whole("limit", 20, most=100)

        def act(_now_ns: int) -> Row:
            found = [
                it
                for it in self._host.orders(call.account)
                if it.is_done
                and not is_apart(it)
                and it.symbol == symbol
                and it.updated_time_ns in span
            ]
            rows = found[::-1][:limit]
            return {
                "lastId": rows[-1].number if rows else 0,
                "items": [self._words.order(it) for it in rows],
            }

        return act

    def by_client(self, params: Params, call: Call) -> Act:
        ref = self._face.orders.by_client(call.account, params.text("clientOid"))
        return lambda _now_ns: self._words.order(self._found(call, ref))

    def by_id(self, params: Params, call: Call) -> Act:
        ref = self._face.ref(params.text("orderId"))
        return lambda _now_ns: self._words.order(self._found(call, ref))

    def stops(self, params: Params, call: Call) -> Act:
        name = params.maybe("symbol")
        symbol = None if name is None else self._face.names.symbol(name)
        size = params.whole("pageSize", 50, most=_MOST_ROWS)

        def act(_now_ns: int) -> Row:
            rows = [
                self._words.stop(it)
                for it in self._open(call, stops=True)
                if symbol in (None, it.symbol)
            ]
            return paged(rows, size)

        return act

    def stops_by_client(self, params: Params, call: Call) -> Act:
        """Return a list: several stops may have had one id."""
        ref = self._face.orders.by_client(call.account, params.text("clientOid"))

        def act(_now_ns: int) -> list[Row]:
            try:
                order = self._face.orders.find(call.account, ref)
            except Refused:
                return []
            return [self._words.stop(order)] if is_apart(order) else []

        return act

    def stop_by_id(self, params: Params, call: Call) -> Act:
        ref = self._face.stop_ref(params.text("orderId"))

        def act(_now_ns: int) -> Row:
            try:
                order = self._face.orders.find(call.account, ref)
            except Refused:
                raise NO_ORDER from None
            if not is_apart(order):
                raise NO_ORDER
            return self._words.stop(order)

        return act

    def _found(self, call: Call, ref: OrderRef) -> VenueOrder:
        try:
            order = self._face.orders.find(call.account, ref)
        except Refused:
            raise NO_ORDER from None
        if is_apart(order) or order.symbol not in self._face.names:
            raise NO_ORDER
        return order

    def _open(self, call: Call, *, stops: bool) -> list[VenueOrder]:
        return [
            it
            for it in self._host.open_orders(call.account)
            if it.symbol in self._face.names and is_apart(it) is stops
        ]


def paged(rows: Sequence[Row], size: int, number: int = 1) -> Row:
    """Return a page of a list in its envelope."""
    size, number = max(1, size), max(1, number)
    return {
        "currentPage": number,
        "pageSize": size,
        "totalNum": len(rows),
        "totalPage": -(-len(rows) // size),
        "items": list(rows[(number - 1) * size : number * size]),
    }


def _move(event: VenueEvent) -> Row:
    return {
        "currency": event.asset,
        "status": "SUCCESS",
        "amount": plain(abs(event.amount)),
        "fee": plain(ZERO),
        "walletTxId": trade_id(event.event_id),
        "id": trade_id(event.event_id),
        "isInner": True,
        "remark": event.note,
        "address": "",
        "memo": "",
        "createdAt": ms(event.time_ns),
        "updatedAt": ms(event.time_ns),
    }
