"""Reads of an account's orders and fills, newest first."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from crossdock.model import FillKind
from crossdock.sandbox.engine import Refused, VenueFill, VenueOrder
from crossdock.sandbox.faces.coinbase.ids import order_number, trade_id
from crossdock.sandbox.faces.coinbase.orders import groups
from crossdock.sandbox.faces.coinbase.orders.words import (
    id_of,
    side_of,
    status_of,
    time_in_force,
    type_of,
)
from crossdock.sandbox.faces.coinbase.params import Query
from crossdock.sandbox.faces.coinbase.refusals import invalid
from crossdock.sandbox.faces.coinbase.values import Row
from crossdock.sandbox.faces.contract import Act, Call

if TYPE_CHECKING:
    from crossdock.sandbox.faces.coinbase.face import CoinbaseFace

_USUAL_ROWS = 100
_MOST_ROWS = 1000
_END = 10**30


class Orders:
    """Reads of one venue's orders and fills.

    A cursor is the number of the last row of a page; the next page begins below it, so
    what is new meanwhile shifts nothing.
    """

    def __init__(self, face: CoinbaseFace) -> None:
        self._face = face
        self._host = face.host

    def order(self, call: Call) -> Act:
        number = order_number(call.request.match_info["order_id"])

        def act(_now_ns: int) -> Row:
            if number is None:
                raise Refused("unknown_order", "no such order")
            order = self._host.lookup(call.account, order_id=number)
            return {"order": self._face.words.order(groups.head(order))}

        return act

    def batch(self, call: Call) -> Act:
        query = self._query(call)
        suits = self._chosen(query)
        limit, below = self._page_of(query)

        def act(_now_ns: int) -> Row:
            orders = [
                it
                for it in reversed(self._host.orders(call.account))
                if it.number < below
                and it.symbol in self._face.products
                and groups.head(it) is it
                and suits(it)
            ]
            page = self._page(call.account, orders[:limit])
            has_next = len(page) < len(orders)
            return {
                "orders": [self._face.words.order(it) for it in page],
                "sequence": "0",
                "has_next": has_next,
                "cursor": str(page[-1].number) if has_next and page else "",
            }

        return act

    def fills(self, call: Call) -> Act:
        query = self._query(call)
        account = call.account
        limit, below = self._page_of(query)
        trades = query.many("trade_ids", "trade_id")
        products = query.many("product_ids", "product_id")
        numbers = {order_number(it) for it in query.many("order_ids", "order_id")}
        first_ns = query.time_ns("start_sequence_timestamp") or 0
        end_ns = query.time_ns("end_sequence_timestamp") or _END

        def suits(fill: VenueFill) -> bool:
            return (
                fill.sequence < below
                and fill.kind is FillKind.REPORTED
                and fill.symbol in self._face.products
                and first_ns <= fill.time_ns < end_ns
                and (not trades or trade_id(fill.execution_id) in trades)
                and (not products or self._face.products.id(fill.symbol) in products)
                and (not numbers or self._order_number(account, fill) in numbers)
            )

        def act(_now_ns: int) -> Row:
            found = [it for it in reversed(self._host.venue.fills(account)) if suits(it)]
            page = self._page(account, found[:limit])
            is_last = len(page) == len(found)
            return {
                "fills": [self._face.words.fill(account, it) for it in page],
                "cursor": "" if is_last or not page else str(page[-1].sequence),
            }

        return act

    def _chosen(self, query: Query) -> Callable[[VenueOrder], bool]:
        """Read filters of orders: names are those of the documentation and older ones."""
        filters: list[tuple[frozenset[str], Callable[[VenueOrder], str]]] = [
            (query.many("order_ids"), id_of),
            (query.many("product_ids", "product_id"), self._product_id),
            (query.many("order_status"), status_of),
            (query.many("order_types", "order_type"), type_of),
            (query.many("time_in_forces"), time_in_force),
            (query.many("order_side"), lambda it: side_of(it.side)),
            (query.many("product_type"), lambda _: "SPOT"),
        ]
        asked = query.many("order_status")
        if "OPEN" in asked and len(asked) > 1:
            raise invalid("cannot pair open orders with other order statuses")
        first_ns = query.time_ns("start_date") or 0
        end_ns = query.time_ns("end_date") or _END

        def suits(order: VenueOrder) -> bool:
            return first_ns <= order.created_time_ns < end_ns and all(
                not values or tell(order) in values for values, tell in filters
            )

        return suits

    def _product_id(self, order: VenueOrder) -> str:
        return self._face.products.id(order.symbol)

    def _order_number(self, account: str, fill: VenueFill) -> str:
        order = self._host.venue.find(account, order_id=fill.order_id)
        return groups.head(order).chain[0]

    def _page_of(self, query: Query) -> tuple[int, int]:
        limit = query.whole("limit", _USUAL_ROWS, most=_MOST_ROWS)
        return limit or _USUAL_ROWS, query.whole("cursor", _END)

    def _page(self, account: str, rows: Sequence[Any]) -> Sequence[Any]:
        return self._face.passage.page(account, rows)

    def _query(self, call: Call) -> Query:
        return Query(call.request.rel_url.raw_query_string)
