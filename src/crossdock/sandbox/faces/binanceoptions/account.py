"""Reads of an account: orders, trades, money, positions.

https://developers.binance.com/docs/derivatives/options-trading/trade and …/account, read
2026-11-22.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, TypeVar

from crossdock.model import ZERO
from crossdock.sandbox.engine import Refused, VenueOrder
from crossdock.sandbox.engine.exact import value
from crossdock.sandbox.faces.binance_words.params import Params
from crossdock.sandbox.faces.binance_words.writing import milliseconds
from crossdock.sandbox.faces.binanceoptions.words import is_told, order_id
from crossdock.sandbox.faces.contract import Act
from crossdock.sandbox.faces.numbers import plain

if TYPE_CHECKING:
    from crossdock.sandbox.faces.binanceoptions.face import BinanceOptionsFace

_USUAL_ROWS = 100
_MOST_ROWS = 1000
_MS_NS = 1_000_000

Row = TypeVar("Row")


class Account:
    """Reads of one venue's accounts."""

    def __init__(self, face: BinanceOptionsFace) -> None:
        self._face = face
        self._host = face.host

    def order(self, params: Params, account: str) -> Act:
        symbol = self._face.symbols.symbol(params.text("symbol"))
        ref = self._face.order_ref(params, account)

        def act(_now_ns: int) -> Any:
            order = self._host.lookup(
                account, order_id=ref.order_id, client_id=ref.client_id
            )
            if order.symbol != symbol:
                raise Refused("unknown_order", "no such order of this symbol")
            return self._face.words.order(order)

        return act

    def open_orders(self, params: Params, account: str) -> Act:
        symbol = self._symbol(params)

        def act(_now_ns: int) -> Any:
            found = self._of(self._host.open_orders(account), symbol)
            return [self._face.words.order(it) for it in found]

        return act

    def done_orders(self, params: Params, account: str) -> Act:
        symbol = self._face.symbols.symbol(params.text("symbol"))
        span = _span(params)

        def act(_now_ns: int) -> Any:
            done = [it for it in self._of(self._host.orders(account), symbol) if it.is_done]
            rows = span(done, lambda it: it.created_time_ns)
            shown = self._face.passage.page(account, rows)
            return [self._face.words.order(it) for it in shown]

        return act

    def trades(self, params: Params, account: str) -> Act:
        symbol = self._face.symbols.symbol(params.text("symbol"))
        span = _span(params)

        def act(_now_ns: int) -> Any:
            fills = [
                it
                for it in self._host.venue.fills(account)
                if it.symbol == symbol and is_told(it)
            ]
            rows = span(fills, lambda it: it.time_ns)
            shown = self._face.passage.page(account, rows)
            return [self._face.words.trade(account, it) for it in shown]

        return act

    def positions(self, params: Params, account: str) -> Act:
        symbol = self._symbol(params)

        def act(now_ns: int) -> Any:
            return [
                self._face.words.position(it, now_ns)
                for it in self._host.venue.positions(account)
                if it.quantity
                and it.symbol in self._face.symbols
                and symbol in (None, it.symbol)
            ]

        return act

    def money(self, params: Params, account: str) -> Act:
        """Return cash, in which premiums are, and what positions are worth beside it."""

        def act(now_ns: int) -> Any:
            venue, worth = self._host.venue, ZERO
            for it in venue.positions(account):
                mark = self._face.words.mark(it.symbol)
                if it.quantity and mark:
                    worth += value(venue.markets[it.symbol], it.quantity, mark)
            holder = self._host.keys.of_account(account)
            return {
                "asset": [
                    {
                        "asset": asset,
                        "marginBalance": plain(total),
                        "equity": plain(total + worth),
                        "available": plain(max(ZERO, total - held)),
                        "initialMargin": plain(held),
                        "maintMargin": plain(held / 2),
                        "unrealizedPNL": "0",
                        "adjustedEquity": plain(total),
                    }
                    for asset, total, held in venue.balances(account)
                ],
                "greek": [],
                "time": milliseconds(now_ns),
                "canTrade": holder.may_trade,
                "canDeposit": True,
                "canWithdraw": holder.may_withdraw,
                "reduceOnly": False,
                "tradeGroupId": -1,
            }

        return act

    def _symbol(self, params: Params) -> str | None:
        if "symbol" not in params:
            return None
        return self._face.symbols.symbol(params.text("symbol"))

    def _of(self, orders: Sequence[VenueOrder], symbol: str | None) -> list[VenueOrder]:
        symbols = self._face.symbols
        found = [
            it for it in orders if it.symbol in symbols and symbol in (None, it.symbol)
        ]
        return sorted(found, key=order_id)


def _span(params: Params) -> Callable[[list[Row], Callable[[Row], int]], list[Row]]:
    """Return what picks the oldest rows from a start on, else the newest."""
    start_ns, end_ns = params.time_ns("startTime"), params.time_ns("endTime")
    limit = params.whole("limit", _USUAL_ROWS, most=_MOST_ROWS)

    def pick(rows: list[Row], time_of: Callable[[Row], int]) -> list[Row]:
        found = [
            row
            for row in rows
            if (start_ns is None or time_of(row) // _MS_NS >= start_ns // _MS_NS)
            and (end_ns is None or time_of(row) // _MS_NS <= end_ns // _MS_NS)
        ]
        return found[-limit:] if start_ns is None else found[:limit]

    return pick
