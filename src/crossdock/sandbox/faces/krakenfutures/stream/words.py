"""News in the words of the feeds.

https://docs.kraken.com/exchange/api-reference/futures-websocket/open_orders.md, read
2026-11-21.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from crossdock.model import ZERO, Liquidity, OrderStatus, Side
from crossdock.sandbox.engine import VenueFill, VenueOrder
from crossdock.sandbox.faces.krakenfutures.reads.market import trade_uid
from crossdock.sandbox.faces.krakenfutures.symbols import own_name
from crossdock.sandbox.faces.krakenfutures.words import (
    fill_uid,
    is_told,
    is_trigger,
    milliseconds,
    order_uid,
    type_of,
)
from crossdock.sandbox.stream.news import (
    AccountNews,
    BalancesChanged,
    BookChanged,
    Filled,
    MarketNews,
    OrderChanged,
    Traded,
)

if TYPE_CHECKING:
    from crossdock.sandbox.faces.krakenfutures.face import KrakenFuturesFace

_TYPES = {"lmt": "limit", "post": "limit", "ioc": "limit", "mkt": "market"}
OPEN_ORDERS = "open_orders"
FILLS = "fills"
BALANCES = "balances"


class FeedWords:
    """Words news for one venue, and numbers the changes of each book."""

    def __init__(self, face: KrakenFuturesFace) -> None:
        self._face = face
        self._sequences: dict[str, int] = {}
        self._counts: dict[str, int] = {}
        self._edits: dict[int, int] = {}

    def account(self, account: str, news: AccountNews) -> Iterator[tuple[str, Any]]:
        if isinstance(news, OrderChanged) and news.order.symbol in self._face.symbols:
            yield OPEN_ORDERS, self._changed(news.order, news.fill)
        elif isinstance(news, Filled) and is_told(news.fill):
            if news.fill.symbol in self._face.symbols:
                row = self.fill(account, news.fill)
                head = {"feed": FILLS, "username": account}
                yield FILLS, head | {"fills": [row]}
        elif isinstance(news, BalancesChanged):
            yield BALANCES, self.balances(account)

    def market(self, news: MarketNews) -> Iterator[tuple[tuple[str, str], Any]]:
        if news.symbol not in self._face.symbols:
            return
        name = self._face.symbols.id(news.symbol)
        if isinstance(news, BookChanged):
            for side, rows in (("buy", news.bids), ("sell", news.asks)):
                for price, quantity in rows:
                    yield (
                        ("book", name),
                        {
                            "feed": "book",
                            "product_id": name,
                            "side": side,
                            "seq": self._next(self._sequences, name),
                            "price": price,
                            "qty": quantity,
                            "timestamp": milliseconds(news.time_ns),
                        },
                    )
        elif isinstance(news, Traded):
            yield ("trade", name), self.trade(name, news)

    def book(self, name: str) -> dict[str, Any]:
        """Return the book a subscription begins with."""
        symbol = self._face.symbols.symbol(name)
        _, bids, asks = self._face.host.venue.book(symbol, 10_000)
        return {
            "feed": "book_snapshot",
            "product_id": name,
            "timestamp": milliseconds(self._face.host.now_ns()),
            "seq": self._sequences.get(name, 0),
            "tickSize": None,
            "bids": [{"price": price, "qty": quantity} for price, quantity in bids],
            "asks": [{"price": price, "qty": quantity} for price, quantity in asks],
        }

    def trade(self, name: str, news: Traded) -> dict[str, Any]:
        return {
            "feed": "trade",
            "product_id": name,
            "uid": trade_uid(news),
            "side": news.side.value,
            "type": "fill",
            "seq": news.number,
            "time": milliseconds(news.time_ns),
            "qty": news.quantity,
            "price": news.price,
        }

    def open_order(self, order: VenueOrder) -> dict[str, Any]:
        row = {
            "instrument": self._face.symbols.id(order.symbol),
            "time": milliseconds(order.created_time_ns),
            "last_update_time": milliseconds(order.updated_time_ns),
            "qty": order.leaves,
            "filled": order.cumulative_quantity,
            "limit_price": order.limit_price or ZERO,
            "stop_price": (order.stop_price or ZERO) if is_trigger(order) else ZERO,
            "type": _TYPES.get(type_of(order), type_of(order)),
            "order_id": order_uid(order),
            "cli_ord_id": self._face.words.client_id(order, order.account),
            "direction": 0 if order.side is Side.BUY else 1,
            "reduce_only": order.reduce_only,
        }
        return {name: it for name, it in row.items() if it is not None}

    def fill(self, account: str, fill: VenueFill) -> dict[str, Any]:
        row = {
            "instrument": self._face.symbols.id(fill.symbol),
            "time": milliseconds(fill.time_ns),
            "price": fill.price,
            "seq": self._next(self._counts, account),
            "buy": fill.side is Side.BUY,
            "qty": fill.quantity,
            "remaining_order_qty": ZERO,
            "order_id": self._face.fill_order_id(account, fill),
            "cli_ord_id": self._face.words.client_id(fill, account),
            "fill_id": fill_uid(fill.execution_id),
            "fill_type": "maker" if fill.liquidity is Liquidity.MAKER else "taker",
            "fee_paid": fill.fee,
            "fee_currency": own_name(fill.fee_asset),
            "taker_order_type": "lmt",
            "order_type": "lmt",
        }
        return {name: it for name, it in row.items() if it is not None}

    def balances(self, account: str) -> dict[str, Any]:
        currencies = {
            own_name(asset): {
                "quantity": total,
                "value": total,
                "collateral_value": total,
                "available": max(ZERO, total - held),
                "haircut": ZERO,
            }
            for asset, total, held in self._face.host.venue.balances(account)
        }
        return {
            "feed": BALANCES,
            "account": account,
            "timestamp": milliseconds(self._face.host.now_ns()),
            "seq": self._next(self._counts, account),
            "holding": {},
            "futures": {},
            "flex_futures": {"currencies": currencies},
        }

    def _changed(self, order: VenueOrder, fill: VenueFill | None) -> dict[str, Any]:
        """Tell an order that is open, or the end of one by its ids alone."""
        if order.is_done:
            ended = {
                "feed": OPEN_ORDERS,
                "order_id": order_uid(order),
                "cli_ord_id": self._face.words.client_id(order, order.account),
                "is_cancel": True,
                "reason": self._end(order),
            }
            return {name: it for name, it in ended.items() if it is not None}
        return {
            "feed": OPEN_ORDERS,
            "order": self.open_order(order),
            "is_cancel": False,
            "reason": self._reason(order, fill),
        }

    def _end(self, order: VenueOrder) -> str:
        if order.status is OrderStatus.FILLED:
            return "full_fill"
        if order.status is OrderStatus.CANCELED and not order.reason:
            return "cancelled_by_user"
        if order.reason == "liquidation":
            return "liquidation"
        failed = "ioc_order_failed_because_it_would_not_be_executed"
        return "partial_fill" if order.cumulative_quantity else failed

    def _reason(self, order: VenueOrder, fill: VenueFill | None) -> str:
        if fill is not None:
            return "partial_fill"
        edits = order.chain.index(order.id)
        if edits > self._edits.get(order.number, 0):
            self._edits[order.number] = edits
            return "edited_by_user"
        if order.has_triggered:
            return "stop_order_triggered"
        return "new_placed_order_by_user"

    def _next(self, counts: dict[str, int], name: str) -> int:
        counts[name] = counts.get(name, 0) + 1
        return counts[name]
