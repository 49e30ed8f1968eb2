"""What an account can be asked: wallets, orders, trades, money that moved, a key's rights.

https://docs.bitfinex.com/reference/rest-auth-wallets, …/rest-auth-retrieve-orders,
…/rest-auth-orders-history, …/rest-auth-trades, …/rest-auth-ledgers and …/key-permissions,
read 2026-11-21.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from crossdock.model import AccountEventKind
from crossdock.sandbox.engine import VenueEvent, VenueOrder
from crossdock.sandbox.faces.bitfinex.market import Span
from crossdock.sandbox.faces.bitfinex.names import currency
from crossdock.sandbox.faces.bitfinex.params import Params, Row, number, trade_id
from crossdock.sandbox.faces.bitfinex.words import stands
from crossdock.sandbox.faces.contract import Act, Call

if TYPE_CHECKING:
    from crossdock.sandbox.faces.bitfinex.face import BitfinexFace

_MOST = 2500
_ORDERS = 25
_TRADES = 125
_LEDGERS = 125
_MS_NS = 1_000_000
_MOVES = {
    AccountEventKind.DEPOSIT: (101, "Deposit"),
    AccountEventKind.WITHDRAWAL: (104, "Withdrawal"),
}


class Account:
    def __init__(self, face: BitfinexFace) -> None:
        self._face = face
        self._host = face.host

    def reads(self) -> dict[str, Callable[[Params, Call], Act]]:
        return {
            "wallets": self.wallets,
            "positions": self.positions,
            "permissions": self.permissions,
            "orders": self.open_orders,
            "orders/hist": self.done_orders,
            "orders/{symbol}": self.open_orders,
            "orders/{symbol}/hist": self.done_orders,
            "order/{symbol_and_id}/trades": self.order_trades,
            "trades/hist": self.trades,
            "trades/{symbol}/hist": self.trades,
            "ledgers/hist": self.ledgers,
            "ledgers/{currency}/hist": self.ledgers,
        }

    def wallets(self, params: Params, call: Call) -> Act:
        def act(_now_ns: int) -> list[Row]:
            rows = self._host.venue.balances(call.account)
            return [self._face.words.wallet(*row) for row in rows]

        return act

    def positions(self, params: Params, call: Call) -> Act:
        """Return what is held on margin: nothing is here."""
        return lambda _now_ns: []

    def permissions(self, params: Params, call: Call) -> Act:
        holder = call.holder
        assert holder is not None, "the call is signed"
        writes = {"orders": holder.may_trade, "withdraw": holder.may_withdraw}
        scopes = ("account", "orders", "funding", "settings", "wallets", "withdraw")
        return lambda _now_ns: [[it, 1, int(writes.get(it, False))] for it in scopes]

    def open_orders(self, params: Params, call: Call) -> Act:
        wanted = self._wanted(params)

        def act(_now_ns: int) -> list[Row]:
            found = self._host.open_orders(call.account)
            return [self._face.words.order(it) for it in found[::-1] if wanted(it)]

        return act

    def done_orders(self, params: Params, call: Call) -> Act:
        """Return orders that are done, the newest first, by when they were made."""
        wanted, span = self._wanted(params), Span(params, _ORDERS, _MOST)

        def act(_now_ns: int) -> list[Row]:
            found = [
                (it.created_time_ns, it)
                for it in self._host.orders(call.account)
                if it.is_done and wanted(it)
            ]
            return [self._face.words.order(it) for it in span.of(found)]

        return act

    def order_trades(self, params: Params, call: Call) -> Act:
        name, _, number_ = (params.maybe("symbol_and_id") or "").rpartition(":")
        symbol = self._face.names.market(name).symbol
        ids = Params({"id": number_}).ids() or ()

        def act(_now_ns: int) -> list[Row]:
            return [
                self._face.words.fill(call.account, it)
                for it in self._host.venue.fills(call.account)
                if stands(it)
                and it.symbol == symbol
                and self._first(call, it.order_id) in ids
            ]

        return act

    def trades(self, params: Params, call: Call) -> Act:
        name = params.maybe("symbol")
        only = None if name is None else self._face.names.market(name).symbol
        span = Span(params, _TRADES, _MOST)

        def act(_now_ns: int) -> list[Row]:
            found = [
                (it.time_ns, it)
                for it in self._host.venue.fills(call.account)
                if stands(it)
                and it.symbol in self._face.names
                and only in (None, it.symbol)
            ]
            # What is cut off is the newest: it does not show yet.
            page = list(self._face.passage.page(call.account, span.page(found)))
            told = [self._face.words.fill(call.account, it) for it in page]
            return told if span.rises else told[::-1]

        return act

    def ledgers(self, params: Params, call: Call) -> Act:
        """Return deposits and withdrawals, the newest first."""
        code, span = params.maybe("currency"), Span(params, _LEDGERS, _MOST)
        category = params.whole("category", 0)

        def act(_now_ns: int) -> list[Row]:
            found = [
                (it.time_ns, it)
                for it in self._host.venue.events(call.account)
                if it.kind in _MOVES
                and code in (None, currency(it.asset))
                and category in (0, _MOVES[it.kind][0])
            ]
            return [_move(it) for it in span.of(found)]

        return act

    def _wanted(self, params: Params) -> Callable[[VenueOrder], bool]:
        name, ids = params.maybe("symbol"), params.ids()
        only = None if name is None else self._face.names.market(name).symbol

        def wanted(order: VenueOrder) -> bool:
            return (
                order.symbol in self._face.names
                and only in (None, order.symbol)
                and (ids is None or order.chain[0] in ids)
            )

        return wanted

    def _first(self, call: Call, order_id: str) -> str:
        return self._host.venue.find(call.account, order_id=order_id).chain[0]


def _move(event: VenueEvent) -> Row:
    words, code = _MOVES[event.kind][1], currency(event.asset)
    number_ = trade_id(event.event_id)
    told = f"{words} ({code}) #{number_} on wallet exchange"
    time_ms, amount = event.time_ns // _MS_NS, number(event.amount)
    return [number_, code, "exchange", time_ms, None, amount, None, None, told]
