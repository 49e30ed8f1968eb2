"""What an account is told: orders, balances, lists.

https://github.com/binance/binance-spot-api-docs/blob/a5e0bc3/user-data-stream.md, read 2026-11-21.
"""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from crossdock.model import ZERO, AccountEventKind, Liquidity, OrderStatus
from crossdock.sandbox.engine import VenueFill, VenueOrder
from crossdock.sandbox.faces.binance.words import (
    STP,
    bips,
    expiry_reason,
    list_id,
    list_of,
    order_id,
    status_of,
    time_in_force,
    told_status,
    trade_id,
    type_of,
)
from crossdock.sandbox.faces.binance_words.writing import eight, milliseconds, side_of
from crossdock.sandbox.stream.news import AccountNews, BalancesChanged, Moved, OrderChanged

if TYPE_CHECKING:
    from crossdock.sandbox.faces.binance.face import BinanceFace

_TRANSFERS = frozenset(
    {AccountEventKind.DEPOSIT, AccountEventKind.WITHDRAWAL, AccountEventKind.TRANSFER}
)
_ENDS = {
    OrderStatus.CANCELED: "CANCELED",
    OrderStatus.EXPIRED: "EXPIRED",
    OrderStatus.REJECTED: "REJECTED",
}


class UserData:
    """Events of one venue's accounts."""

    def __init__(self, face: BinanceFace) -> None:
        self._face = face
        self._amends: dict[int, int] = {}
        self._told_lists: dict[int, str] = {}

    def events(self, news: AccountNews) -> Iterator[dict[str, Any]]:
        """Return the events a piece of news makes, none for what Binance does not tell."""
        if isinstance(news, OrderChanged):
            if news.order.symbol in self._face.symbols:
                yield self._execution(news.order, news.fill)
                yield from self._list(news.order)
        elif isinstance(news, BalancesChanged):
            yield self._event("outboundAccountPosition") | {
                "u": milliseconds(news.time_ns),
                "B": [
                    {"a": asset, "f": eight(total - held), "l": eight(held)}
                    for asset, total, held in news.rows
                ],
            }
        elif isinstance(news, Moved) and news.event.kind in _TRANSFERS:
            yield self._event("balanceUpdate") | {
                "a": news.event.asset,
                "d": eight(news.event.amount),
                "T": milliseconds(news.event.time_ns),
            }

    def _execution(self, order: VenueOrder, fill: VenueFill | None) -> dict[str, Any]:
        kind = self._kind(order, fill)
        client_id = self._face.client_id(order.account, order.client_order_id)
        original = ""
        if kind == "CANCELED":
            original, client_id = client_id, self._face.cancel_id(order) or client_id
        is_working = not (order.is_done or order.is_waiting or order.is_pending)
        body = self._event("executionReport") | {
            "s": self._face.symbols.id(order.symbol),
            "c": client_id,
            "S": side_of(order.side),
            "o": type_of(order),
            "f": time_in_force(order),
            "q": eight(order.quantity),
            "p": eight(order.limit_price or ZERO),
            "P": eight(self._face.words.stop_price(order)),
            "F": eight(ZERO),
            "g": list_id(order),
            "C": original,
            "x": kind,
            "X": status_of(order),
            "r": "NONE",
            "i": order_id(order),
            "l": eight(ZERO if fill is None else fill.quantity),
            "z": eight(order.cumulative_quantity),
            "L": eight(ZERO if fill is None else fill.price),
            "n": "0" if fill is None else eight(fill.fee),
            "N": None if fill is None else fill.fee_asset,
            "T": milliseconds(order.updated_time_ns),
            "t": -1 if fill is None else trade_id(fill),
            "I": self._face.next_execution(),
            "w": is_working,
            "m": fill is not None and fill.liquidity is Liquidity.MAKER,
            "M": False,
            "O": milliseconds(order.created_time_ns),
            "Z": eight(self._cost(order)),
            "Y": eight(ZERO if fill is None else fill.price * fill.quantity),
            "Q": eight(ZERO),
            "V": STP,
        }
        if is_working:
            body["W"] = milliseconds(order.created_time_ns)
        if order.trail_percent is not None:
            body["d"] = bips(order.trail_percent)
        if kind == "EXPIRED":
            body["eR"] = expiry_reason(order)
        return body

    def _kind(self, order: VenueOrder, fill: VenueFill | None) -> str:
        if fill is not None:
            return "TRADE"
        ended = _ENDS.get(told_status(order))
        if ended is not None:
            return ended
        amends = order.chain.index(order.id)
        if amends > self._amends.get(order.number, 0):
            self._amends[order.number] = amends
            return "REPLACED"
        return "NEW"

    def _cost(self, order: VenueOrder) -> Decimal:
        """Return what the order had cost by then: later fills of its may be told yet."""
        cost = ZERO
        left = order.cumulative_quantity
        for it in self._face.host.feed.totals.of(order).fills.values():
            if left <= 0:
                break
            cost += it.price * it.quantity
            left -= it.quantity
        return cost

    def _list(self, order: VenueOrder) -> Iterator[dict[str, Any]]:
        """Tell that a list began, and that all of it is done, each once."""
        number = list_id(order)
        if number < 0:
            return
        row = self._face.words.order_list(list_of(order)[0])
        state = row["listOrderStatus"]
        if self._told_lists.get(number) == state:
            return
        self._told_lists[number] = state
        yield self._event("listStatus") | {
            "s": row["symbol"],
            "g": number,
            "c": row["contingencyType"],
            "l": row["listStatusType"],
            "L": state,
            "r": "NONE",
            "C": row["listClientOrderId"],
            "T": row["transactionTime"],
            "O": [
                {"s": it["symbol"], "i": it["orderId"], "c": it["clientOrderId"]}
                for it in row["orders"]
            ],
        }

    def _event(self, name: str) -> dict[str, Any]:
        return {"e": name, "E": milliseconds(self._face.host.now_ns())}
